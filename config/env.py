"""The only reader of the environment.

Everything a machine may set differently is a function here, with its default; settings
modules call these functions and nothing else reads `os.environ`.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
# A Unix socket's path has room for 104 bytes on macOS and 108 on Linux, the last one a zero.
MAX_SOCKET_PATH_BYTES = 100

_YES = ("yes", "y", "true", "t", "on", "ok", "1")
_NO = ("no", "n", "false", "f", "off", "0")

_env = environ.Env()


def home() -> Path:
    """Return the folder of everything that changes, made if it is not there.

    Raises:
        ImproperlyConfigured: it cannot be made, or nothing can be written into it.
    """
    folder = Path(_env.str("GALLEY_HOME", default=str(BASE_DIR / "var"))).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Asked of the disk itself: permissions say nothing of /proc or of a disk mounted read-only.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as reason:
        raise ImproperlyConfigured(
            f"Galley cannot write to {folder} ({reason.strerror}); "
            "set GALLEY_HOME to a folder that it may write to."
        ) from reason
    return folder


def socket_folder(galley_home: Path) -> Path:
    """Return the folder of the embedded broker's socket.

    It is `run` inside the home, or, where that path is too long for a socket, a private
    folder under the system's temporary one, named for the home.
    """
    folder = galley_home / "run"
    if len(os.fsencode(folder / "valkey.sock")) > MAX_SOCKET_PATH_BYTES:
        name = hashlib.sha256(os.fsencode(galley_home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"galley-{os.getuid()}-{name}"
    return folder


def database(galley_home: Path) -> dict:
    """Return Django's settings for `DATABASE_URL`, or for the SQLite file in the home."""
    config = _env.db_url("DATABASE_URL", default=f"sqlite:///{galley_home / 'galley.sqlite3'}")
    if config["ENGINE"].endswith("sqlite3"):
        config["CONN_MAX_AGE"] = None  # a file that is open costs nothing; to open it does
        # Deferred transactions that read and then write fail at once, whatever the timeout;
        # immediate ones wait their turn.
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif config["ENGINE"].endswith("postgresql"):
        # One connection per request exhausts PostgreSQL under ASGI; the pool demands age 0.
        config["CONN_MAX_AGE"] = 0
        config.setdefault("OPTIONS", {})["pool"] = {"min_size": 2, "max_size": 8, "timeout": 10}
    return config


def redis_url() -> str:
    """Return the address of a Valkey or Redis server, or "" for the embedded one."""
    return _env.str("REDIS_URL", default="")


def writer() -> str:
    """Return the dotted path of the class that writes."""
    return _env.str("GALLEY_WRITER", default="generation.writers.gan.GanWriter")


def backbone() -> Path | None:
    """Return the folder of the language model that some checkpoints write with, if there is one."""
    folder = _env.str("GALLEY_BACKBONE", default="").strip()
    return Path(folder).expanduser() if folder else None


def torch_threads() -> int:
    """Return how many threads the writer computes with."""
    return max(1, _env.int("GALLEY_TORCH_THREADS", default=1))


def is_nightly_training() -> bool:
    """Return whether a training starts each night by itself.

    Raises:
        ImproperlyConfigured: `GALLEY_NIGHTLY_TRAINING` is neither yes nor no.
    """
    return _yes_or_no("GALLEY_NIGHTLY_TRAINING", default=False)


def keep_place_seconds() -> float:
    """Return how often a training keeps its place, in seconds."""
    return max(0.0, _env.float("GALLEY_KEEP_PLACE_SECONDS", default=60))


def site_address() -> str:
    """Return where people find the site, for links in mails, with no slash at its end."""
    return _env.str("GALLEY_ADDRESS", default=f"http://localhost:{port()}").rstrip("/")


def digest_hour() -> int:
    """Return the hour of the day, in UTC, at which digests are sent.

    Raises:
        ImproperlyConfigured: `GALLEY_DIGEST_HOUR` is no hour.
    """
    words = _env.str("GALLEY_DIGEST_HOUR", default="7").strip()
    if words.isascii() and words.isdigit() and int(words) < 24:
        return int(words)
    raise ImproperlyConfigured(f"Set GALLEY_DIGEST_HOUR to an hour, 0 to 23, not to {words!r}.")


def time_zone() -> str:
    """Return the name of the shop's time zone.

    Raises:
        ImproperlyConfigured: `GALLEY_TIME_ZONE` names none that is known here.
    """
    name = _env.str("GALLEY_TIME_ZONE", default="").strip() or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as reason:  # the last: a folder of zones
        raise ImproperlyConfigured(
            f"Set GALLEY_TIME_ZONE to a zone like Asia/Shanghai or UTC, not to {name!r}."
        ) from reason
    return name


def mail() -> dict:
    """Return Django's settings for `EMAIL_URL`, or those that print mails where Galley runs."""
    found = _env.email_url("EMAIL_URL", default="consolemail://")
    usual = {"EMAIL_HOST": "localhost", "EMAIL_PORT": 25}
    usual |= {"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": ""}
    usual |= {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}
    return usual | {name: value for name, value in found.items() if value}


def mail_sender() -> str:
    """Return the address that mails come from."""
    return _env.str("GALLEY_MAIL_FROM", default="Galley <galley@localhost>")


def demo_password() -> str | None:
    """Return the password the demo accounts get, or None for a random one."""
    return _env.str("GALLEY_DEMO_PASSWORD", default="") or None


def is_debug() -> bool:
    """Return whether pages show tracebacks and static files are looked up on every request.

    Raises:
        ImproperlyConfigured: `GALLEY_DEBUG` is neither yes nor no.
    """
    return _yes_or_no("GALLEY_DEBUG", default=False)


def host() -> str:
    """Return the address the web server listens on."""
    return _env.str("HOST", default="127.0.0.1")


def port() -> str:
    """Return the port the web server listens on, as it was written."""
    return _env.str("PORT", default="8000")


def allowed_hosts() -> list[str]:
    """Return the host names of this site besides the local ones."""
    return _env.list("ALLOWED_HOSTS", default=[])


def required_hosts() -> list[str]:
    """Return the host names of this site.

    Raises:
        ImproperlyConfigured: none is set.
    """
    if not allowed_hosts():
        raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names of this site.")
    return allowed_hosts()


def is_https() -> bool:
    """Return whether visitors come by HTTPS; only a site behind a closed network says no.

    Raises:
        ImproperlyConfigured: `GALLEY_HTTPS` is neither yes nor no.
    """
    return _yes_or_no("GALLEY_HTTPS", default=True)


def required_secret_key() -> str:
    """Return the key that signs sessions.

    Raises:
        ImproperlyConfigured: it is missing or short enough to guess.
    """
    key = _env.str("SECRET_KEY", default="")
    if len(key) < 50:
        raise ImproperlyConfigured("Set SECRET_KEY to a random text of at least 50 characters.")
    return key


def local_secret_key(galley_home: Path) -> str:
    """Return `SECRET_KEY`, or a random key kept in the home, made on first use."""
    key = _env.str("SECRET_KEY", default="")
    if key:
        return key
    file = galley_home / "secret_key"
    if not file.exists():
        # Written beside and linked into place: whoever comes second finds a whole key.
        handle, draft = tempfile.mkstemp(dir=galley_home)
        os.write(handle, secrets.token_urlsafe(60).encode())
        os.close(handle)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_text()


def with_variables(**variables: str) -> dict[str, str]:
    """Return this process' environment with some variables set, for a child process."""
    return {**os.environ, **variables}


def _yes_or_no(name: str, *, default: bool) -> bool:
    words = _env.str(name, default="").strip().lower()
    if not words:
        return default
    if words in _YES or words in _NO:
        return words in _YES
    raise ImproperlyConfigured(f"Set {name} to yes or no, not to {words!r}.")
