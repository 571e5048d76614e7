"""What the API shows and takes of generation."""

from rest_framework import serializers

from catalog.models import Campaign
from generation.models import Checkpoint, Evaluation, Run, TrainingRun


class RunSerializer(serializers.ModelSerializer):
    """A run with its counts."""

    campaign = serializers.SlugRelatedField("slug", queryset=Campaign.objects.all())
    checkpoint = serializers.SlugRelatedField("digest", read_only=True)
    seed = serializers.IntegerField(min_value=0, max_value=2**62, required=False)
    slot_count = serializers.IntegerField(read_only=True)
    filled_count = serializers.IntegerField(read_only=True)
    refused_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "campaign",
            "checkpoint",
            "seed",
            "status",
            "failure",
            "slot_count",
            "filled_count",
            "refused_count",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = ["status", "failure", "created_at", "started_at", "finished_at"]


class CheckpointSerializer(serializers.ModelSerializer):
    """Trained weights and their figures."""

    metrics = serializers.DictField(read_only=True)

    class Meta:
        model = Checkpoint
        fields = ["id", "name", "digest", "status", "metrics", "parent", "created_at"]
        read_only_fields = fields


class EvaluationSerializer(serializers.ModelSerializer):
    """Figures of one checkpoint on one set of texts; of a comparison, of no single one."""

    checkpoint = serializers.SlugRelatedField("digest", read_only=True)
    figures = serializers.DictField(read_only=True)

    class Meta:
        model = Evaluation
        fields = ["id", "checkpoint", "data", "figures", "created_at"]
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer):
    """Why a checkpoint shall write although its figures speak against it."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class TrainingRunSerializer(serializers.ModelSerializer):
    """A training: what was wished, where it stands, and what came of it."""

    seed = serializers.IntegerField(min_value=0, max_value=2**48 - 1, required=False)
    settings = serializers.DictField(child=serializers.FloatField(), required=False)
    corpus = serializers.ListField(child=serializers.CharField(max_length=255), required=False)
    progress = serializers.DictField(read_only=True)
    parent = serializers.SlugRelatedField("digest", read_only=True)
    checkpoint = serializers.SlugRelatedField("digest", read_only=True)

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            "is_feedback",
            "is_large",
            "corpus",
            "minutes",
            "seed",
            "settings",
            "status",
            "failure",
            "progress",
            "parent",
            "checkpoint",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = ["status", "failure", "created_at", "started_at", "finished_at"]
