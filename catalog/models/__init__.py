"""What to sell, where copy for it goes, and when."""

from catalog.models.audit import AuditEntry
from catalog.models.brand import Brand
from catalog.models.buyer_review import BuyerReview
from catalog.models.campaign import Campaign
from catalog.models.channel import Channel
from catalog.models.column_roles import ColumnRoles
from catalog.models.content_kind import ContentKind
from catalog.models.feed_import import FeedImport
from catalog.models.product import Category, Product, ProductText

__all__ = [
    "AuditEntry",
    "Brand",
    "BuyerReview",
    "Campaign",
    "Category",
    "Channel",
    "ColumnRoles",
    "ContentKind",
    "FeedImport",
    "Product",
    "ProductText",
]
