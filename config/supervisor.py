"""Keeps a few processes alive, tells their news with a name in front, and stops them all.

A child that ends by itself or is killed is started again, at once the first time and then
with a growing pause. Children die with this process, even if it is killed (`config.tether`).
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from config import env, tether

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30
# A child that lived this long was well: its next pause is the first one again.
HEALTHY_SECONDS = 20
STOP_SECONDS = 4


@dataclass(frozen=True)
class Child:
    """One process to keep: its name in the logs, its command, what its environment adds."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)


class Keeper:
    """Keeps one child alive until told to stop.

    Args:
        child: what to run.
        logs: the folder of the child's log file.
        show: called with each line, the child's name in front.
    """

    def __init__(self, child: Child, *, logs: Path, show: Callable[[str], None]):
        self.child = child
        self._show = show
        self._process: Process | None = None
        self._is_stopping = False
        self._log = RotatingFileHandler(
            logs / f"{child.name}.log", maxBytes=5_000_000, backupCount=2, encoding="utf-8"
        )

    def say(self, line: str) -> None:
        """Write one line to the child's log and to the console."""
        self._log.emit(logging.makeLogRecord({"msg": line}))
        self._show(f"{self.child.name:<7}| {line}")

    async def keep(self) -> None:
        """Run the child, again and again, until `stop`."""
        pause = FIRST_PAUSE_SECONDS
        while not self._is_stopping:
            started = time.monotonic()
            status = await self._run()
            if self._is_stopping:
                return
            if time.monotonic() - started > HEALTHY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self.say(f"{_ending(status)}; starts again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def stop(self) -> None:
        """Ask the child to end, and end it if it does not within a few seconds."""
        self._is_stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                self.say("is busy, so it is ended; what it did is taken up at the next start")
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    def close(self) -> None:
        """Let go of the log file, once the child is gone."""
        self._log.close()

    async def _run(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", tether.__file__, str(os.getpid()), *self.child.command),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            limit=2**20,
            env=env.with_variables(PYTHONUNBUFFERED="1", **self.child.environment),
            start_new_session=True,  # Ctrl-C is for us; we then stop the children in order
        )
        copying = asyncio.create_task(self._copy_lines(self._process.stdout))
        status = await self._process.wait()
        await asyncio.wait([copying], timeout=1)
        copying.cancel()
        return status

    async def _copy_lines(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                line = b"(a line of more than a megabyte was left out)\n"
            if not line:
                return
            self.say(line.decode(errors="replace").rstrip())


@contextlib.asynccontextmanager
async def kept(children: Sequence[Child], *, logs: Path, show: Callable[[str], None]):
    """Keep the children alive inside this context; stop them all, together, at its end."""
    keepers = [Keeper(child, logs=logs, show=show) for child in children]
    tasks = [asyncio.create_task(keeper.keep()) for keeper in keepers]
    try:
        yield
    finally:
        await asyncio.gather(*(keeper.stop() for keeper in keepers))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for keeper in keepers:
            keeper.close()


def _ending(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
