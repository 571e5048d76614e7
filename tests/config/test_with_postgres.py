"""A command gets a PostgreSQL of its own, which is gone after it, whatever it comes to."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

SCRIPT = Path(settings.BASE_DIR) / "deploy/with_postgres.py"
TELL = "import os, sys; print(os.environ['DATABASE_URL'], flush=True); "

needs_server = pytest.mark.skipif(
    not (shutil.which("initdb") or [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]),
    reason="No PostgreSQL server was found; install Debian's postgresql.",
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for the server's; pytest's own lets nobody else in, and a server is not root's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def start(place: Path, code: str, **env: str) -> subprocess.Popen:
    inherited = {name: words for name, words in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(SCRIPT), sys.executable, "-c", TELL + code],
        env={**inherited, "TMPDIR": str(place), **env},
        stdout=subprocess.PIPE,
        text=True,
    )


@needs_server
@pytest.mark.slow
def test_a_server_lasts_as_long_as_its_command(place):
    ask = "import psycopg; there = psycopg.connect(os.environ['DATABASE_URL']); "
    ask += "print(*there.execute('show fsync').fetchone()); sys.exit(3)"

    command = start(place, ask)

    address, answer = command.communicate(timeout=120)[0].split("\n")[:2]
    assert (command.returncode, answer) == (3, "off")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(address).port))
    assert list(place.iterdir()) == []


@needs_server
@pytest.mark.slow
def test_a_server_ends_with_a_command_that_is_ended(place):
    command = start(place, "import time; time.sleep(100)")
    address = command.stdout.readline().strip()
    psycopg.connect(address).close()

    command.send_signal(signal.SIGTERM)

    assert command.wait(timeout=60) == 128 + signal.SIGTERM
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", urlsplit(address).port))
    assert list(place.iterdir()) == []
    command.stdout.close()


def test_a_server_that_is_named_is_used(place):
    command = start(place, "", DATABASE_URL="postgres://elsewhere/galley")

    assert command.communicate(timeout=60)[0] == "postgres://elsewhere/galley\n"
    assert command.returncode == 0
