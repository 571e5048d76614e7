"""Write texts in the foreground: for a campaign, for one product, or for a file of briefs."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from catalog.choices import Language
from catalog.errors import CatalogError
from catalog.models import Campaign, ContentKind, Product
from generation import briefs, checks, drafting, services
from generation.errors import GenerationError
from generation.management import command
from generation.models import Checkpoint, Run
from generation.texts import Brief, Candidate
from generation.writers import get_writer

_BATCH = 16


class Command(command.OneLineCommand):
    """`manage.py write --campaign SLUG | --sku SKU | --briefs FILE`; no broker needed."""

    help = "Write drafts for a campaign, or print texts for a product or a file of briefs."

    def add_arguments(self, parser):
        """Say for what, which kind, in which language, how many and with which seed."""
        wish = parser.add_mutually_exclusive_group(required=True)
        wish.add_argument("--campaign", metavar="SLUG", help="store drafts for this campaign")
        wish.add_argument("--sku", help="print texts for this product")
        wish.add_argument("--briefs", type=Path, help="print texts for a .jsonl[.gz] of briefs")
        parser.add_argument("--kind", default="description")
        parser.add_argument("--language", choices=Language.values)
        parser.add_argument("--variants", type=int, default=1)
        parser.add_argument("--seed", type=command.seed, default=1)
        parser.add_argument(
            "--checkpoint",
            metavar="NAME",
            help="a name or the start of a digest; else the active one, for --briefs the shipped",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON line per text")

    def handle(self, *args, **options):
        """Write and print; with --json standard output holds nothing but JSON."""
        if options["variants"] < 1:
            raise CommandError("--variants must be at least 1.")
        if options["campaign"] and options["checkpoint"] is not None:
            raise CommandError("A campaign is written for by the active checkpoint alone.")
        try:
            if options["campaign"]:
                self._print(self._campaign(options), as_json=options["json"])
            else:
                self._print_each(
                    self._product(options) if options["sku"] else self._briefs(options),
                    wanted=options["variants"],
                    as_json=options["json"],
                )
        except (CatalogError, GenerationError, OSError) as reason:
            raise CommandError(str(reason)) from reason

    def _campaign(self, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
        campaign = Campaign.objects.filter(slug=options["campaign"]).first()
        if campaign is None:
            raise CommandError(f"There is no campaign “{options['campaign']}”.")
        run = services.start_run(campaign, seed=options["seed"], queue=False)
        drafting.fill_run(run.pk)
        run = Run.objects.get(pk=run.pk)
        if run.failure:
            raise CommandError(run.failure)
        for draft in run.drafts.select_related("product", "kind").order_by("slot__ordinal"):
            yield {
                "id": draft.pk,
                "sku": draft.product.sku,
                "kind": draft.kind.slug,
                "language": draft.language,
                "text": draft.text,
                "score": round(draft.score, 4),
                "findings": checks.told(draft.findings),
            }

    def _product(self, options: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        product = Product.objects.with_texts().filter(sku=options["sku"]).first()
        if product is None:
            raise CommandError(f"There is no product “{options['sku']}”.")
        kind = ContentKind.objects.filter(slug=options["kind"]).first()
        if kind is None:
            known = ", ".join(ContentKind.objects.values_list("slug", flat=True))
            raise CommandError(f"There is no kind “{options['kind']}”; there are: {known}.")
        described = [language for language in Language.values if product.text(language)]
        languages = [options["language"]] if options["language"] else described
        wishes = [
            (product.sku, briefs.build_brief(product, kind, language)) for language in languages
        ]
        writer = get_writer(_chosen(options) or services.active_checkpoint().directory)
        yield from _written(writer, wishes, first=0, options=options)

    def _briefs(self, options: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        writer = get_writer(_chosen(options) or settings.GALLEY_STARTER_CHECKPOINT)
        records = briefs.read_wishes(options["briefs"])
        first = 0
        while some := list(islice(records, _BATCH)):
            wishes = [(record.ref, record.brief) for record in some]
            yield from _written(writer, wishes, first=first, options=options)
            first += len(some)

    def _print_each(
        self, briefs_lines: Iterator[list[dict[str, Any]]], *, wanted: int, as_json: bool
    ) -> None:
        """Print the lines of each brief; say on standard error how many are missing."""
        counts = []
        for lines in briefs_lines:
            self._print(lines, as_json=as_json)
            counts.append(len(lines))
        if not any(counts):
            raise CommandError(
                f"No text was written for any of {len(counts)} briefs: the writer is sure of none, "
                "so give it more facts than a title."
            )
        missing = [wanted - count for count in counts if count < wanted]
        if missing:
            self.stderr.write(
                f"{sum(missing)} of {wanted * len(counts)} texts are missing, "
                f"for {len(missing)} of {len(counts)} briefs: "
                "no more texts were found that differ from each other."
            )

    def _print(self, lines: Iterable[dict[str, Any]], *, as_json: bool) -> None:
        for line in lines:
            if as_json:
                self.stdout.write(json.dumps(line, ensure_ascii=False))
                continue
            self.stdout.write(f"{line.get('sku', line['id'])}  {line['score']:.2f}  {line['text']}")
            for finding in line["findings"]:
                self.stdout.write(f"    {finding['severity']}: {finding['message']}")


def _chosen(options: dict[str, Any]) -> Path | None:
    """The folder of the checkpoint that was asked for by name; None where none was."""
    if options["checkpoint"] is None:
        return None
    return Checkpoint.objects.named(options["checkpoint"]).require_files()


def _written(
    writer: Any, wishes: list[tuple[str | int, Brief]], *, first: int, options: dict[str, Any]
) -> Iterator[list[dict[str, Any]]]:
    """Write each brief's texts: those that pass the checks first, D's order among them."""
    wanted = options["variants"]
    offers = writer.write(
        [brief for _, brief in wishes],
        variants=max(wanted, drafting.CANDIDATES),
        seeds=[drafting.slot_seed(options["seed"], first + at) for at in range(len(wishes))],
    )
    for (ref, brief), candidates in zip(wishes, offers, strict=True):
        screened = [(candidate, checks.screen(candidate.text, brief)) for candidate in candidates]
        screened.sort(key=lambda item: any(finding.is_hard for finding in item[1]))
        yield [
            _line(ref, brief, variant, candidate, findings)
            for variant, (candidate, findings) in enumerate(screened[:wanted])
        ]


def _line(
    ref: str | int, brief: Brief, variant: int, candidate: Candidate, findings: list
) -> dict[str, Any]:
    return {
        "id": ref,
        "variant": variant,
        "kind": brief.kind,
        "language": brief.language,
        "text": candidate.text,
        "score": round(candidate.score, 4),
        "findings": checks.told(
            finding.to_dict() for finding in [*findings, *briefs.remarks(brief)]
        ),
    }
