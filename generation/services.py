"""What a person, a program or the clock may ask of generation."""

from __future__ import annotations

import json
import logging
import secrets
from itertools import product as each_of

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import EmptyCampaign
from catalog.models import Campaign
from generation import live, tasks
from generation.errors import (
    CheckpointMissing,
    CheckpointUnusable,
    GenerationError,
    RunNotStartable,
)
from generation.models import Checkpoint, Draft, Example, Run, Slot, TrainingRun
from generation.models.checkpoint import STARTER

_log = logging.getLogger(__name__)

_SEED_BITS = 48
_FORGOTTEN_AFTER_SECONDS = 300


@transaction.atomic
def ensure_starter_checkpoint() -> Checkpoint:
    """Register the checkpoint that ships with Galley, and make it write if none does.

    After an upgrade it also succeeds the one that shipped before, whose weights are gone.

    Raises:
        CheckpointMissing: its files are not there; the sentence names the command that trains.
    """
    card = settings.GALLEY_STARTER_CHECKPOINT / "card.json"
    try:
        facts = json.loads(card.read_text(encoding="utf-8"))
    except OSError as reason:
        raise CheckpointMissing(
            _(
                "The starter checkpoint is missing: restore generation/checkpoints/starter, or "
                "train one with manage.py train."
            )
        ) from reason
    checkpoint, _made = Checkpoint.objects.get_or_create(
        digest=facts["digest"],
        defaults={"name": STARTER, "path": STARTER, "metrics": facts["metrics"]},
    )
    Checkpoint.objects.active().filter(path=STARTER).exclude(pk=checkpoint.pk).retire()
    if not Checkpoint.objects.active().exists():
        Checkpoint.objects.filter(pk=checkpoint.pk).activate()
    return Checkpoint.objects.get(pk=checkpoint.pk)


@transaction.atomic
def start_run(
    campaign: Campaign, *, seed: int | None = None, user: User | None = None, queue: bool = True
) -> Run:
    """Order drafts for a campaign: a run with its slots, queued for the gpu worker on commit.

    With `queue` False nobody is told: the caller fills the run itself.

    Raises:
        EmptyCampaign: it has no product, kind or language.
        CheckpointMissing: no checkpoint is active, or its files are gone.
        RunNotStartable: the campaign is closed, or a run of it is under way.
    """
    _require_startable(campaign.pk)
    checkpoint = active_checkpoint()
    wanted = list(
        each_of(
            campaign.products.order_by("sku"),
            campaign.kinds.order_by("pk"),
            campaign.languages,
            range(campaign.variants),
        )
    )
    if not wanted:
        raise EmptyCampaign
    run = Run.objects.create(
        campaign=campaign,
        checkpoint=checkpoint,
        seed=secrets.randbits(_SEED_BITS) if seed is None else seed,
        requested_by=user,
    )
    Slot.objects.bulk_create(
        (
            Slot(
                run=run,
                ordinal=ordinal,
                product=product,
                kind=kind,
                language=language,
                variant=variant,
            )
            for ordinal, (product, kind, language, variant) in enumerate(wanted)
        ),
        batch_size=500,
    )
    Campaign.objects.filter(pk=campaign.pk).mark_started(timezone.now())
    if queue:
        transaction.on_commit(lambda: tasks.fill_run.delay(run.pk), robust=True)
    return run


def active_checkpoint() -> Checkpoint:
    """The checkpoint that writes.

    Raises:
        CheckpointMissing: none is active, or its files are gone.
    """
    checkpoint = Checkpoint.objects.active().first()
    if checkpoint is None:
        raise CheckpointMissing(
            _("No checkpoint is active: activate one, or train one with manage.py train.")
        )
    checkpoint.require_files()
    return checkpoint


@transaction.atomic
def retry_run(run: Run) -> Run:
    """Queue a failed run again; its open slots are filled, the others stay.

    Raises:
        RunNotStartable: it has not failed, another is under way, or its campaign is closed.
    """
    _require_startable(run.campaign_id, again=run)
    if not Run.objects.filter(pk=run.pk).requeue_failed():
        raise RunNotStartable(_("Only a run that failed can be started again."))
    transaction.on_commit(lambda: tasks.fill_run.delay(run.pk), robust=True)
    return Run.objects.get(pk=run.pk)


def _require_startable(campaign_id: int, *, again: Run | None = None) -> None:
    """Hold the campaign until the commit, so that of two starts at once one is refused.

    Raises:
        RunNotStartable: it is closed, or a run of it other than `again` is under way.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.status != Campaign.Status.OPEN:
        raise RunNotStartable(_("The campaign is closed; open a new one to write more."))
    others = campaign.runs.exclude(pk=again.pk) if again else campaign.runs
    if others.unfinished().exists():
        raise RunNotStartable(_("A run of this campaign is under way; wait until it has ended."))


@transaction.atomic
def close_campaign(campaign: Campaign) -> int:
    """Close a campaign: end its run, and take its undecided drafts off the desk.

    Gives 1, or 0 if it was closed before; then nothing is written.
    """
    if not Campaign.objects.filter(pk=campaign.pk).close(timezone.now()):
        return 0
    # The runs come first: a worker that has lost its lease stores no more drafts.
    runs = Run.objects.filter(campaign=campaign)
    ended = list(runs.unfinished().values_list("pk", flat=True))
    runs.filter(pk__in=ended).stop(_("The campaign was closed before the run had ended."))
    Draft.objects.filter(run__campaign=campaign).expire()
    for pk in ended:
        _announce_end(pk)
    return 1


def _announce_end(run_id: int) -> None:
    transaction.on_commit(lambda: live.announce_progress(run_id), robust=True)


def start_due_runs() -> int:
    """Start the campaigns whose hour has come; return how many runs that made.

    Each starts in a transaction of its own: one that cannot start holds up no other, and is
    tried again when the clock next asks.
    """
    started = 0
    for campaign in Campaign.objects.due(timezone.now()):
        try:
            started += _start_due_run(campaign)
        except RunNotStartable:
            continue  # a run that somebody started by hand has to end first
        except GenerationError as refusal:
            _log.warning("The campaign %s was due and did not start: %s", campaign.slug, refusal)
        except DatabaseError:
            _log.exception("The campaign %s was due and did not start.", campaign.slug)
    return started


@transaction.atomic
def _start_due_run(campaign: Campaign) -> int:
    """Start one campaign; 0 if somebody was faster, or if it asks for nothing."""
    now = timezone.now()
    if not Campaign.objects.due(now).filter(pk=campaign.pk).mark_started(now):
        return 0
    try:
        start_run(campaign)
    except EmptyCampaign:
        return 0  # its page says so
    return 1


def requeue_lost_jobs() -> int:
    """Queue what a dead worker left, and what a broker that was down never got."""
    now = timezone.now()
    runs = Run.objects.requeue_lost(now, seconds=_FORGOTTEN_AFTER_SECONDS)
    trainings = TrainingRun.objects.requeue_lost(now, seconds=_FORGOTTEN_AFTER_SECONDS)
    for pk in runs:
        tasks.fill_run.delay(pk)
    for pk in trainings:
        tasks.train.delay(pk)
    return len(runs) + len(trainings)


@transaction.atomic
def start_training(
    *, feedback: bool = True, minutes: float = 20, user: User | None = None
) -> TrainingRun:
    """Order a training, queued for the gpu worker on commit.

    Raises:
        RunNotStartable: a training is under way.
    """
    if TrainingRun.objects.unfinished().exists():
        raise RunNotStartable(_("A training is under way; wait until it has ended."))
    order = TrainingRun.objects.create(
        is_feedback=feedback,
        minutes=minutes,
        seed=secrets.randbits(_SEED_BITS),
        requested_by=user,
    )
    transaction.on_commit(lambda: tasks.train.delay(order.pk), robust=True)
    return order


def stop_training(order: TrainingRun, *, user: User) -> TrainingRun:
    """Stop a training that waits or is under way; its worker notices at its next report.

    Raises:
        RunNotStartable: it has ended already.
    """
    sentence = _("%(user)s stopped it.") % {"user": user.get_username()}
    if not TrainingRun.objects.filter(pk=order.pk).stop(sentence):
        raise RunNotStartable(_("This training has ended already."))
    return TrainingRun.objects.get(pk=order.pk)


def start_nightly_training() -> int:
    """Order a training if editors decided enough since the last one; return how many."""
    if Example.objects.for_learning().unused().count() < settings.GALLEY_NIGHTLY_LESSONS:
        return 0
    try:
        start_training(feedback=True)
    except RunNotStartable:
        return 0
    return 1


@transaction.atomic
def activate_checkpoint(checkpoint: Checkpoint, *, user: User | None = None) -> Checkpoint:
    """Make a checkpoint the one that writes; the one before it retires and stays at hand.

    Raises:
        CheckpointUnusable: its files are gone; nothing changes.
    """
    if not checkpoint.is_complete:
        raise CheckpointUnusable(
            _("The files of the checkpoint “%(name)s” are gone.") % {"name": checkpoint.name}
        )
    if checkpoint.status != Checkpoint.Status.ACTIVE:
        Checkpoint.objects.active().retire()
        Checkpoint.objects.filter(pk=checkpoint.pk).activate()
    return Checkpoint.objects.get(pk=checkpoint.pk)
