"""The sockets of generation."""

from django.urls import path

from generation.consumers import CampaignConsumer, TrainingConsumer

websocket_urlpatterns = [
    path("ws/campaigns/<int:pk>/", CampaignConsumer.as_asgi()),
    path("ws/trainings/", TrainingConsumer.as_asgi()),
]
