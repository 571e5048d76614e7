"""What a person, a program or the clock may ask of review."""

from review.services.assigning import assign_drafts, distribute_drafts
from review.services.bulk import (
    BulkOutcome,
    approve_drafts,
    defer_drafts,
    foresee,
    reject_drafts,
    undo_group,
)
from review.services.claiming import (
    claim_draft,
    claim_first,
    holder_of,
    release_drafts,
    renew_claim,
    take_over_draft,
)
from review.services.commenting import (
    Said,
    Thread,
    comment_on,
    names_like,
    remove_comment,
    resolve_comment,
    threads_of,
)
from review.services.deciding import (
    MOST_SPANS,
    Circumstances,
    Fault,
    approve_draft,
    defer_draft,
    edit_draft,
    is_own_text,
    reject_draft,
    weight_of,
)
from review.services.exporting import signals
from review.services.notifying import (
    choose,
    notify,
    preferences_of,
    queue_digests,
    read_all_notifications,
    read_notification,
    remind_of_due_drafts,
    unread_number,
)
from review.services.publishing import (
    publish_decisions,
    republish,
    requeue_due_publications,
    revert_to,
    schedule_publication,
    withdraw_publication,
)
from review.services.returning import (
    bring_back,
    expire_forgotten_drafts,
    return_deferred_drafts,
)
from review.services.sampling import Reading, reading_of, settle_batch, start_batch
from review.services.touring import end_tour, needs_tour
from review.services.undoing import last_decision, undo_decision
from review.services.viewing import delete_view, save_view

__all__ = [
    "MOST_SPANS",
    "BulkOutcome",
    "Circumstances",
    "Fault",
    "Reading",
    "Said",
    "Thread",
    "approve_draft",
    "approve_drafts",
    "assign_drafts",
    "bring_back",
    "choose",
    "claim_draft",
    "claim_first",
    "comment_on",
    "defer_draft",
    "defer_drafts",
    "delete_view",
    "distribute_drafts",
    "edit_draft",
    "end_tour",
    "expire_forgotten_drafts",
    "foresee",
    "holder_of",
    "is_own_text",
    "last_decision",
    "names_like",
    "needs_tour",
    "notify",
    "preferences_of",
    "publish_decisions",
    "queue_digests",
    "read_all_notifications",
    "read_notification",
    "reading_of",
    "reject_draft",
    "reject_drafts",
    "release_drafts",
    "remind_of_due_drafts",
    "remove_comment",
    "renew_claim",
    "republish",
    "requeue_due_publications",
    "resolve_comment",
    "return_deferred_drafts",
    "revert_to",
    "save_view",
    "schedule_publication",
    "settle_batch",
    "signals",
    "start_batch",
    "take_over_draft",
    "threads_of",
    "undo_decision",
    "undo_group",
    "unread_number",
    "weight_of",
    "withdraw_publication",
]
