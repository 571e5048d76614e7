"""What a person, a program or the clock may ask of review."""

from review.services.deciding import (
    BulkOutcome,
    approve_draft,
    approve_drafts,
    edit_draft,
    reject_draft,
    reject_drafts,
)
from review.services.publishing import (
    publish_decision,
    republish,
    requeue_due_publications,
    withdraw_publication,
)

__all__ = [
    "BulkOutcome",
    "approve_draft",
    "approve_drafts",
    "edit_draft",
    "publish_decision",
    "reject_draft",
    "reject_drafts",
    "republish",
    "requeue_due_publications",
    "withdraw_publication",
]
