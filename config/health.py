"""What a load balancer or a person at three in the morning asks: alive? ready?"""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config.celery import app
from generation.models import Checkpoint


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that this process answers; it asks nobody else."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether drafts can be written and decided here, and if not, what is missing."""
    missing = {name: reason for name, check in CHECKS.items() if (reason := check())}
    status = "not ready" if missing else "ready"
    return JsonResponse({"status": status, "missing": missing}, status=503 if missing else 200)


def _database() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return None


def _broker() -> str | None:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
    except (OperationalError, OSError):
        return "The broker does not answer."
    return None


def _checkpoint() -> str | None:
    try:
        checkpoint = Checkpoint.objects.active().first()
    except DatabaseError:
        return "The database cannot say which checkpoint is active."
    if checkpoint is None:
        return "No checkpoint is active: activate one, or train one with manage.py train."
    if not checkpoint.is_complete:
        return "The files of the active checkpoint are gone: activate another one."
    return None


CHECKS: dict[str, Callable[[], str | None]] = {
    "database": _database,
    "broker": _broker,
    "checkpoint": _checkpoint,
}
