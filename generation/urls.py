"""The addresses of generation."""

from django.urls import path

from generation import views

app_name = "generation"
urlpatterns = [
    path("campaigns/", views.campaign_list, name="campaign-list"),
    path("campaigns/new/", views.campaign_create, name="campaign-create"),
    path("campaigns/<str:slug>/", views.campaign_detail, name="campaign-detail"),
    path("campaigns/<str:slug>/progress/", views.campaign_progress, name="campaign-progress"),
    path("campaigns/<str:slug>/runs/", views.run_start, name="run-start"),
    path("campaigns/<str:slug>/close/", views.campaign_close, name="campaign-close"),
    path("runs/<int:pk>/retry/", views.run_retry, name="run-retry"),
    path("training/", views.training, name="training"),
    path("training/start/", views.training_start, name="training-start"),
    path("training/<int:pk>/stop/", views.training_stop, name="training-stop"),
    path("evaluations/", views.evaluation_list, name="evaluation-list"),
    path("evaluations/definitions/", views.evaluation_definitions, name="evaluation-definitions"),
    path("evaluations/<int:pk>/", views.evaluation_detail, name="evaluation-detail"),
    path("checkpoints/<int:pk>/activate/", views.checkpoint_activate, name="checkpoint-activate"),
]
