"""Holding a long job: its heart beats while it works, and what goes wrong ends it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import CatalogError, JobLost
from catalog.models.job import JobQuerySet

logger = logging.getLogger(__name__)


@contextmanager
def held(
    jobs: JobQuerySet, lease: UUID, *, refusals: type[Exception] = CatalogError
) -> Iterator[None]:
    """Hold a claimed job for the length of a block.

    One of our `refusals` ends the job as failed, in its own sentence. What nobody foresaw ends it
    too, so that it is not tried for ever, and goes on to who called. A busy database ends
    nothing: the task is tried again. Who has lost the lease just stops.
    """
    with _beating(jobs, lease):
        try:
            yield
        except JobLost:
            logger.info("The lease %s was taken away; its worker stops.", lease)
        except refusals as reason:
            jobs.fail(str(reason), lease=lease)
        except OperationalError:
            raise
        except Exception as reason:
            jobs.fail(
                _("It broke off (%(error)s); the log of the worker says where.")
                % {"error": type(reason).__name__},
                lease=lease,
            )
            raise


@contextmanager
def _beating(jobs: JobQuerySet, lease: UUID) -> Iterator[None]:
    """Say that the worker is alive while it is silent: some steps of a training take minutes.

    The beats come from a thread, which has a database connection of its own.
    """
    done = Event()
    thread = Thread(target=_beat, args=(jobs, lease, done), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(jobs: JobQuerySet, lease: UUID, done: Event) -> None:
    try:
        while not done.wait(settings.GALLEY_STALE_RUN_SECONDS / 4):
            try:
                jobs.beat(timezone.now(), lease=lease)
            except OperationalError:
                logger.warning("The database was busy; the next heartbeat tries again.")
    finally:
        connection.close()
