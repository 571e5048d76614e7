"""Pure readers of product feeds: a file in, products and refusals out; no database of ours here."""

from catalog.feeds.generic import ROLES
from catalog.feeds.reading import FORMATS, Column, Reading, Roles, read_feed
from catalog.feeds.rows import FeedProduct, FeedText, Refusal, Unreadable

__all__ = [
    "FORMATS",
    "ROLES",
    "Column",
    "FeedProduct",
    "FeedText",
    "Reading",
    "Refusal",
    "Roles",
    "Unreadable",
    "read_feed",
]
