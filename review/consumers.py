"""The editors' socket: it hears ids and hands them on; pages fetch what they show."""

from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from generation.live import QUEUE_GROUP


class QueueConsumer(AsyncJsonWebsocketConsumer):
    """Tells a desk of drafts that came, were decided, or went onto a shelf."""

    groups = [QUEUE_GROUP]

    async def connect(self) -> None:
        """Let signed-in users in; who may see drafts is asked when the page fetches them."""
        if self.scope["user"].is_authenticated:
            await self.accept()
        else:
            await self.close()

    async def drafts_ready(self, event: dict[str, Any]) -> None:
        """Drafts wait: one message for a whole batch."""
        await self.send_json({"type": "drafts-ready", "drafts": event["drafts"]})

    async def drafts_held(self, event: dict[str, Any]) -> None:
        """Somebody opened drafts, or let them go."""
        held = {"drafts": event["drafts"], "editor": event["editor"]}
        await self.send_json({"type": "drafts-held", **held})

    async def drafts_decided(self, event: dict[str, Any]) -> None:
        """Somebody decided a draft, or many at once."""
        await self.send_json({"type": "drafts-decided", "drafts": event["drafts"]})

    async def draft_published(self, event: dict[str, Any]) -> None:
        """A draft's text went onto a shelf, or off it."""
        await self.send_json({"type": "draft-published", "draft": event["draft"]})
