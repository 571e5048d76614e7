"""Take in a checkpoint that was trained elsewhere."""

import json
from pathlib import Path

from django.core.management.base import CommandError
from django.urls import reverse

from generation import adding
from generation.errors import GenerationError
from generation.management import command
from generation.models import Checkpoint


class Command(command.OneLineCommand):
    """`manage.py add_checkpoint FOLDER [--name NAME] [--json]`."""

    help = "Take in a checkpoint that was trained elsewhere; it stays inactive until it is chosen."

    def add_arguments(self, parser):
        """Say where it lies, and what it shall be called."""
        parser.add_argument("folder", type=Path, help="that the training left")
        parser.add_argument("--name", default="", help="of the checkpoint; else that of the folder")
        parser.add_argument("--json", action="store_true", help="print one JSON line")

    def handle(self, *args, **options):
        """Verify, copy and measure it; the line says what it is called and how it may write."""
        try:
            checkpoint, made = adding.add_checkpoint(options["folder"], name=options["name"])
        except (GenerationError, OSError) as reason:
            raise CommandError(str(reason)) from reason
        if options["json"]:
            line = {
                "checkpoint": checkpoint.name,
                "added": made,
                "status": checkpoint.status,
                "digest": checkpoint.digest,
                "metrics": checkpoint.metrics,
            }
            self.stdout.write(json.dumps(line, ensure_ascii=False))
            return
        began = "added" if made else "here already"
        self.stdout.write(f"{checkpoint.name}: {began}, {_next_step(checkpoint)}")


def _next_step(checkpoint: Checkpoint) -> str:
    if checkpoint.status == Checkpoint.Status.ACTIVE:
        return "and it writes."
    page = reverse("generation:training")
    act = reverse("checkpoint-activate", args=[checkpoint.pk])
    return f"and does not write yet: press “Let it write” on the page {page}, or POST to {act}."
