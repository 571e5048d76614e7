"""Generation under /api/v1/: runs and checkpoints, and the end of a campaign."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import CampaignViewSet as CatalogCampaignViewSet
from catalog.errors import CatalogError
from catalog.permissions import ChangePermissions
from catalog.serializers import CampaignSerializer
from generation import services
from generation.errors import GenerationError
from generation.models import Checkpoint, Run
from generation.serializers import CheckpointSerializer, RunSerializer


class RunViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """Runs: list them, start one."""

    queryset = Run.objects.for_list()
    serializer_class = RunSerializer
    filterset_fields = ["status", "campaign__slug"]

    def perform_create(self, serializer: RunSerializer) -> None:
        """Start a run; it is filled by the gpu worker."""
        fields = serializer.validated_data
        try:
            run = services.start_run(
                fields["campaign"], seed=fields.get("seed"), user=self.request.user
            )
        except (CatalogError, GenerationError) as refusal:
            raise ValidationError(str(refusal)) from refusal
        serializer.instance = self.get_queryset().get(pk=run.pk)


class CampaignViewSet(CatalogCampaignViewSet):
    """Campaigns with their end; it ends runs and drafts, of which the catalogue knows nothing."""

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAuthenticated, ChangePermissions])
    def close(self, request: Request, slug: str) -> Response:
        """Close a campaign; closing it twice changes nothing."""
        services.close_campaign(self.get_object())
        return Response(self.get_serializer(self.get_object()).data)


class CheckpointViewSet(viewsets.ReadOnlyModelViewSet):
    """Checkpoints and their figures."""

    queryset = Checkpoint.objects.all()
    serializer_class = CheckpointSerializer
    filterset_fields = ["status"]
