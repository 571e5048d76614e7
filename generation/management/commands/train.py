"""Train a checkpoint: from nothing, or from the editors' decisions."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from generation import training
from generation.errors import GenerationError
from generation.management import command


class Command(command.OneLineCommand):
    """`manage.py train [--feedback | --large] [--corpus FILE ...] [--minutes N] [--work PLACE]`."""

    help = "Train a new checkpoint; it stays inactive until somebody activates it."

    def add_arguments(self, parser):
        """Say what to learn from, and for how long."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--feedback", action="store_true", help="continue the active checkpoint")
        what.add_argument(
            "--large",
            action="store_true",
            help="tune the language model that GALLEY_BACKBONE names (docs/large-models.md)",
        )
        parser.add_argument("--corpus", nargs="+", type=Path, default=[], metavar="FILE")
        parser.add_argument("--minutes", type=command.minutes, default=60)
        parser.add_argument("--seed", type=command.seed, default=1)
        parser.add_argument(
            "--work",
            type=Path,
            metavar="FOLDER",
            help="keep the training's place there; the same command goes on from it when cut off",
        )
        parser.add_argument("--json", action="store_true", help="print JSON lines")

    def handle(self, *args, **options):
        """Train and report progress; the last line names the new checkpoint."""

        def report(line: dict[str, Any]) -> None:
            if options["json"]:
                self.stdout.write(json.dumps(line, ensure_ascii=False))
            else:
                figures = [f"{name} {value}" for name, value in line.items() if name != "phase"]
                self.stdout.write(": ".join([line["phase"], *filter(None, [", ".join(figures)])]))

        try:
            checkpoint = training.train(
                **{name: options[name] for name in ("feedback", "large", "corpus", "work")},
                minutes=options["minutes"],
                seed=options["seed"],
                report=report,
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
