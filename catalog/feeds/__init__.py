"""Pure readers of product feeds: a file in, products and refusals out; no database of ours here."""

from catalog.feeds.reading import FORMATS, Reading, read_feed
from catalog.feeds.rows import FeedProduct, FeedText, Refusal, Unreadable

__all__ = ["FORMATS", "FeedProduct", "FeedText", "Reading", "Refusal", "Unreadable", "read_feed"]
