"""What the database itself refuses of a draft, whoever writes it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from generation.models import Draft


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "forgotten"},
        {"status": "approved"},  # by nobody, at no time
        {"status": "published"},
        {"status": "rejected"},
        {"status": "withdrawn"},
        {"status": "deferred"},  # until no time
        {"status": "proposed", "decided": True},
        {"text": ""},
        {"score": 1.5},
    ],
)
def test_a_state_that_cannot_be_is_not_kept(draft, changes):
    wrong = dict(changes)
    if wrong.pop("decided", False):
        wrong["decided_at"] = timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(**wrong)

    draft.refresh_from_db()
    assert (draft.status, draft.decided_at) == ("proposed", None)
