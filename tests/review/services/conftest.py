"""Who has more rights than an editor."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission


@pytest.fixture
def lead(other_editor):
    """An editor who may take back anybody's decisions."""
    other_editor.user_permissions.add(Permission.objects.get(codename="undo_any_decision"))
    return type(other_editor).objects.get(pk=other_editor.pk)
