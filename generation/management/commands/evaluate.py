"""Measure a checkpoint, or several systems side by side, on held-out texts."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from generation import evaluation, services
from generation.errors import GenerationError
from generation.management import command
from generation.models import Checkpoint, Evaluation
from generation.reports import terminal


class Command(command.OneLineCommand):
    """`manage.py evaluate [--checkpoint NAME] --data FILE [--style S] [--limit N] [--json]`."""

    help = "Measure a checkpoint on held-out texts; docs/metrics.md says what the figures mean."

    def add_arguments(self, parser):
        """Say who writes, for which briefs, and how many of them."""
        parser.add_argument(
            "--data",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="a .jsonl[.gz] of texts that nobody learnt from; may be given several times",
        )
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--checkpoint", metavar="NAME", help="a name or the start of a digest; else the active"
        )
        what.add_argument(
            "--plan", type=Path, help="compare the systems of a plan (generation/gan/standings.py)"
        )
        what.add_argument("--report", type=Path, help="keep a comparison made elsewhere")
        parser.add_argument(
            "--limit", type=command.count, default=200, help="most briefs of a file"
        )
        parser.add_argument(
            "--style", metavar="NAME", help="the register to write in; else that of each text"
        )
        parser.add_argument("--seed", type=command.seed, default=1)
        parser.add_argument("--json", action="store_true", help="print JSON lines")

    def handle(self, *args, **options):
        """Measure, keep and print."""
        if bool(options["data"]) == bool(options["report"]):
            raise CommandError("Name the texts with --data, or a report with --report.")
        if options["style"] and (options["plan"] or options["report"]):
            raise CommandError("--style is for one checkpoint; a plan names the styles itself.")
        try:
            for found in self._found(options):
                self._print(found, as_json=options["json"])
        except (GenerationError, OSError) as reason:
            raise CommandError(str(reason)) from reason

    def _found(self, options: dict[str, Any]):
        if options["report"]:
            yield evaluation.keep_report(options["report"])
            return
        wishes = {"limit": options["limit"], "seed": options["seed"]}
        if options["plan"]:
            yield evaluation.compare(
                options["plan"], options["data"], report=self._report(options), **wishes
            )
            return
        checkpoint = _chosen(options["checkpoint"])
        for data in options["data"]:
            yield evaluation.evaluate(checkpoint, data, style=options["style"], **wishes)

    def _report(self, options: dict[str, Any]):
        """Say on standard error how far a comparison is; it takes long."""

        def report(line: dict[str, Any]) -> None:
            self.stderr.write(json.dumps(line, ensure_ascii=False))

        return report

    def _print(self, found: Evaluation, *, as_json: bool) -> None:
        if as_json:
            whose = {"checkpoint": found.checkpoint.name} if found.checkpoint else {}
            line = {"evaluation": found.pk, **whose, **found.figures}
            self.stdout.write(json.dumps(line, ensure_ascii=False))
            return
        for line in terminal.lines(found.figures):
            self.stdout.write(line)


def _chosen(name: str | None) -> Checkpoint:
    """The checkpoint of this name; else the active one, else the one that ships with Galley."""
    if name is not None:
        return Checkpoint.objects.named(name)
    return Checkpoint.objects.active().first() or services.ensure_starter_checkpoint()
