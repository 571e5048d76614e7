"""Write decisions as JSON lines, for whoever learns from them elsewhere."""

import json
import os
from pathlib import Path

from django.core.management.base import CommandError

from generation.management.command import OneLineCommand
from review import services


class Command(OneLineCommand):
    """`manage.py export_decisions FILE`."""

    help = (
        "Write what editors decided as JSON lines: the texts, the reasons, where the faults are, "
        "and how much each teaches. A file that is there already is gone on with."
    )

    def add_arguments(self, parser):
        """Say where."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args, **options):
        """Go on behind the last whole line, and say how many came."""
        path = options["file"]
        number = 0
        try:
            last = _last_whole(path)
            with path.open("a", encoding="utf-8", newline="\n") as lines:
                for signal in services.signals(last):
                    print(json.dumps(signal, ensure_ascii=False), file=lines)
                    number += 1
                lines.flush()
                os.fsync(lines.fileno())
        except OSError as reason:
            raise CommandError(
                f"{path} cannot be written ({reason.strerror}): name another file."
            ) from reason
        self.stdout.write(f"{number} decisions, behind number {last}, in {path}.")


def _last_whole(path: Path) -> int:
    """The `id` of the last line; a line that was cut off comes off.

    Raises:
        CommandError: the file is there and is no such export.
        OSError: it cannot be read or cut.
    """
    if not path.exists():
        return 0
    last = end = 0
    with path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                break  # cut off where the export before was
            end += len(line)
            try:
                last = int(json.loads(line)["id"])
            except (ValueError, TypeError, KeyError) as reason:
                raise CommandError(
                    f"{path} is no export of decisions: name another file."
                ) from reason
    os.truncate(path, end)
    return last
