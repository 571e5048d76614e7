"""The editors' socket lets editors in and hands ids on."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User

from generation.consumers import CampaignConsumer, PageConsumer
from generation.live import QUEUE_GROUP, announce_notified, user_group
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


@pytest.mark.parametrize("consumer", [QueueConsumer, PageConsumer, CampaignConsumer])
async def test_a_stranger_is_turned_away(consumer):
    socket = WebsocketCommunicator(consumer.as_asgi(), "/ws/review/")
    socket.scope["user"] = AnonymousUser()

    connected, _ = await socket.connect()

    assert not connected


async def test_a_desk_hears_that_somebody_commented():
    socket = WebsocketCommunicator(QueueConsumer.as_asgi(), "/ws/review/")
    socket.scope["user"] = User(username="lin")
    await socket.connect()

    await get_channel_layer().group_send(QUEUE_GROUP, {"type": "draft.commented", "draft": 4})

    assert await socket.receive_json_from() == {"type": "draft-commented", "draft": 4}
    await socket.disconnect()


@pytest.mark.parametrize("consumer", [QueueConsumer, PageConsumer, CampaignConsumer])
async def test_every_page_hears_of_its_own_readers_news_alone(consumer):
    sockets = []
    for pk in (1, 2):
        socket = WebsocketCommunicator(consumer.as_asgi(), "/ws/page/")
        socket.scope |= {"user": User(pk=pk), "url_route": {"kwargs": {"pk": 7}}}
        await socket.connect()
        sockets.append(socket)

    await sync_to_async(announce_notified)([1])

    assert await sockets[0].receive_json_from() == {"type": "notified"}
    assert await sockets[1].receive_nothing()
    for socket in sockets:
        await socket.disconnect()


async def test_a_page_that_was_closed_is_told_nothing_more():
    layer = get_channel_layer()
    socket = WebsocketCommunicator(PageConsumer.as_asgi(), "/ws/notifications/")
    socket.scope["user"] = User(pk=1)
    await socket.connect()
    assert user_group(1) in layer.groups

    await socket.disconnect()

    assert user_group(1) not in layer.groups


@pytest.mark.parametrize("consumer", [QueueConsumer, PageConsumer, CampaignConsumer])
async def test_a_page_that_asks_whether_it_hears_is_answered(consumer):
    socket = WebsocketCommunicator(consumer.as_asgi(), "/ws/page/")
    socket.scope |= {"user": User(pk=1), "url_route": {"kwargs": {"pk": 7}}}
    await socket.connect()

    await socket.send_json_to({"type": "hello"})
    await socket.send_json_to({"type": "ping"})

    assert await socket.receive_json_from() == {"type": "pong"}
    assert await socket.receive_nothing()
    await socket.disconnect()
