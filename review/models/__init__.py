"""The rows of review: who decides what, what was decided, said and told, and what is on shelves."""

from review.models.assignment import Assignment, AssignmentRule
from review.models.batch import Batch, BatchDraft
from review.models.claim import Claim
from review.models.comment import Comment
from review.models.decision import Decision
from review.models.notification import Notification
from review.models.preferences import Preferences
from review.models.publication import Publication
from review.models.queue_view import QueueView
from review.models.second_opinion_rule import SecondOpinionRule
from review.models.shelf_copy import ShelfCopy
from review.models.supersession import Supersession
from review.models.tour import Tour

__all__ = [
    "Assignment",
    "AssignmentRule",
    "Batch",
    "BatchDraft",
    "Claim",
    "Comment",
    "Decision",
    "Notification",
    "Preferences",
    "Publication",
    "QueueView",
    "SecondOpinionRule",
    "ShelfCopy",
    "Supersession",
    "Tour",
]
