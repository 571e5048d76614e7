#!/usr/bin/env python
"""The command line of Galley."""

import os
import sys


def main():
    """Run one management command."""
    if sys.version_info < (3, 11):  # noqa: UP036  # older ones read this file too
        sys.exit("Galley needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as reason:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
