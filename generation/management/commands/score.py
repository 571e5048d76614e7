"""Print the discriminator's score of each record's own text."""

import json
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from generation import briefs
from generation.errors import GenerationError
from generation.management.command import OneLineCommand
from generation.models import Checkpoint
from generation.writers import get_writer

_BATCH = 64


class Command(OneLineCommand):
    """`manage.py score --briefs FILE [--checkpoint NAME] [--json]`."""

    help = "Print how much each record's own text reads like approved copy, 0 to 1."

    def add_arguments(self, parser):
        """Name the file of briefs with texts, and who judges them."""
        parser.add_argument("--briefs", type=Path, required=True)
        parser.add_argument(
            "--checkpoint", metavar="NAME", help="a name or the start of a digest; else the shipped"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON line per text")

    def handle(self, *args, **options):
        """Score and print."""
        try:
            weights = settings.GALLEY_STARTER_CHECKPOINT
            if options["checkpoint"] is not None:
                weights = Checkpoint.objects.named(options["checkpoint"]).require_files()
            writer = get_writer(weights)
            records = briefs.read_briefs(options["briefs"])
            while some := list(islice(records, _BATCH)):
                scores = writer.score(
                    [record.brief for record in some], [record.text for record in some]
                )
                for record, score in zip(some, scores, strict=True):
                    line = {"id": record.ref, "score": round(score, 4)}
                    self.stdout.write(
                        json.dumps(line) if options["json"] else f"{score:.4f}  {record.ref}"
                    )
        except (GenerationError, OSError) as reason:
            raise CommandError(str(reason)) from reason
