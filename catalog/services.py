"""What a person, a program or the clock may ask of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, TextIO

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog import audit, importing, tasks
from catalog.errors import (
    ColumnsUnfit,
    EmptyCampaign,
    FeedUnreadable,
    ImportNotStartable,
    LanguagesUnfit,
)
from catalog.feeds import ROLES
from catalog.importing import ImportReport
from catalog.models import Campaign, Channel, ColumnRoles, ContentKind, FeedImport, Product
from catalog.models.campaign import check_languages
from catalog.models.column_roles import fingerprint_of


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
        now = timezone.now()
        FeedImport.objects.create(
            file_name=file_name[:255],
            status=FeedImport.Status.FINISHED,
            started_at=now,
            finished_at=now,
            language=get_language() or "",
            place=report.rows,
            requested_by=user,
            **importing.noted(report),
            **importing.kept_of(report),
        )
    return report


def upload_feed(
    chunks: Iterable[bytes],
    *,
    file_name: str,
    format: str = "auto",  # noqa: A002 - the word that the command and the form use
    user: User | None = None,
) -> FeedImport:
    """Keep a feed, and have a worker look at it: nothing is written until `start_import`.

    Args:
        chunks: the file's bytes.
        file_name: as its owner calls it.
        format: one of `feeds.FORMATS`.
        user: who wants that.

    Raises:
        FeedUnreadable: there is no room to keep it.
    """
    record = FeedImport.objects.create(
        file_name=file_name[:255],
        format=format,
        language=get_language() or "",
        stage=FeedImport.Stage.PREVIEW,
        requested_by=user,
    )
    part = record.work / "part"  # until all of it is there; no worker takes it for the feed
    try:
        record.work.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as kept:
            kept.writelines(chunks)
        part.rename(record.feed)
    except OSError as reason:
        record.forget_files()
        record.delete()
        words = _("“%(file)s” does not fit on this disk: make room and upload it again.")
        raise FeedUnreadable(words % {"file": file_name}) from reason
    with transaction.atomic():
        audit.record("import.upload", record, user=user, file=record.file_name)
        _queue(record)
    return record


@transaction.atomic
def say_columns(record: FeedImport, roles: Mapping[str, str], *, user: User) -> FeedImport:
    """Say what the columns of a plain table are, and have it looked at again.

    Tables with the same columns are read like that from now on.

    Args:
        record: a feed of which nothing is brought in yet.
        roles: of each of its columns, one of `feeds.ROLES`.
        user: who says so.

    Raises:
        ImportNotStartable: it is brought in, under way, or no plain table.
        ColumnsUnfit: a column is left without a role, two have one that only one may have, or none
            has one that a product needs.
    """
    if not record.can_map:
        raise ImportNotStartable(_("The columns of this feed cannot be read as something else."))
    names = [column["name"] for column in record.columns]
    _require_roles(names, roles)
    ColumnRoles.objects.update_or_create(
        fingerprint=fingerprint_of(names),
        defaults={
            "file_name": record.file_name,
            "roles": {name: roles[name] for name in names},
            "updated_by": user,
        },
    )
    if not FeedImport.objects.filter(pk=record.pk).look_again():
        raise ImportNotStartable(_("The columns of this feed cannot be read as something else."))
    audit.record("import.columns", record, user=user, roles=dict(roles))
    _queue(record)
    return FeedImport.objects.get(pk=record.pk)


@transaction.atomic
def start_import(record: FeedImport, *, user: User) -> FeedImport:
    """Bring in a feed that was looked at.

    Raises:
        ImportNotStartable: it was not, or its file is gone.
    """
    if not (record.can_begin and FeedImport.objects.filter(pk=record.pk).begin()):
        raise ImportNotStartable(_("Only a feed that was looked at can be brought in."))
    audit.record("import.start", record, user=user, file=record.file_name)
    _queue(record)
    return FeedImport.objects.get(pk=record.pk)


@transaction.atomic
def stop_import(record: FeedImport, *, user: User) -> FeedImport:
    """Stop an import that waits or is under way; what is in by then stays, and it can be resumed.

    Raises:
        ImportNotStartable: it has ended already.
    """
    sentence = _("%(user)s stopped it.") % {"user": user.get_username()}
    if not FeedImport.objects.filter(pk=record.pk).stop_by(user, sentence):
        raise ImportNotStartable(_("This import has ended already."))
    audit.record("import.stop", record, user=user)
    return FeedImport.objects.get(pk=record.pk)


@transaction.atomic
def resume_import(record: FeedImport, *, user: User) -> FeedImport:
    """Queue an import again that was stopped or broke off; it goes on where it was.

    Raises:
        ImportNotStartable: it was not cut off, or its file is gone.
    """
    if not (record.can_resume and FeedImport.objects.filter(pk=record.pk).resume()):
        raise ImportNotStartable(_("Only an import that was cut off can be resumed."))
    audit.record("import.resume", record, user=user)
    _queue(record)
    return FeedImport.objects.get(pk=record.pk)


@transaction.atomic
def discard_import(record: FeedImport, *, user: User) -> None:
    """Forget a feed of which nothing was brought in, with its file.

    Raises:
        ImportNotStartable: some of it was, or a worker looks at it.
    """
    given_up = FeedImport.objects.filter(pk=record.pk, stage=FeedImport.Stage.PREVIEW).ended()
    if not given_up.exists():
        raise ImportNotStartable(_("Only a feed that is not brought in yet can be discarded."))
    audit.record("import.discard", record, user=user, file=record.file_name)
    given_up.delete()
    transaction.on_commit(record.forget_files)


def requeue_lost_imports() -> int:
    """Queue what a dead worker left, and what a broker that was down never got."""
    lost = FeedImport.objects.requeue_lost(timezone.now())
    for pk in lost:
        tasks.carry_out_import.delay(pk)
    return len(lost)


def forget_old_imports() -> int:
    """Free the disk of the files of imports that nobody has touched for a week; return how many.

    What became of them stays; a feed that was only looked at goes altogether.
    """
    old = [one for one in FeedImport.objects.old(timezone.now()) if one.work.is_dir()]
    for record in old:
        record.forget_files()
    FeedImport.objects.old(timezone.now()).filter(stage=FeedImport.Stage.PREVIEW).delete()
    return len(old)


def _require_roles(names: Sequence[str], roles: Mapping[str, str]) -> None:
    if any(roles.get(name) not in ROLES for name in names):
        raise ColumnsUnfit(_("Say of each column what it is."))
    given = Counter(roles[name] for name in names)
    if not given["sku"]:
        raise ColumnsUnfit(_("Say which column holds the SKU: a product is known by it."))
    if not given.keys() & {"title", "title_zh", "title_en"}:
        raise ColumnsUnfit(_("Say which column holds the title."))
    for role in given.keys() - {"fact", "ignored"}:
        if given[role] > 1:
            twice = ", ".join(name for name in names if roles[name] == role)
            words = _("Only one column can be that: %(columns)s.")
            raise ColumnsUnfit(words % {"columns": twice})


def _queue(record: FeedImport) -> None:
    transaction.on_commit(lambda: tasks.carry_out_import.delay(record.pk), robust=True)


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
