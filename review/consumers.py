"""The editors' socket: it hears ids and hands them on; pages fetch what they show."""

from typing import Any

from generation.consumers import PageConsumer
from generation.live import QUEUE_GROUP


class QueueConsumer(PageConsumer):
    """Tells a desk of drafts that came, were talked of or decided, or went onto a shelf."""

    groups = [QUEUE_GROUP]

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

    async def draft_commented(self, event: dict[str, Any]) -> None:
        """Somebody said something of a draft."""
        await self.send_json({"type": "draft-commented", "draft": event["draft"]})

    async def draft_published(self, event: dict[str, Any]) -> None:
        """A draft's text went onto a shelf, or off it."""
        await self.send_json({"type": "draft-published", "draft": event["draft"]})
