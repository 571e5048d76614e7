"""Say what of a corpus is worth learning from, and keep that."""

import json
from pathlib import Path

from django.core.management.base import CommandError

from generation import corpus
from generation.errors import GenerationError
from generation.management import command
from generation.reports import preparations


class Command(command.OneLineCommand):
    """`manage.py prepare CORPUS... [--into FILE] [--json]`."""

    help = (
        "Clean texts, drop what teaches nothing or is there already, and say what was dropped "
        "and why. A training does the same by itself."
    )

    def add_arguments(self, parser):
        """Say which texts, and where to keep what is worth learning from."""
        parser.add_argument("corpus", nargs="+", type=Path, metavar="CORPUS")
        parser.add_argument(
            "--into", type=Path, metavar="FILE", help="keep the texts there, as .jsonl or .jsonl.gz"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON line per corpus")

    def handle(self, *args, **options):
        """Prepare and report."""
        try:
            for found in corpus.prepare(options["corpus"], into=options["into"]):
                if options["json"]:
                    self.stdout.write(json.dumps(found, ensure_ascii=False))
                    continue
                for line in preparations.lines(found):
                    self.stdout.write(line)
        except GenerationError as reason:
            raise CommandError(str(reason)) from reason
