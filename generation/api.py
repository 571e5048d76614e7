"""Generation under /api/v1/: runs and checkpoints."""

from rest_framework import mixins, viewsets
from rest_framework.exceptions import ValidationError

from catalog.errors import CatalogError
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


class CheckpointViewSet(viewsets.ReadOnlyModelViewSet):
    """Checkpoints and their figures."""

    queryset = Checkpoint.objects.all()
    serializer_class = CheckpointSerializer
    filterset_fields = ["status"]
