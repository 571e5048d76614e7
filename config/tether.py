"""Runs one command that must not outlive the process that asked for it.

Started as a script, before the command, with the asking process' id. Linux does the rest
itself: the command replaces this process and dies with its parent. Elsewhere this process
stays between the two and watches. It imports only the standard library, so that it starts in
a few milliseconds.
"""

import ctypes
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> int:
    """Run the command; it is killed as soon as the parent is gone.

    Args:
        parent: id of the process the command must not outlive.
        command: the program's whole path, and its arguments.

    Returns:
        The command's exit status; on Linux it never returns.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:  # or else it went before the line above took hold
            os.execv(command[0], command)  # noqa: S606  # no shell, on purpose
    return watch(parent, command)


def watch(parent: int, command: list[str]) -> int:
    """Run the command as a child and look once a second whether the parent is still there."""
    child = subprocess.Popen(command)  # noqa: S603  # our own command
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            status = child.wait(timeout=1)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                child.kill()
        else:
            return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
