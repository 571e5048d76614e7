"""Sockets of pages: they hear that a run or a training moved, and the page fetches how far."""

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from generation.live import TRAINING_GROUP, campaign_group


class CampaignConsumer(AsyncJsonWebsocketConsumer):
    """Tells a campaign's page of progress."""

    async def connect(self) -> None:
        """Let signed-in users in."""
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        self.group = campaign_group(self.scope["url_route"]["kwargs"]["pk"])
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the campaign's group, if it was joined."""
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def run_progress(self, event: dict[str, Any]) -> None:
        """A run moved."""
        await self.send_json({"type": "run-progress", "run": event["run"]})


class TrainingConsumer(AsyncJsonWebsocketConsumer):
    """Tells the pages of trainings that one moved."""

    groups = [TRAINING_GROUP]

    async def connect(self) -> None:
        """Let signed-in users in; who may see trainings is asked when the page fetches them."""
        if self.scope["user"].is_authenticated:
            await self.accept()
        else:
            await self.close()

    async def training_progress(self, event: dict[str, Any]) -> None:
        """A training moved."""
        await self.send_json({"type": "training-progress", "training": event["training"]})
