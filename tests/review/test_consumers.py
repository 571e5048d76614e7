"""The editors' socket lets editors in and hands ids on."""

from __future__ import annotations

from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User

from generation.live import QUEUE_GROUP
from review.consumers import QueueConsumer


async def test_an_editor_hears_of_drafts():
    socket = WebsocketCommunicator(QueueConsumer.as_asgi(), "/ws/review/")
    socket.scope["user"] = User(username="lin")
    connected, _ = await socket.connect()
    assert connected

    await get_channel_layer().group_send(
        QUEUE_GROUP, {"type": "drafts.ready", "run": 1, "drafts": [4, 5]}
    )

    assert await socket.receive_json_from() == {"type": "drafts-ready", "drafts": [4, 5]}
    await socket.disconnect()


async def test_a_stranger_is_turned_away():
    socket = WebsocketCommunicator(QueueConsumer.as_asgi(), "/ws/review/")
    socket.scope["user"] = AnonymousUser()

    connected, _ = await socket.connect()

    assert not connected
