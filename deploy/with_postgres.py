"""Run a command with a PostgreSQL that is thrown away after it: with_postgres.py COMMAND ...

`DATABASE_URL` says where it is; a server that it names already is used instead. Nothing of it is
kept, whatever the command comes to. Like what else lies here it is run by any Python.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# Where Debian puts the programs of a server: none of them is on the path.
DEBIAN = Path("/usr/lib/postgresql")
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


def programs():
    """Return the folder of the newest server's programs."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent  # its neighbours may not be on the path
    folders = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    if not folders:
        sys.exit(
            "No PostgreSQL server was found: install Debian's postgresql, or set DATABASE_URL."
        )
    return max(folders, key=lambda folder: float(folder.parent.name))


def owner():
    """Return the arguments that run a program as somebody whom PostgreSQL lets run it: not root."""
    if os.geteuid() != 0:
        return {}
    try:
        person = pwd.getpwnam("postgres")
    except KeyError:
        person = pwd.getpwnam("nobody")
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": ()}


@contextlib.contextmanager
def server():
    """Give the address of a database, on a server that lasts as long as this does."""
    folder, runs_as = programs(), owner()
    with tempfile.TemporaryDirectory(prefix="galley-postgres-") as place:
        if runs_as:
            os.chown(place, runs_as["user"], runs_as["group"])
        data, log = Path(place, "data"), Path(place, "log")

        def run(name, *words):
            # Not in our own folder: whoever it runs as need not be let into it.
            subprocess.run(  # noqa: S603 - PostgreSQL's own programs
                [folder / name, *words], cwd=place, check=True, stdout=subprocess.DEVNULL, **runs_as
            )

        ways = ["-U", "galley", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale"]
        run("initdb", "-D", data, *ways, LOCALE)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = "-h 127.0.0.1 -p %d -k %s -c fsync=off" % (port, place)
        try:
            try:
                run("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
            except subprocess.CalledProcessError:
                sys.stderr.write(log.read_text() if log.exists() else "")
                raise
            yield "postgres://galley@127.0.0.1:%d/postgres" % port
        finally:
            if (data / "postmaster.pid").exists():
                run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def main(command):
    """Run the command; return what it returned."""
    # A signal ends this as an error does: the command first, then the server.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    if os.environ.get("DATABASE_URL"):
        return subprocess.run(command, check=False).returncode  # noqa: S603 - what we were asked to
    with server() as address:
        env = dict(os.environ, DATABASE_URL=address)
        return subprocess.run(command, check=False, env=env).returncode  # noqa: S603


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
