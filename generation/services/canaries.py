"""Trials: a checkpoint writes a share of the next drafts, and is promoted or not."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog import audit
from generation.errors import CanaryRefused
from generation.models import Canary, Checkpoint
from generation.models.canary import SHARES
from generation.services.checkpoints import active_checkpoint, require_intact, succeed


@transaction.atomic
def start_canary(checkpoint: Checkpoint, *, share: int, user: User | None = None) -> Canary:
    """Let a checkpoint write a share of the drafts of every run that starts from now on.

    Args:
        checkpoint: on trial.
        share: per cent of the drafts, 1 to 50.
        user: who wants that.

    Raises:
        CanaryRefused: the share is out of range, the checkpoint writes anyway, or another trial
            is under way.
        CheckpointMissing: no checkpoint is active.
        CheckpointUnusable: the files of the one on trial are gone or damaged.
    """
    Checkpoint.objects.lock()
    if not SHARES[0] <= share <= SHARES[1]:
        raise CanaryRefused(
            _("Give a canary a share from %(least)d to %(most)d per cent of the drafts.")
            % {"least": SHARES[0], "most": SHARES[1]}
        )
    if Canary.objects.running().exists():
        raise CanaryRefused(_("A trial is under way: promote it or end it first."))
    active = active_checkpoint()
    if active.pk == checkpoint.pk:
        raise CanaryRefused(_("This checkpoint writes already: choose another one for a trial."))
    require_intact(checkpoint)
    canary = Canary.objects.create(
        checkpoint=checkpoint, against=active, share=share, started_by=user
    )
    audit.record("canary.start", checkpoint, user=user, share=share, against=active.name)
    return canary


@transaction.atomic
def promote_canary(canary: Canary, *, user: User | None = None, reason: str = "") -> Checkpoint:
    """Let the checkpoint on trial write everything, through the same gate as any other.

    Raises:
        CanaryRefused: the trial has ended.
        CheckpointUnfit: its figures speak against it, and there is no reason to override them.
        CheckpointUnusable: its files are gone or damaged.
    """
    Checkpoint.objects.lock()
    checkpoint = Checkpoint.objects.get(pk=canary.checkpoint_id)
    _require_running(canary)
    require_intact(checkpoint)
    active = Checkpoint.objects.active().first()
    return succeed(active, checkpoint, user=user, reason=reason)


@transaction.atomic
def end_canary(canary: Canary, *, user: User | None = None) -> Canary:
    """End a trial: the active checkpoint writes everything, runs under way included.

    Raises:
        CanaryRefused: it has ended already.
    """
    Checkpoint.objects.lock()
    _require_running(canary)
    Canary.objects.filter(pk=canary.pk).end(user)
    audit.record("canary.end", canary.checkpoint, user=user, share=canary.share)
    return Canary.objects.get(pk=canary.pk)


def _require_running(canary: Canary) -> None:
    if not Canary.objects.running().filter(pk=canary.pk).exists():
        raise CanaryRefused(_("This trial has ended already."))
