"""What browsers are told: ids go out, nothing is rendered here.

A page that hears of a draft asks for it in its own language. A push that cannot be sent is logged
and forgotten: pages also poll.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from generation.models import Run

logger = logging.getLogger(__name__)

QUEUE_GROUP = "review.queue"
TRAINING_GROUP = "generation.training"
# An announcement waits no longer than this for a layer that hangs.
SEND_SECONDS = 2

News = tuple[str, dict[str, Any]]  # the group that hears it, and the message
_GATHERED: ContextVar[list[News] | None] = ContextVar("gathered", default=None)


def campaign_group(campaign_id: int) -> str:
    """The group of the pages that show a campaign."""
    return f"campaign.{campaign_id}"


def user_group(user_id: int) -> str:
    """The group of the pages that one person has open."""
    return f"user.{user_id}"


def announce_drafts_ready(run_id: int, draft_ids: Sequence[int]) -> None:
    """Tell the desks that drafts wait, and the campaign's pages that there is progress."""
    _send(QUEUE_GROUP, {"type": "drafts.ready", "run": run_id, "drafts": list(draft_ids)})
    announce_progress(run_id)


def announce_progress(run_id: int) -> None:
    """Tell a campaign's pages that a run moved."""
    campaign_id = Run.objects.values_list("campaign_id", flat=True).get(pk=run_id)
    _send(campaign_group(campaign_id), {"type": "run.progress", "run": run_id})


def announce_training(training_id: int) -> None:
    """Tell the pages that show trainings that one moved."""
    _send(TRAINING_GROUP, {"type": "training.progress", "training": training_id})


def announce_decided(draft_ids: Sequence[int]) -> None:
    """Tell the desks that drafts are decided."""
    _send(QUEUE_GROUP, {"type": "drafts.decided", "drafts": list(draft_ids)})


def announce_held(draft_ids: Sequence[int], editor_id: int) -> None:
    """Tell the desks that an editor took hold of drafts, or let go of them."""
    _send(QUEUE_GROUP, {"type": "drafts.held", "drafts": list(draft_ids), "editor": editor_id})


def announce_commented(draft_id: int) -> None:
    """Tell the desks that there is news in what is said of a draft."""
    _send(QUEUE_GROUP, {"type": "draft.commented", "draft": draft_id})


def announce_notified(user_ids: Sequence[int]) -> None:
    """Tell people's own pages that there is another number of news for them."""
    for user_id in user_ids:
        _send(user_group(user_id), {"type": "user.notified"})


def announce_publication(draft_id: int) -> None:
    """Tell the desks that a draft went onto a shelf, or off it, or could not."""
    _send(QUEUE_GROUP, {"type": "draft.published", "draft": draft_id})


@contextmanager
def gathered() -> Iterator[list[News]]:
    """Keep what is announced meanwhile, for `send_all`; else each announcement goes out at once."""
    news: list[News] = []
    token = _GATHERED.set(news)
    try:
        yield news
    finally:
        _GATHERED.reset(token)


async def send_all(news: Sequence[News]) -> None:
    """Send announcements, in order; the rest is given up with the first that cannot be sent."""
    try:
        for group, message in news:
            await _group_send(group, message)
    except (OSError, RedisError):
        logger.warning("No live update: the channel layer does not answer.", exc_info=True)


def _send(group: str, message: dict[str, Any]) -> None:
    if (news := _GATHERED.get()) is not None:
        news.append((group, message))
    else:
        async_to_sync(send_all)([(group, message)])


async def _group_send(group: str, message: dict[str, Any]) -> None:
    """Send, for a short while: the layer's own connections wait for ever, as listeners must."""
    await asyncio.wait_for(get_channel_layer().group_send(group, message), SEND_SECONDS)
