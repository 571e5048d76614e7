"""The sockets of review."""

from django.urls import path

from generation.consumers import PageConsumer
from review.consumers import QueueConsumer

websocket_urlpatterns = [
    path("ws/review/", QueueConsumer.as_asgi()),
    path("ws/notifications/", PageConsumer.as_asgi()),
]
