"""Review under /api/v1/: drafts and their decisions, publications and their withdrawal."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.forms import whole_number
from catalog.prepared import Prepared
from generation.models import Draft
from review import services
from review.errors import (
    CannotUndo,
    DeferralTooLong,
    DraftUnavailable,
    KeyReused,
    PlaceNotInText,
    PublicationNotLive,
    ReviewError,
    TextRefused,
)
from review.models import Decision, Publication
from review.serializers import (
    ApproveSerializer,
    DecisionSerializer,
    DeferSerializer,
    DraftSerializer,
    EditSerializer,
    PublicationSerializer,
    RejectSerializer,
    UndoSerializer,
)

_DRAFTS = Prepared(lambda: Draft.objects.for_api().annotate(has_older=Draft.objects.older_there()))


class Conflict(APIException):
    """Somebody was faster, or the thing is not in the state that the wish needs."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("Somebody was faster.")
    default_code = "conflict"


class Refused(APIException):
    """A check refused the text."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("The text was refused.")
    default_code = "refused"


class MayDecide(permissions.BasePermission):
    """Reading for all who may see drafts; deciding for editors."""

    def has_permission(self, request: Request, view: viewsets.ViewSet) -> bool:
        """Ask the permission that the desk asks."""
        if request.method in permissions.SAFE_METHODS:
            return request.user.has_perm("generation.view_draft")
        return request.user.has_perm("review.add_decision")


class MayPublish(permissions.BasePermission):
    """Reading for all who may see publications; withdrawing for publishers."""

    def has_permission(self, request: Request, view: viewsets.ViewSet) -> bool:
        """Ask the permission that the page asks."""
        needed = "view" if request.method in permissions.SAFE_METHODS else "change"
        return request.user.has_perm(f"review.{needed}_publication")


class DraftViewSet(viewsets.ReadOnlyModelViewSet):
    """Drafts: read them, approve, edit or reject them."""

    queryset = Draft.objects.for_api().order_by("-pk")
    serializer_class = DraftSerializer
    permission_classes = [permissions.IsAuthenticated, MayDecide]
    filterset_fields = ["status", "language", "run", "product__sku", "kind__slug"]

    @extend_schema(request=ApproveSerializer, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Accept a draft as it is."""
        return self._decide(ApproveSerializer, services.approve_draft)

    @extend_schema(request=EditSerializer, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def edit(self, request: Request, pk: str) -> Response:
        """Accept a draft in other words."""
        return self._decide(EditSerializer, services.edit_draft)

    @extend_schema(request=RejectSerializer, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Refuse a draft."""
        return self._decide(RejectSerializer, services.reject_draft)

    @extend_schema(request=DeferSerializer, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def defer(self, request: Request, pk: str) -> Response:
        """Put a draft off: it comes back to the queue at a time."""
        return self._decide(DeferSerializer, services.defer_draft)

    def get_object(self) -> Draft:
        """The draft with this key, through a statement that is written once."""
        draft = _DRAFTS.get_or_404(whole_number(self.kwargs["pk"]) or 0)
        self.check_object_permissions(self.request, draft)
        return draft

    def _decide(self, serializer_class, decide) -> Response:
        draft = self.get_object()
        wish = serializer_class(data=self.request.data)
        wish.is_valid(raise_exception=True)
        try:
            decision = decide(draft, editor=self.request.user, **wish.parts())
        except (DraftUnavailable, KeyReused) as refusal:
            raise Conflict(str(refusal)) from refusal
        except (TextRefused, PlaceNotInText, DeferralTooLong) as refusal:
            raise Refused(str(refusal)) from refusal
        return Response(DecisionSerializer(decision).data)


class DecisionViewSet(viewsets.ReadOnlyModelViewSet):
    """Decisions, newest first: they are final, and one that is taken back gets a row beside it."""

    queryset = Decision.objects.select_related("editor")
    serializer_class = DecisionSerializer
    permission_classes = [permissions.IsAuthenticated, MayDecide]
    filterset_fields = ["verdict", "reason", "draft"]

    @extend_schema(request=UndoSerializer, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take a decision back; its draft waits again, and its text comes off its channels."""
        wish = UndoSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        try:
            undoing = services.undo_decision(
                self.get_object(), editor=request.user, **wish.validated_data
            )
        except (CannotUndo, KeyReused) as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(DecisionSerializer(undoing).data)


class PublicationViewSet(viewsets.ReadOnlyModelViewSet):
    """Publications: read them, withdraw them, send them again."""

    queryset = Publication.objects.for_list()
    serializer_class = PublicationSerializer
    permission_classes = [permissions.IsAuthenticated, MayPublish]
    filterset_fields = ["status", "product__sku", "channel__slug"]

    @extend_schema(request=None, responses=PublicationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a text off its channel; the one before it comes back."""
        try:
            publication = services.withdraw_publication(self.get_object(), user=request.user)
        except PublicationNotLive as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(self.get_serializer(publication).data)

    @extend_schema(request=None, responses=PublicationSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None, filterset_fields=None)
    def republish(self, request: Request, pk: str) -> Response:
        """Send a withdrawn or failed text again."""
        try:
            publications = services.republish(self.get_object().draft)
        except ReviewError as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(self.get_serializer(publications, many=True).data)
