"""A setting that cannot be used ends the command with one sentence that says what to do."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"GALLEY_HOME": "{file}/home"}, "Galley cannot write to {file}/home (Not a directory); "),
        ({"GALLEY_DEBUG": "maybe"}, "Set GALLEY_DEBUG to yes or no, not to 'maybe'."),
        (
            {"GALLEY_DIGEST_HOUR": "24"},
            "Set GALLEY_DIGEST_HOUR to an hour, 0 to 23, not to '24'.",
        ),
        (
            {"GALLEY_TIME_ZONE": "Asia"},
            "Set GALLEY_TIME_ZONE to a zone like Asia/Shanghai or UTC, not to 'Asia'.",
        ),
        (
            {"DJANGO_SETTINGS_MODULE": "config.settings.production"},
            "Set SECRET_KEY to a random text of at least 50 characters.",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line_in_the_shell(tmp_path, variables, sentence):
    file = tmp_path / "file"
    file.touch()
    inherited = {name: words for name, words in os.environ.items() if name != "SECRET_KEY"}
    given = {name: words.format(file=file) for name, words in variables.items()}
    dev = {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "GALLEY_HOME": str(tmp_path / "home")}

    answer = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=settings.BASE_DIR,
        env={**inherited, **dev, **given},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith(sentence.format(file=file))
    assert len(answer.stderr.splitlines()) == 1


def test_a_home_that_takes_no_file_is_refused(monkeypatch, tmp_path):
    def on_a_disk_mounted_read_only(**_options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(env.tempfile, "TemporaryFile", on_a_disk_mounted_read_only)
    monkeypatch.setenv("GALLEY_HOME", str(tmp_path))

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.home()

    assert str(refusal.value) == (
        f"Galley cannot write to {tmp_path} (Read-only file system); "
        "set GALLEY_HOME to a folder that it may write to."
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("off", False), ("", False)],
)
def test_yes_and_no_are_read(monkeypatch, words, answer):
    monkeypatch.setenv("GALLEY_DEBUG", words)

    assert env.is_debug() is answer


@pytest.mark.parametrize(
    ("words", "answer"), [("Asia/Shanghai", "Asia/Shanghai"), (" ", "UTC"), ("", "UTC")]
)
def test_a_time_zone_is_read(monkeypatch, words, answer):
    monkeypatch.setenv("GALLEY_TIME_ZONE", words)

    assert env.time_zone() == answer


@pytest.mark.parametrize("words", ["Mars/Base", "/etc/localtime", "../UTC", "+08:00"])
def test_what_is_no_time_zone_is_refused(monkeypatch, words):
    monkeypatch.setenv("GALLEY_TIME_ZONE", words)

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.time_zone()

    assert str(refusal.value) == (
        f"Set GALLEY_TIME_ZONE to a zone like Asia/Shanghai or UTC, not to {words!r}."
    )
