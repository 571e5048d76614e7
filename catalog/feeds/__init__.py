"""Pure readers of product feeds: bytes in, products and refusals out; no database in here."""

from catalog.feeds.reading import FORMATS, read_feed
from catalog.feeds.rows import FeedProduct, FeedText, Note, Reading, Unreadable

__all__ = ["FORMATS", "FeedProduct", "FeedText", "Note", "Reading", "Unreadable", "read_feed"]
