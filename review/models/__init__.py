"""The rows of review: claims, decisions, publications and the storefront's own shelf."""

from review.models.claim import Claim
from review.models.decision import Decision
from review.models.publication import Publication
from review.models.shelf_copy import ShelfCopy

__all__ = ["Claim", "Decision", "Publication", "ShelfCopy"]
