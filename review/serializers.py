"""What the API shows and takes of review."""

from typing import Any

from rest_framework import serializers

from generation import checks
from generation.models import Draft
from review.models import Decision, Publication
from review.services import MOST_SPANS, Circumstances, Fault


class FindingsField(serializers.ListField):
    """Findings with their sentences in the reader's language."""

    def __init__(self, **options) -> None:
        super().__init__(child=serializers.DictField(), read_only=True, **options)

    def to_representation(self, data: list) -> list:
        """Say each of them."""
        return checks.told(data)


class DraftSerializer(serializers.ModelSerializer):
    """A draft with what the writer knew."""

    product = serializers.SlugRelatedField("sku", read_only=True)
    kind = serializers.SlugRelatedField("slug", read_only=True)
    checkpoint = serializers.SlugRelatedField("digest", read_only=True)
    findings = FindingsField()
    brief = serializers.DictField(read_only=True)
    explanation = serializers.DictField(read_only=True)

    class Meta:
        model = Draft
        fields = [
            "id",
            "run",
            "product",
            "kind",
            "language",
            "text",
            "score",
            "duplicate_of",
            "explanation",
            "findings",
            "brief",
            "seed",
            "checkpoint",
            "status",
            "version",
            "created_at",
            "decided_at",
        ]
        read_only_fields = fields


class ApproveSerializer(serializers.Serializer):
    """An approval: the version that the caller saw, and a key that makes sending it twice safe."""

    key = serializers.UUIDField(required=False)
    version = serializers.IntegerField(min_value=1, required=False)

    def parts(self) -> dict[str, Any]:
        """What the service of this decision takes, once it is valid."""
        given = {name: self.validated_data.get(name) for name in ("key", "version")}
        rest = {
            name: self.validated_data[name] for name in self.validated_data if name not in given
        }
        return {**rest, "given": Circumstances(**given, source=Decision.Source.API)}


class EditSerializer(ApproveSerializer):
    """An approval in other words."""

    text = serializers.CharField(max_length=20_000)


class RejectSerializer(ApproveSerializer):
    """A refusal with its reason."""

    reason = serializers.ChoiceField(Decision.Reason.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2_000, default="")
    severity = serializers.ChoiceField(
        Decision.Severity.choices, required=False, default=Decision.Severity.PLAIN
    )
    spans = serializers.ListField(
        child=serializers.ListField(
            child=serializers.IntegerField(min_value=0), min_length=2, max_length=2
        ),
        required=False,
        max_length=MOST_SPANS,
    )

    def parts(self) -> dict[str, Any]:
        """What the service takes: how grave the fault is and where, as one."""
        parts = super().parts()
        spans = [(start, end) for start, end in parts.pop("spans", ())]
        fault = Fault(parts.pop("severity"), spans)
        return {**parts, "fault": fault}


class DeferSerializer(ApproveSerializer):
    """A wish to put a draft off."""

    until = serializers.DateTimeField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=2_000, default="")


class DecisionSerializer(serializers.ModelSerializer):
    """A decision as it stands."""

    editor = serializers.SlugRelatedField("username", read_only=True)

    class Meta:
        model = Decision
        fields = [
            "id",
            "draft",
            "editor",
            "verdict",
            "final_text",
            "reason",
            "severity",
            "spans",
            "note",
            "source",
            "group",
            "score",
            "shown_at",
            "edit_ratio",
            "active_seconds",
            "draft_version",
            "key",
            "undoes",
            "seconds",
            "is_provisional",
            "until",
            "created_at",
        ]
        read_only_fields = fields


class UndoSerializer(serializers.Serializer):
    """A wish to take a decision back: a key that makes sending it twice safe."""

    key = serializers.UUIDField(required=False)


class PublicationSerializer(serializers.ModelSerializer):
    """A text on a channel."""

    channel = serializers.SlugRelatedField("slug", read_only=True)
    product = serializers.SlugRelatedField("sku", read_only=True)
    kind = serializers.SlugRelatedField("slug", read_only=True)

    class Meta:
        model = Publication
        fields = [
            "id",
            "draft",
            "channel",
            "product",
            "kind",
            "language",
            "text",
            "key",
            "status",
            "attempts",
            "last_error",
            "external_id",
            "created_at",
            "published_at",
            "withdrawn_at",
        ]
        read_only_fields = fields
