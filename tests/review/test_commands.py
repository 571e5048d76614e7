"""The demo's people may do what their pages offer."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.management import call_command


def test_publishers_close_campaigns_and_editors_do_not(db):
    call_command("seed_demo", verbosity=0)

    may_close = [
        user.username
        for user in User.objects.order_by("username")
        if user.has_perm("catalog.change_campaign")
    ]
    assert may_close == ["admin", "publisher"]
