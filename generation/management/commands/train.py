"""Train a checkpoint: from nothing, or from the editors' decisions."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from generation import training
from generation.errors import GenerationError
from generation.management import command


class Command(command.OneLineCommand):
    """`manage.py train [--feedback] [--corpus FILE ...] [--minutes N] [--seed N] [--json]`."""

    help = "Train a new checkpoint; it stays inactive until somebody activates it."

    def add_arguments(self, parser):
        """Say what to learn from, and for how long."""
        parser.add_argument(
            "--feedback", action="store_true", help="continue the active checkpoint"
        )
        parser.add_argument("--corpus", nargs="+", type=Path, default=[], metavar="FILE")
        parser.add_argument("--minutes", type=command.minutes, default=60)
        parser.add_argument("--seed", type=command.seed, default=1)
        parser.add_argument("--json", action="store_true", help="print JSON lines")

    def handle(self, *args, feedback, corpus, minutes, seed, **options):
        """Train and report progress; the last line names the new checkpoint."""

        def report(line: dict[str, Any]) -> None:
            if options["json"]:
                self.stdout.write(json.dumps(line, ensure_ascii=False))
            else:
                figures = (f"{name} {value}" for name, value in line.items() if name != "phase")
                self.stdout.write(f"{line['phase']}: {', '.join(figures)}")

        try:
            checkpoint = training.train(
                feedback=feedback, corpus=corpus, minutes=minutes, seed=seed, report=report
            )
        except (GenerationError, OSError, ValueError) as reason:
            raise CommandError(str(reason)) from reason
        report(
            {
                "phase": "finished",
                "checkpoint": checkpoint.name,
                "digest": checkpoint.digest,
                "metrics": checkpoint.metrics,
            }
        )
