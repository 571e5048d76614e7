"""Writing the audit log: one call in the transaction of the act."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import models

from catalog.models import AuditEntry


def record(action: str, target: models.Model, *, user: User | None, **details: Any) -> AuditEntry:
    """Keep that somebody did something.

    Args:
        action: what was done, as noun and verb: "checkpoint.activate".
        target: the row that it was done to.
        user: who did it; None is the clock, or a command.
        details: what else is to be known of it, JSON-ready.
    """
    words = f"{target._meta.model_name} {target.pk}: {target}"  # noqa: SLF001 - Django's own name
    return AuditEntry.objects.create(action=action, target=words[:200], user=user, details=details)
