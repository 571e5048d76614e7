"""The catalogue under /api/v1/."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

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
    """Campaigns: list, open, close."""

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

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, slug: str) -> Response:
        """Close a campaign; closing it twice changes nothing."""
        campaign = self.get_object()
        services.close_campaign(campaign)
        campaign.refresh_from_db()
        return Response(self.get_serializer(campaign).data, status=status.HTTP_200_OK)
