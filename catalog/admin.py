"""The catalogue in the admin."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.forms import Field, SplitDateTimeField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from catalog.models import (
    AuditEntry,
    Brand,
    BuyerReview,
    Campaign,
    Category,
    Channel,
    ColumnRoles,
    ContentKind,
    FeedImport,
    Product,
    ProductText,
)


class ProductTextInline(admin.StackedInline):
    """A product's texts under the product."""

    model = ProductText
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """Products with their texts."""

    list_display = ["sku", "title_zh", "title_en", "brand", "category", "price_cny", "price_usd"]
    list_filter = ["source", "category", "brand"]
    search_fields = ["sku", "texts__title"]
    list_select_related = ["brand", "category"]
    inlines = [ProductTextInline]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Products with their texts, in two queries."""
        return super().get_queryset(request).prefetch_related("texts")

    @admin.display(description=_("title in Chinese"))
    def title_zh(self, product: Product) -> str:
        """The Chinese title."""
        text = product.text("zh-hans")
        return text.title if text else "-"

    @admin.display(description=_("title in English"))
    def title_en(self, product: Product) -> str:
        """The English title."""
        text = product.text("en")
        return text.title if text else "-"


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    """Campaigns; generation adds what can be done with them."""

    list_display = ["name", "status", "variants", "starts_at", "started_at", "created_at"]
    list_filter = ["status"]
    search_fields = ["name", "slug"]
    readonly_fields = ["status", "started_at", "closed_at", "created_by"]
    filter_horizontal = ["kinds", "channels"]
    autocomplete_fields = ["products"]
    prepopulated_fields = {"slug": ["name"]}

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        """Give both fields of a moment a name, which Django's own have not."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, SplitDateTimeField):
            for part, name in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                part.attrs["aria-label"] = f"{db_field.verbose_name}: {name}"
        return field


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    """Brands and their voices."""

    list_display = ["name", "slug"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """Shelves."""

    list_display = ["slug", "name_zh", "name_en"]


@admin.register(ContentKind)
class ContentKindAdmin(admin.ModelAdmin):
    """Kinds of copy and their limits."""

    list_display = ["slug", "name_zh", "name_en", "max_chars_zh", "max_chars_en"]


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):
    """Places that copy goes to."""

    list_display = ["name", "slug", "publisher", "is_active"]


@admin.register(BuyerReview)
class BuyerReviewAdmin(admin.ModelAdmin):
    """Buyers' words."""

    list_display = ["product", "language", "rating", "is_verified", "text"]
    list_filter = ["language", "rating"]
    list_select_related = ["product"]
    raw_id_fields = ["product"]
    show_full_result_count = False


@admin.register(FeedImport)
class FeedImportAdmin(admin.ModelAdmin):
    """Feeds on their way in and what came of them; nothing to change here."""

    list_display = [
        "file_name",
        "stage",
        "status",
        "format",
        "created",
        "updated",
        "unchanged",
        "refused",
        "requested_by",
        "created_at",
    ]
    list_filter = ["stage", "status", "format"]
    list_select_related = ["requested_by"]
    search_fields = ["file_name"]
    show_full_result_count = False

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Have it looked at first, where every import begins."""
        return redirect("catalog:import-create")

    def has_change_permission(self, request: HttpRequest, obj: FeedImport | None = None) -> bool:
        """A record of what happened stays as it is."""
        return False


@admin.register(ColumnRoles)
class ColumnRolesAdmin(admin.ModelAdmin):
    """What somebody said that the columns of tables are; who deletes that lets names tell again."""

    list_display = ["file_name", "updated_by", "updated_at"]
    list_select_related = ["updated_by"]
    search_fields = ["file_name"]
    readonly_fields = ["fingerprint", "file_name", "updated_by"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Said on the page of an import, where the columns are seen."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Said there, too."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """What was done; to be read, and nothing else."""

    list_display = ["at", "user", "action", "target"]
    list_filter = ["action"]
    list_select_related = ["user"]
    search_fields = ["target"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Written by services alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never removed."""
        return False
