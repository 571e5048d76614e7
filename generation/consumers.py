"""Sockets of pages: they hear that a run or a training moved, and the page fetches how far."""

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from generation.live import TRAINING_GROUP, campaign_group, user_group


class PageConsumer(AsyncJsonWebsocketConsumer):
    """What every page's socket does: it lets signed-in users in, and tells them their own news.

    A page has one socket, so each kind of page builds on this one.
    """

    async def connect(self) -> None:
        """Let signed-in users in; who may see what is asked when the page fetches it."""
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        await self.join(user_group(self.scope["user"].pk))
        await self.accept()

    async def join(self, group: str) -> None:
        """Hear of a group, until the socket closes."""
        self.groups = [*self.groups, group]  # which are left by themselves
        await self.channel_layer.group_add(group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **more: Any) -> None:
        """Answer a page that asks whether it still hears, by the way that news come."""
        if content.get("type") == "ping":
            await self.channel_layer.send(self.channel_name, {"type": "page.pong"})

    async def page_pong(self, event: dict[str, Any]) -> None:
        """The way that news come is open."""
        await self.send_json({"type": "pong"})

    async def user_notified(self, event: dict[str, Any]) -> None:
        """There is another number of news for this user."""
        await self.send_json({"type": "notified"})


class CampaignConsumer(PageConsumer):
    """Tells a campaign's page of progress."""

    async def connect(self) -> None:
        """Hear of this campaign, where the user is let in."""
        if self.scope["user"].is_authenticated:
            await self.join(campaign_group(self.scope["url_route"]["kwargs"]["pk"]))
        await super().connect()

    async def run_progress(self, event: dict[str, Any]) -> None:
        """A run moved."""
        await self.send_json({"type": "run-progress", "run": event["run"]})


class TrainingConsumer(PageConsumer):
    """Tells the pages of trainings that one moved."""

    groups = [TRAINING_GROUP]

    async def training_progress(self, event: dict[str, Any]) -> None:
        """A training moved."""
        await self.send_json({"type": "training-progress", "training": event["training"]})
