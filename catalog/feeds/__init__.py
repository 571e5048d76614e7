"""Pure readers of product feeds: bytes in, rows and refusals out. Nothing here knows a database."""

from catalog.feeds.reading import read_feed
from catalog.feeds.rows import FeedProduct, Reading, Refusal, Unreadable

__all__ = ["FeedProduct", "Reading", "Refusal", "Unreadable", "read_feed"]
