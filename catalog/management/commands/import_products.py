"""Bring a product feed into the catalogue."""

import json
from contextlib import ExitStack
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from catalog.errors import FeedUnreadable
from catalog.feeds import FORMATS
from catalog.importing import csv_to_mend
from catalog.services import import_feed


class Command(BaseCommand):
    """`manage.py import_products FILE [--format auto] [--dry-run] [--refused FILE] [--json]`."""

    help = (
        "Import products from an export of Shopify, WooCommerce or Spree, from a Google Merchant "
        "feed, or from a table with ordinary names: CSV, TSV, XLSX, XML, JSON or JSON lines."
    )

    def add_arguments(self, parser):
        """Name the file and how to read it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=FORMATS, default="auto")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only report")
        parser.add_argument(
            "--refused", type=Path, help="write the rows that were not taken there, to be mended"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args, file, dry_run, refused, **options):
        """Import and report; refused rows are named by line, column and reason."""
        try:
            if refused and refused.exists() and refused.samefile(file):
                raise CommandError("Name another file for the refused rows: this one is imported.")
            with ExitStack() as stack:
                report = import_feed(
                    file.open("rb"),
                    file_name=file.name,
                    format=options["format"],
                    dry_run=dry_run,
                    refused_to=stack.enter_context(csv_to_mend(refused)) if refused else None,
                )
        except (FeedUnreadable, OSError) as reason:
            raise CommandError(str(reason)) from reason
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, **report.to_dict()}))
            return
        self.stdout.write(
            f"{file.name} ({report.format}): {report.created} new, {report.updated} changed, "
            f"{report.unchanged} unchanged, {report.merged} merged, "
            f"{report.refused} refused."
        )
        for remark in report.remarks:
            self.stdout.write(f"  {remark['reason']}")
        for refusal in report.refusals:
            place = f"entry {refusal['entry']}" if "entry" in refusal else f"line {refusal['line']}"
            column = f", column {refusal['column']}" if refusal["column"] else ""
            self.stdout.write(f"  {place}{column}: {refusal['reason']}")
