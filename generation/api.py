"""Generation under /api/v1/: runs, trainings, checkpoints, evaluations, a campaign's end."""

from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import CampaignViewSet as CatalogCampaignViewSet
from catalog.api import refusal_told
from catalog.permissions import ChangePermissions
from catalog.serializers import CampaignSerializer
from generation import services
from generation.errors import GenerationError
from generation.forms import TrainingForm
from generation.models import Checkpoint, Evaluation, Run, TrainingRun
from generation.permissions import ManagerPermissions
from generation.serializers import (
    CheckpointSerializer,
    EvaluationSerializer,
    ReasonSerializer,
    RunSerializer,
    TrainingRunSerializer,
)

_refusal_told = partial(refusal_told, GenerationError)


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
        with _refusal_told():
            run = services.start_run(
                fields["campaign"], seed=fields.get("seed"), user=self.request.user
            )
        serializer.instance = self.get_queryset().get(pk=run.pk)


class CampaignViewSet(CatalogCampaignViewSet):
    """Campaigns with their end; it ends runs and drafts, of which the catalogue knows nothing."""

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAuthenticated, ChangePermissions])
    def close(self, request: Request, slug: str) -> Response:
        """Close a campaign; closing it twice changes nothing."""
        services.close_campaign(self.get_object())
        return Response(self.get_serializer(self.get_object()).data)


class TrainingRunViewSet(
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet,
):
    """Trainings: list them, start one, stop it, let it go on."""

    queryset = TrainingRun.objects.for_list()
    serializer_class = TrainingRunSerializer
    filterset_fields = ["status", "is_feedback", "is_large"]

    def perform_create(self, serializer: TrainingRunSerializer) -> None:
        """Start a training; the gpu worker carries it out."""
        wish = _training_wish(serializer.validated_data)
        with _refusal_told():
            order = services.start_training(user=self.request.user, **wish)
        serializer.instance = self.get_queryset().get(pk=order.pk)

    @extend_schema(request=None, responses=TrainingRunSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """Stop a training; its place is kept."""
        with _refusal_told():
            services.stop_training(self.get_object(), user=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=TrainingRunSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Let a training go on that was stopped or broke off."""
        with _refusal_told():
            services.resume_training(self.get_object(), user=request.user)
        return Response(self.get_serializer(self.get_object()).data)


class CheckpointViewSet(viewsets.ReadOnlyModelViewSet):
    """Checkpoints and their figures; which of them writes."""

    queryset = Checkpoint.objects.all()
    serializer_class = CheckpointSerializer
    filterset_fields = ["status"]

    @extend_schema(request=ReasonSerializer, responses=CheckpointSerializer)
    @action(detail=True, methods=["post"], permission_classes=[IsAuthenticated, ChangePermissions])
    def activate(self, request: Request, pk: str) -> Response:
        """Let a checkpoint write, if its figures allow it or a reason is given."""
        wish = ReasonSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        with _refusal_told():
            services.activate_checkpoint(
                self.get_object(), user=request.user, reason=wish.validated_data["reason"]
            )
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=CheckpointSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="roll-back",
        permission_classes=[IsAuthenticated, ChangePermissions],
    )
    def roll_back(self, request: Request, pk: str) -> Response:
        """Let the checkpoint write again that wrote before this one; give that one."""
        with _refusal_told():
            again = services.roll_back(self.get_object(), user=request.user)
        return Response(self.get_serializer(again).data)


class EvaluationViewSet(viewsets.ReadOnlyModelViewSet):
    """What was measured of checkpoints, and comparisons of systems, newest first."""

    queryset = Evaluation.objects.select_related("checkpoint")
    serializer_class = EvaluationSerializer
    permission_classes = [IsAuthenticated, ManagerPermissions]
    filterset_fields = ["checkpoint__digest", "data"]


# What the page's form calls the fields that are not settings, and what the API does.
_FIELDS = {"minutes": "minutes", "seed": "seed", "corpus": "corpus", "kind": "is_large"}


def _kind_wished(fields: dict[str, Any]) -> str:
    if fields.get("is_large"):
        return "large"
    return "feedback" if fields.get("is_feedback", True) else "full"


def _training_wish(fields: dict[str, Any]) -> dict[str, Any]:
    """Ask the page's form, so that both refuse the same in the same words."""
    wanted = fields.get("settings", {})
    form = TrainingForm(
        {
            **wanted,
            "kind": _kind_wished(fields),
            "corpus": fields.get("corpus", []),
            "minutes": fields["minutes"],
            "seed": fields.get("seed"),
        }
    )
    unknown = sorted(set(wanted) - {field.name for field in form.settings_fields})
    if unknown:
        sentence = _("There is no setting “%(name)s”.") % {"name": unknown[0]}
        raise ValidationError({"settings": [sentence]})
    if not form.is_valid():
        raise ValidationError(
            {_FIELDS.get(name, "settings"): errors for name, errors in form.errors.items()}
        )
    return form.wish
