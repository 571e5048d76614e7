"""The sockets of review."""

from django.urls import path

from review.consumers import QueueConsumer

websocket_urlpatterns = [path("ws/review/", QueueConsumer.as_asgi())]
