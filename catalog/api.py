"""The catalogue under /api/v1/."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.errors import CatalogError
from catalog.models import Campaign, FeedImport, Product
from catalog.serializers import (
    CampaignSerializer,
    ColumnsSerializer,
    FeedImportSerializer,
    ProductSerializer,
)


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
        with refusal_told():
            serializer.instance = services.open_campaign(user=self.request.user, **fields)


class ImportViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """Feeds on their way in: have one looked at, bring it in, stop it, let it go on."""

    queryset = FeedImport.objects.for_list()
    serializer_class = FeedImportSerializer
    parser_classes = [MultiPartParser, JSONParser]
    filterset_fields = ["stage", "status"]

    @extend_schema(request={"multipart/form-data": FeedImportSerializer})
    def create(self, request: Request) -> Response:
        """Upload a feed; a worker looks at it, and nothing is written before it is started."""
        return super().create(request)

    def perform_create(self, serializer: FeedImportSerializer) -> None:
        """Keep the file, and have it looked at."""
        file = serializer.validated_data["file"]
        with refusal_told():
            serializer.instance = services.upload_feed(
                file.chunks(),
                file_name=file.name,
                format=serializer.validated_data["format"],
                user=self.request.user,
            )

    @extend_schema(request=None, responses=FeedImportSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Bring in a feed that was looked at."""
        return self._done(services.start_import)

    @extend_schema(request=None, responses=FeedImportSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """Stop an import; what is in by then stays."""
        return self._done(services.stop_import)

    @extend_schema(request=None, responses=FeedImportSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Let an import go on that was stopped or broke off."""
        return self._done(services.resume_import)

    @extend_schema(request=ColumnsSerializer, responses=FeedImportSerializer)
    @action(detail=True, methods=["post"])
    def columns(self, request: Request, pk: str) -> Response:
        """Say what the columns of a plain table are, and have it looked at again."""
        wish = ColumnsSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        return self._done(partial(services.say_columns, roles=wish.validated_data["roles"]))

    def _done(self, act: Callable[..., FeedImport]) -> Response:
        with refusal_told():
            record = act(self.get_object(), user=self.request.user)
        return Response(self.get_serializer(record).data)


@contextmanager
def refusal_told(*others: type[Exception]) -> Iterator[None]:
    """Answer with the sentence of a refusal: of the catalogue's, or of others."""
    try:
        yield
    except (CatalogError, *others) as refusal:
        raise ValidationError(str(refusal)) from refusal
