"""The rows of review: who decides what, decisions, publications and the storefront's shelf."""

from review.models.assignment import Assignment, AssignmentRule
from review.models.batch import Batch, BatchDraft
from review.models.claim import Claim
from review.models.decision import Decision
from review.models.publication import Publication
from review.models.queue_view import QueueView
from review.models.second_opinion_rule import SecondOpinionRule
from review.models.shelf_copy import ShelfCopy

__all__ = [
    "Assignment",
    "AssignmentRule",
    "Batch",
    "BatchDraft",
    "Claim",
    "Decision",
    "Publication",
    "QueueView",
    "SecondOpinionRule",
    "ShelfCopy",
]
