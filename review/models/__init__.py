"""The rows of review: decisions, publications and the storefront's own shelf."""

from review.models.decision import Decision
from review.models.publication import Publication
from review.models.shelf_copy import ShelfCopy

__all__ = ["Decision", "Publication", "ShelfCopy"]
