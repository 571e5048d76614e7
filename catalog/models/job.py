"""What an import, a run and a training share: a long job, done by one worker at a time."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FORGOTTEN_AFTER = 300  # seconds in the queue: the broker was down when it was to be put there


class JobStatus(models.TextChoices):
    """Where a long job stands."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    FAILED = "failed", _("Failed")


def stale_before(at: datetime) -> datetime:
    """Give the moment before which a heartbeat means that the worker is gone."""
    return at - timedelta(seconds=settings.GALLEY_STALE_RUN_SECONDS)


class JobQuerySet(models.QuerySet):
    """Reads are adjectives; transitions are verbs that return how many jobs moved.

    A worker that claims a job gets a lease. It keeps the job only as long as `beat` with that
    lease moves the row; another worker may claim it once the heartbeat is stale.
    """

    def unfinished(self) -> Self:
        """Jobs that are queued or running."""
        return self.filter(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])

    def stale(self, at: datetime) -> Self:
        """Running jobs whose worker has not been heard of for too long."""
        return self.filter(status=JobStatus.RUNNING, heartbeat_at__lt=stale_before(at))

    def forgotten(self, at: datetime, *, seconds: int) -> Self:
        """Queued jobs that no worker has taken for `seconds`."""
        return self.filter(status=JobStatus.QUEUED, queued_at__lt=at - timedelta(seconds=seconds))

    def claim(self, at: datetime, *, lease: UUID) -> int:
        """Move queued jobs, and running ones with a stale heartbeat, to this lease's holder."""
        free = Q(status=JobStatus.QUEUED) | Q(
            status=JobStatus.RUNNING, heartbeat_at__lt=stale_before(at)
        )
        return self.filter(free).update(
            status=JobStatus.RUNNING,
            lease=lease,
            started_at=models.functions.Coalesce(F("started_at"), at),
            heartbeat_at=at,
            failure="",
        )

    def held(self, lease: UUID) -> Self:
        """Running jobs that the holder of this lease still owns."""
        return self.filter(status=JobStatus.RUNNING, lease=lease)

    def beat(self, at: datetime, *, lease: UUID, **changes: Any) -> int:
        """Say that the worker is alive, with what it has to report; 0 when its lease is lost."""
        return self.held(lease).update(heartbeat_at=at, **changes)

    def finish(self, *, lease: UUID, **changes: Any) -> int:
        """Move the jobs this lease holds to finished."""
        return self.held(lease).update(
            status=JobStatus.FINISHED, finished_at=Now(), heartbeat_at=Now(), **changes
        )

    def fail(self, sentence: str, *, lease: UUID) -> int:
        """Move the jobs this lease holds to failed, with the reason in one sentence."""
        return self.held(lease).update(status=JobStatus.FAILED, finished_at=Now(), failure=sentence)

    def stop(self, sentence: str) -> int:
        """Move unfinished jobs to failed, whoever holds them, with the reason in one sentence."""
        return self.unfinished().update(
            status=JobStatus.FAILED, finished_at=Now(), failure=sentence, lease=None
        )

    def requeue_failed(self) -> int:
        """Move failed jobs back to queued."""
        return self.filter(status=JobStatus.FAILED).update(
            status=JobStatus.QUEUED, queued_at=Now(), finished_at=None, failure="", lease=None
        )

    def requeue_lost(self, at: datetime, *, seconds: int = FORGOTTEN_AFTER) -> list[int]:
        """Give the stale and the forgotten jobs a new place in the queue; give their ids."""
        lost = self.stale(at) | self.forgotten(at, seconds=seconds)
        moved = []
        for pk in lost.values_list("pk", flat=True):
            is_moved = lost.filter(pk=pk).update(status=JobStatus.QUEUED, queued_at=at, lease=None)
            moved += [pk] * is_moved
        return moved


class Job(models.Model):
    """A long job with its lease, its heartbeat and its end."""

    Status = JobStatus

    status = models.CharField(
        _("status"), max_length=10, choices=JobStatus, default=JobStatus.QUEUED
    )
    lease = models.UUIDField(_("lease"), null=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last heard of"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    failure = models.TextField(_("failure"), blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_unfinished(self) -> bool:
        """Say whether somebody still has to work on it."""
        return self.status in {JobStatus.QUEUED, JobStatus.RUNNING}


class StoppableJobQuerySet(JobQuerySet):
    """Jobs that a person may stop, and that go on where they were."""

    def stop_by(self, user: Any, sentence: str) -> int:
        """Move unfinished jobs to failed, and say that a person wanted that."""
        return self.unfinished().update(
            status=JobStatus.FAILED,
            finished_at=Now(),
            failure=sentence,
            lease=None,
            stopped_by=user,
        )

    def resume(self) -> int:
        """Move failed jobs back to queued; their place is still kept."""
        return self.filter(status=JobStatus.FAILED).queue_again()

    def queue_again(self, **changes: Any) -> int:
        """Move these jobs back to queued, whatever came of them."""
        return self.update(
            status=JobStatus.QUEUED,
            queued_at=Now(),
            finished_at=None,
            failure="",
            lease=None,
            stopped_by=None,
            **changes,
        )


class StoppableJob(Job):
    """A job that a person may stop, with who did."""

    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("stopped by"),
    )

    objects = StoppableJobQuerySet.as_manager()

    class Meta:
        abstract = True
