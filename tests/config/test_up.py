"""What `manage.py up` does before and beside its children."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings

CODE = (
    "import django; django.setup(); from config.management.commands import up; "
    "print([number.name for number in up._signals_to_stop()])"
)


@pytest.mark.parametrize(
    ("before", "signals"),
    [
        ([], "['SIGINT', 'SIGTERM', 'SIGHUP']"),
        (["nohup"], "['SIGINT', 'SIGTERM']"),
    ],
)
def test_a_hang_up_stops_it_unless_it_was_started_to_stay(before, signals):
    answer = subprocess.run(  # noqa: S603 - our own code
        [*before, sys.executable, "-c", CODE],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.strip() == signals


def test_a_broker_that_is_not_there_ends_the_start_at_once(tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "GALLEY_HOME": str(tmp_path),
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    for words in (["migrate", "-v0"], ["up", "--port", str(free_port())]):
        answer = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert answer.returncode == 1
    assert answer.stderr.startswith("CommandError: The broker that REDIS_URL names does not answer")
    assert len(answer.stderr.splitlines()) == 1


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
