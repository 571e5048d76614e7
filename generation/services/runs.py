"""Orders for drafts: their start, their retry, their place, and their end with their campaign."""

from __future__ import annotations

import logging
import secrets
from itertools import product as each_of

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import EmptyCampaign
from catalog.models import Campaign
from generation import live, tasks
from generation.errors import GenerationError, RunNotStartable
from generation.models import Canary, Draft, Run, Slot, TrainingRun
from generation.services.checkpoints import active_checkpoint

_log = logging.getLogger(__name__)

SEED_BITS = 48


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
    due_at = _require_startable(campaign.pk).due_at
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
        canary=Canary.objects.running().first(),
        seed=secrets.randbits(SEED_BITS) if seed is None else seed,
        requested_by=user,
    )
    Run.objects.filter(pk=run.pk).take_turns(due_at)
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


def _require_startable(campaign_id: int, *, again: Run | None = None) -> Campaign:
    """Hold the campaign until the commit, so that of two starts at once one is refused; give it.

    Raises:
        RunNotStartable: it is closed, or a run of it other than `again` is under way.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.status != Campaign.Status.OPEN:
        raise RunNotStartable(_("The campaign is closed; open a new one to write more."))
    others = campaign.runs.exclude(pk=again.pk) if again else campaign.runs
    if others.unfinished().exists():
        raise RunNotStartable(_("A run of this campaign is under way; wait until it has ended."))
    return campaign


@transaction.atomic
def move_in_queue(campaign: Campaign) -> int:
    """Place all that was written for a campaign by its due date, which has changed.

    Returns how many drafts that are.
    """
    due_at = Campaign.objects.select_for_update().get(pk=campaign.pk).due_at
    # The runs come first: a worker that stores drafts holds its run, so none are left behind.
    Run.objects.filter(campaign=campaign).take_turns(due_at)
    return Draft.objects.filter(run__campaign=campaign).follow_runs()


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
    runs = Run.objects.requeue_lost(now)
    trainings = TrainingRun.objects.requeue_lost(now)
    for pk in runs:
        tasks.fill_run.delay(pk)
    for pk in trainings:
        tasks.train.delay(pk)
    return len(runs) + len(trainings)
