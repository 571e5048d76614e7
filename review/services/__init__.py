"""What a person, a program or the clock may ask of review."""

from review.services.claiming import (
    claim_draft,
    claim_first,
    holder_of,
    renew_claim,
    take_over_draft,
)
from review.services.deciding import (
    MOST_SPANS,
    BulkOutcome,
    Circumstances,
    Fault,
    approve_draft,
    approve_drafts,
    edit_draft,
    reject_draft,
    reject_drafts,
    weight_of,
)
from review.services.exporting import signals
from review.services.publishing import (
    publish_decision,
    republish,
    requeue_due_publications,
    withdraw_publication,
)
from review.services.undoing import last_decision, undo_decision

__all__ = [
    "MOST_SPANS",
    "BulkOutcome",
    "Circumstances",
    "Fault",
    "approve_draft",
    "approve_drafts",
    "claim_draft",
    "claim_first",
    "edit_draft",
    "holder_of",
    "last_decision",
    "publish_decision",
    "reject_draft",
    "reject_drafts",
    "renew_claim",
    "republish",
    "requeue_due_publications",
    "signals",
    "take_over_draft",
    "undo_decision",
    "weight_of",
    "withdraw_publication",
]
