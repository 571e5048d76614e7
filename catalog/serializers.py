"""What the API shows and takes of the catalogue."""

from rest_framework import serializers

from catalog.choices import Language
from catalog.feeds import FORMATS, ROLES
from catalog.models import Campaign, Channel, ContentKind, FeedImport, Product, ProductText
from catalog.models.campaign import check_languages


class ProductTextSerializer(serializers.ModelSerializer):
    """A product's title and facts in one language."""

    attributes = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=500), min_length=2, max_length=2
        ),
        required=False,
        help_text="Pairs of key and value, in order; keys may repeat.",
    )

    class Meta:
        model = ProductText
        fields = ["language", "title", "audience", "attributes", "description"]


class ProductSerializer(serializers.ModelSerializer):
    """A product with its texts."""

    brand = serializers.CharField(source="brand.name", read_only=True, default=None)
    category = serializers.CharField(source="category.slug", read_only=True, default=None)
    texts = ProductTextSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = ["sku", "brand", "category", "price_cny", "price_usd", "source", "texts"]


class ColumnsSerializer(serializers.Serializer):
    """What the columns of a plain table are."""

    roles = serializers.DictField(
        child=serializers.ChoiceField(choices=ROLES), help_text="Of each column, by its name."
    )


class FeedImportSerializer(serializers.ModelSerializer):
    """A feed on its way in: how far it is, and what becomes of it."""

    file = serializers.FileField(write_only=True, help_text="The feed.")
    format = serializers.ChoiceField(
        choices=FORMATS, default="auto", help_text="What it is read as; auto tells by its columns."
    )
    requested_by = serializers.CharField(
        source="requested_by.username", read_only=True, default=None
    )
    refusals = serializers.JSONField(
        read_only=True, help_text="The first rows that were not taken: line, column and reason."
    )
    columns = serializers.JSONField(
        read_only=True,
        help_text="Those of a plain table: their name, role and first values. POST columns/ says"
        " what they are.",
    )
    remarks = serializers.JSONField(
        read_only=True, help_text="What was read differently than it stands."
    )

    class Meta:
        model = FeedImport
        fields = [
            "id",
            "file",
            "file_name",
            "format",
            "encoding",
            "stage",
            "status",
            "rows",
            "place",
            "created",
            "updated",
            "unchanged",
            "merged",
            "refused",
            "refusals",
            "remarks",
            "columns",
            "failure",
            "requested_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = [name for name in fields if name not in {"file", "format"}]


class CampaignSerializer(serializers.ModelSerializer):
    """A campaign: what is wanted, for which products, when."""

    kinds = serializers.SlugRelatedField("slug", many=True, queryset=ContentKind.objects.all())
    channels = serializers.SlugRelatedField(
        "slug", many=True, queryset=Channel.objects.all(), required=False
    )
    products = serializers.SlugRelatedField("sku", many=True, queryset=Product.objects.all())
    languages = serializers.ListField(
        child=serializers.ChoiceField(Language.choices), validators=[check_languages]
    )
    variants = serializers.IntegerField(min_value=1, max_value=8, default=1)

    class Meta:
        model = Campaign
        fields = [
            "slug",
            "name",
            "status",
            "kinds",
            "languages",
            "channels",
            "products",
            "variants",
            "starts_at",
            "due_at",
            "publish_at",
            "created_at",
        ]
        read_only_fields = ["slug", "status", "created_at"]
