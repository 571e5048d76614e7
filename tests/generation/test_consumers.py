"""A training's page hears that it moved, and nothing else."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User

from generation.consumers import TrainingConsumer
from generation.live import announce_training

pytestmark = pytest.mark.asyncio


async def connected(user) -> tuple[WebsocketCommunicator, bool]:
    socket = WebsocketCommunicator(TrainingConsumer.as_asgi(), "/ws/trainings/")
    socket.scope["user"] = user
    is_in, _ = await socket.connect()
    return socket, is_in


async def test_who_is_signed_in_hears_of_a_training():
    socket, is_in = await connected(User(username="lin"))

    await sync_to_async(announce_training)(7)

    assert is_in
    assert await socket.receive_json_from() == {"type": "training-progress", "training": 7}
    await socket.disconnect()


async def test_a_stranger_is_turned_away():
    _, is_in = await connected(AnonymousUser())

    assert not is_in
