"""The addresses of generation."""

from django.urls import path

from generation.views import campaigns, canaries, checkpoints, evaluations, learning, trainings

app_name = "generation"
urlpatterns = [
    path("campaigns/", campaigns.campaign_list, name="campaign-list"),
    path("campaigns/new/", campaigns.campaign_create, name="campaign-create"),
    path("campaigns/<str:slug>/", campaigns.campaign_detail, name="campaign-detail"),
    path("campaigns/<str:slug>/progress/", campaigns.campaign_progress, name="campaign-progress"),
    path("campaigns/<str:slug>/runs/", campaigns.run_start, name="run-start"),
    path("campaigns/<str:slug>/close/", campaigns.campaign_close, name="campaign-close"),
    path("runs/<int:pk>/retry/", campaigns.run_retry, name="run-retry"),
    path("training/", trainings.training, name="training"),
    path("training/runs/", trainings.training_list, name="training-list"),
    path("training/runs/compare/", trainings.training_compare, name="training-compare"),
    path("training/learning/", learning.learning, name="learning"),
    path("training/<int:pk>/", trainings.training_detail, name="training-detail"),
    path("training/<int:pk>/progress/", trainings.training_progress, name="training-progress"),
    path("training/start/", trainings.training_start, name="training-start"),
    path("training/<int:pk>/stop/", trainings.training_stop, name="training-stop"),
    path("training/<int:pk>/resume/", trainings.training_resume, name="training-resume"),
    path("training/<int:pk>/forget/", trainings.training_forget, name="training-forget"),
    path("canaries/", canaries.canary_list, name="canary-list"),
    path("canaries/start/", canaries.canary_start, name="canary-start"),
    path("canaries/<int:pk>/promote/", canaries.canary_promote, name="canary-promote"),
    path("canaries/<int:pk>/end/", canaries.canary_end, name="canary-end"),
    path("evaluations/", evaluations.evaluation_list, name="evaluation-list"),
    path(
        "evaluations/definitions/",
        evaluations.evaluation_definitions,
        name="evaluation-definitions",
    ),
    path("evaluations/<int:pk>/", evaluations.evaluation_detail, name="evaluation-detail"),
    path(
        "checkpoints/<int:pk>/activate/",
        checkpoints.checkpoint_activate,
        name="checkpoint-activate",
    ),
    path(
        "checkpoints/<int:pk>/roll-back/",
        checkpoints.checkpoint_roll_back,
        name="checkpoint-roll-back",
    ),
    path(
        "checkpoints/<int:pk>/measure/", checkpoints.checkpoint_measure, name="checkpoint-measure"
    ),
]
