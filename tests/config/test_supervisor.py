"""Children are kept alive, stopped together, and never outlive their keeper."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from config.supervisor import Child, kept

SLEEPER = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]


async def nth_pid(lines: list[str], count: int) -> int:
    """Wait until that many children have said who they are; give the last one's id."""
    for _ in range(200):
        pids = [int(line.split()[-1]) for line in lines if line.split()[-1].isdigit()]
        if len(pids) >= count:
            return pids[count - 1]
        await asyncio.sleep(0.05)
    raise AssertionError(lines)


async def test_a_killed_child_is_started_again_and_all_stop_together(tmp_path):
    lines: list[str] = []

    async with kept([Child("web", SLEEPER)], logs=tmp_path, show=lines.append):
        first = await nth_pid(lines, 1)
        os.kill(first, signal.SIGKILL)
        second = await nth_pid(lines, 2)

    assert second != first
    assert not psutil.pid_exists(second)
    assert any("was ended by SIGKILL; starts again in 0.2 s" in line for line in lines)
    assert "SIGKILL" in (tmp_path / "web.log").read_text()


async def test_a_childs_lines_have_its_name_in_front(tmp_path):
    lines: list[str] = []
    speaker = [sys.executable, "-c", "import time; print('早 ☀', flush=True); time.sleep(60)"]

    async with kept([Child("beat", speaker)], logs=tmp_path, show=lines.append):
        for _ in range(100):
            if lines:
                break
            await asyncio.sleep(0.05)

    assert lines[0] == "beat   | 早 ☀"


@pytest.mark.skipif(sys.platform != "linux", reason="The kernel's own watch is Linux's.")
def test_children_die_with_a_keeper_that_was_killed(tmp_path):
    code = textwrap.dedent(f"""
        import asyncio, sys
        from pathlib import Path
        from config.supervisor import Child, kept
        async def main():
            child = Child("web", {SLEEPER!r})
            logs = Path({str(tmp_path)!r})
            async with kept([child], logs=logs, show=lambda line: print(line, flush=True)):
                await asyncio.sleep(60)
        asyncio.run(main())
    """)
    keeper = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=Path(settings.BASE_DIR),
        stdout=subprocess.PIPE,
        text=True,
    )
    with keeper:
        child = int(keeper.stdout.readline().split()[-1])

        keeper.kill()

        deadline = time.monotonic() + 10
        while psutil.pid_exists(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not psutil.pid_exists(child)
