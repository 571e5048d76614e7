"""What tools can check, they check here: style, contracts, migrations, what a process loads."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
BIN = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(  # noqa: S603 - our own tools
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("lint-imports",)]
)
def test_a_tool_has_nothing_to_say(command):
    answer = run(str(BIN / command[0]), *command[1:])

    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_migrations_are_in_step(db):
    call_command("makemigrations", check=True, dry_run=True)


def test_the_web_process_never_loads_torch():
    code = (
        "import sys, django; from config.asgi import application; "
        "from django.urls import get_resolver; get_resolver().url_patterns; "
        "from django.test import Client; Client().get('/healthz'); "
        "sys.exit('torch' in sys.modules)"
    )

    answer = run(sys.executable, "-W", "ignore", "-c", code)

    assert answer.returncode == 0, answer.stderr


def test_every_setting_of_ours_is_in_the_readme():
    words = (ROOT / "config/settings/base.py").read_text() + (ROOT / "config/env.py").read_text()
    names = set(re.findall(r"\bGALLEY_[A-Z_]+\b", words))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert sorted(name for name in names if name not in readme) == []


def test_vendored_files_are_what_was_vendored():
    folder = ROOT / "static/vendor"
    manifest = json.loads((folder / "MANIFEST.json").read_text())

    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != "MANIFEST.json"
    }
    assert digests == manifest
