"""The catalogue under /api/v1/."""

from rest_framework import mixins, viewsets
from rest_framework.exceptions import ValidationError

from catalog import services
from catalog.errors import CatalogError
from catalog.models import Campaign, Product
from catalog.serializers import CampaignSerializer, ProductSerializer


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    """Products with their facts; they come in by import."""

    queryset = Product.objects.with_texts()
    serializer_class = ProductSerializer
    lookup_field = "sku"
    lookup_value_regex = "[^/]+"
    filterset_fields = ["category__slug", "source"]


class CampaignViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """Campaigns: list, open."""

    queryset = Campaign.objects.prefetch_related("kinds", "channels", "products")
    serializer_class = CampaignSerializer
    lookup_field = "slug"
    filterset_fields = ["status"]

    def perform_create(self, serializer: CampaignSerializer) -> None:
        """Open the campaign."""
        fields = dict(serializer.validated_data)
        fields.setdefault("channels", [])
        try:
            serializer.instance = services.open_campaign(user=self.request.user, **fields)
        except CatalogError as refusal:
            raise ValidationError(str(refusal)) from refusal
