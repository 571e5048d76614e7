"""Every router of the API, by app, under /api/v1/."""

from rest_framework.routers import DefaultRouter

from catalog.api import ImportViewSet, ProductViewSet
from generation.api import (
    CampaignViewSet,
    CheckpointViewSet,
    EvaluationViewSet,
    RunViewSet,
    TrainingRunViewSet,
)
from review.api import DecisionViewSet, DraftViewSet, PublicationViewSet

router = DefaultRouter()
router.register("products", ProductViewSet, basename="product")
router.register("imports", ImportViewSet, basename="import")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("runs", RunViewSet, basename="run")
router.register("trainings", TrainingRunViewSet, basename="training")
router.register("checkpoints", CheckpointViewSet, basename="checkpoint")
router.register("evaluations", EvaluationViewSet, basename="evaluation")
router.register("drafts", DraftViewSet, basename="draft")
router.register("decisions", DecisionViewSet, basename="decision")
router.register("publications", PublicationViewSet, basename="publication")
