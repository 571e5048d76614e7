"""What the API shows and takes of generation."""

from rest_framework import serializers

from catalog.models import Campaign
from generation.models import Checkpoint, Run


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
