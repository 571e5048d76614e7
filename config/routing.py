"""Every socket, by app."""

from generation.routing import websocket_urlpatterns as generation_sockets
from review.routing import websocket_urlpatterns as review_sockets

websocket_urlpatterns = [*generation_sockets, *review_sockets]
