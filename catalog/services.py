"""What a person, a program or the clock may ask of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, TextIO

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog import importing
from catalog.errors import EmptyCampaign, LanguagesUnfit
from catalog.importing import ImportReport
from catalog.models import Campaign, Channel, ContentKind, FeedImport, Product
from catalog.models.campaign import check_languages

_KEPT_REFUSALS = 500


@transaction.atomic
def open_campaign(  # noqa: PLR0913 - what a campaign is made of
    *,
    name: str,
    products: Iterable[Product],
    kinds: Iterable[ContentKind],
    languages: Iterable[str],
    channels: Iterable[Channel],
    variants: int = 1,
    starts_at: datetime | None = None,
    due_at: datetime | None = None,
    publish_at: datetime | None = None,
    user: User | None = None,
) -> Campaign:
    """Open a campaign: which copy is wanted for which products, and when.

    Raises:
        EmptyCampaign: it would ask for nothing; nothing is written.
        LanguagesUnfit: one is unknown or named twice; nothing is written.
    """
    products, kinds, languages = list(products), list(kinds), list(languages)
    if not products:
        raise EmptyCampaign(_("The campaign has no products: choose at least one."))
    if not kinds:
        raise EmptyCampaign(_("The campaign wants no copy: choose at least one kind."))
    _require_languages(languages)
    campaign = Campaign.objects.create(
        slug=_free_slug(name),
        name=name,
        languages=languages,
        variants=variants,
        starts_at=starts_at,
        due_at=due_at,
        publish_at=publish_at,
        created_by=user,
    )
    campaign.products.set(products)
    campaign.kinds.set(kinds)
    campaign.channels.set(channels)
    return campaign


def import_feed(
    file: BinaryIO,
    *,
    file_name: str,
    format: str = "auto",  # noqa: A002 - the word that the command and the form use
    dry_run: bool = False,
    refused_to: TextIO | None = None,
    user: User | None = None,
) -> ImportReport:
    """Bring a product feed into the catalogue and keep a record of what became of it.

    The file may be of any length; it is closed then. The rows that were not taken are written as
    CSV where `refused_to` says, to be mended and imported.

    Raises:
        FeedUnreadable: one sentence that says what is wrong; nothing is written.
    """
    reading = importing.read(file, file_name=file_name, format=format)
    report = importing.store(reading, dry_run=dry_run, refused_to=refused_to)
    if not dry_run:
        FeedImport.objects.create(
            file_name=file_name[:255],
            format=report.format,
            encoding=report.encoding,
            created=report.created,
            updated=report.updated,
            unchanged=report.unchanged,
            merged=report.merged,
            refused=report.refused,
            refusals=report.refusals[:_KEPT_REFUSALS],
            remarks=report.remarks,
            created_by=user,
        )
    return report


def _require_languages(languages: list[str]) -> None:
    if not languages:
        raise EmptyCampaign(_("The campaign has no language: choose at least one."))
    try:
        check_languages(languages)
    except ValidationError as reason:
        raise LanguagesUnfit(reason.messages[0]) from reason


def _free_slug(name: str) -> str:
    """A short name that no campaign has yet."""
    base = slugify(name, allow_unicode=True)[:70] or "campaign"
    taken = set(Campaign.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
