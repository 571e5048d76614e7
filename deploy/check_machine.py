"""Say in one sentence what keeps this machine from running Galley; run by any Python."""

import shutil
import sys

NEEDED_BYTES = 3 * 10**9


def problem():
    """Return the sentence, or nothing."""
    if sys.version_info < (3, 11):
        found = "%d.%d" % sys.version_info[:2]
        return "Galley needs Python 3.11 or newer, not %s: make run PYTHON=python3.12" % found
    free = shutil.disk_usage(".").free
    if free < NEEDED_BYTES:
        return "Galley needs 3 GB of free disk to install; %d MB are free." % (free // 10**6)
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415 - Debian ships it apart
    except ImportError:
        return "This Python cannot make environments: install python3-venv and try again."
    return None


if __name__ == "__main__":
    sentence = problem()
    if sentence:
        sys.exit(sentence)
