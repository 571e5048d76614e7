"""What must be true before Galley starts; each refusal is one sentence for a person."""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import redis
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.backoff import NoBackoff
from redis.retry import Retry

NEEDED_FREE_BYTES = 200_000_000


@contextlib.contextmanager
def lock(file: Path) -> Iterator[None]:
    """Hold the file's lock, so that two supervisors never share one folder.

    Raises:
        CommandError: another process holds it.
    """
    with file.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise CommandError(
                f"Galley already runs from {file.parent.parent} as process {held.read()}; "
                "stop it first, or set GALLEY_HOME to another folder."
            ) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


def port_number(text: str) -> int:
    """Return the port that the text names.

    Raises:
        CommandError: it is not a port.
    """
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise CommandError(f"PORT must be a number from 1 to 65535, not {text!r}.")


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        CommandError: somebody listens there, or the address is not this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as refusal:
        raise CommandError(
            f"Cannot listen on {host} port {port} ({refusal.strerror}); "
            f"choose another port, for example: make run PORT={port % 65535 + 1}"
        ) from None


def check_disk(folder: Path) -> None:
    """Refuse to start on a disk that is about to be full.

    Raises:
        CommandError: there is too little room.
    """
    free = shutil.disk_usage(folder).free
    if free < NEEDED_FREE_BYTES:
        raise CommandError(
            f"Only {free // 1_000_000} MB are free in {folder}; "
            f"Galley needs {NEEDED_FREE_BYTES // 1_000_000} MB to run."
        )


def check_database() -> None:
    """Refuse a database that does not answer or has not been set up.

    Raises:
        CommandError: it does not answer, or migrations are missing.
    """
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as refusal:
        raise CommandError(f"The database does not answer: {str(refusal).strip()}") from None
    finally:
        connection.close()
    if plan:
        raise CommandError("The database is not set up for this version; run: make setup")


def check_broker(url: str) -> None:
    """Refuse a broker of our own choice that does not answer.

    Args:
        url: its address; a password in it is not repeated.

    Raises:
        CommandError: nobody answers there, or the address is none.
    """
    try:
        client = redis.Redis.from_url(
            url, socket_timeout=3, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0)
        )
        with contextlib.closing(client):
            client.ping()
    except (redis.RedisError, ValueError) as reason:
        raise CommandError(
            f"The broker that REDIS_URL names does not answer ({str(reason).rstrip('.')}); "
            "start it, or correct REDIS_URL, or leave it out to have one started."
        ) from None


def check_writer(name: str) -> None:
    """Refuse a writer whose module is not there; it is not imported, for that takes seconds.

    Args:
        name: the dotted path of the class.

    Raises:
        CommandError: there is no such module.
    """
    module = name.rpartition(".")[0]
    try:
        is_there = importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        is_there = False
    if not is_there:
        raise CommandError(
            f"GALLEY_WRITER names “{name}”, and there is no module “{module}”; "
            "correct it, or leave it out to write with the GAN."
        )


def dismiss_broker(address: Path, *, seconds: float = 10) -> None:
    """End an embedded broker that outlived its supervisor, so that ours can take its data.

    Only the holder of the lock calls this: nobody else's broker can be on that socket.

    Raises:
        CommandError: it does not go.
    """
    # Asked once: by default a client asks a socket that is not there for up to ten seconds.
    client = redis.Redis(
        unix_socket_path=str(address), socket_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )
    deadline = time.monotonic() + seconds
    with contextlib.closing(client), contextlib.suppress(redis.ConnectionError, FileNotFoundError):
        # `shutdown` returns when the server has closed the connection, which it does last.
        client.shutdown(nosave=True, now=True)
        while time.monotonic() < deadline:
            client.ping()
            time.sleep(0.05)
        raise CommandError(f"Another broker holds {address} and does not stop; end it by hand.")
