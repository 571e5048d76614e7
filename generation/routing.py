"""The sockets of generation."""

from django.urls import path

from generation.consumers import CampaignConsumer

websocket_urlpatterns = [path("ws/campaigns/<int:pk>/", CampaignConsumer.as_asgi())]
