"""A feed on its way into the catalogue, and what came of it."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.job import JobStatus, StoppableJob, StoppableJobQuerySet

KEPT_FOR = timedelta(days=7)  # the files of an import, once it has ended


class FeedImportQuerySet(StoppableJobQuerySet):
    """Imports; their transitions are those of every job, and a few of their own."""

    def for_list(self) -> Self:
        """Imports with all that a list of them shows, in one query."""
        return self.select_related("requested_by", "stopped_by")

    def begin(self) -> int:
        """Queue what was looked at and may be brought in now."""
        looked_at = self.filter(stage=FeedImport.Stage.PREVIEW, status=JobStatus.FINISHED)
        return looked_at.queue_again(
            stage=FeedImport.Stage.IMPORT, place=0, created=0, updated=0, unchanged=0
        )

    def look_again(self) -> int:
        """Queue what was looked at, to be looked at anew."""
        ended = self.ended().filter(stage=FeedImport.Stage.PREVIEW)
        return ended.queue_again(place=0, rows=0)

    def ended(self) -> Self:
        """Imports that nobody works on."""
        return self.filter(status__in=[JobStatus.FINISHED, JobStatus.FAILED])

    def old(self, at: datetime) -> Self:
        """Imports that ended some while ago."""
        return self.ended().filter(finished_at__lt=at - KEPT_FOR)


class FeedImport(StoppableJob):
    """One feed: first it is looked at and nothing is written, then it is brought in.

    Its file waits in a folder of its own until it is in; `place` is how many of its rows have been
    gone through, so that an import which was cut off goes on there. The counts of a preview say
    what would become of it. What is said of its rows is in the `language` of who brought it; of a
    plain table `columns` tells the name, the role (`feeds.ROLES`) and the first values of each.
    """

    class Stage(models.TextChoices):
        """What is done with the feed."""

        PREVIEW = "preview", _("Preview")
        IMPORT = "import", _("Import")

    file_name = models.CharField(_("file"), max_length=255)
    format = models.CharField(_("format"), max_length=20)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.IMPORT)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    place = models.PositiveIntegerField(_("rows gone through"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    merged = models.PositiveIntegerField(_("merged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    refusals = models.JSONField(_("refusals"), default=list, blank=True)
    remarks = models.JSONField(_("remarks"), default=list, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)

    objects = FeedImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def work(self) -> Path:
        """The folder of its files."""
        return Path(settings.GALLEY_WORK_DIR) / f"import-{self.pk}"

    @property
    def feed(self) -> Path:
        """The file as it came."""
        return self.work / "feed"

    @property
    def verdicts(self) -> Path:
        """What becomes of each row."""
        return self.work / "verdicts.sqlite3"

    @property
    def refused_rows(self) -> Path:
        """The rows that were not taken, as CSV to mend."""
        return self.work / "refused.csv"

    @property
    def is_preview(self) -> bool:
        """Say whether nothing of it is in the catalogue yet."""
        return self.stage == self.Stage.PREVIEW

    @property
    def is_judged(self) -> bool:
        """Say whether its preview has come to an end, and nothing is under way."""
        return self.status == JobStatus.FINISHED or (
            self.status == JobStatus.FAILED and not self.is_preview
        )

    @property
    def can_begin(self) -> bool:
        """Say whether it was looked at, and its file is there to be brought in."""
        is_looked_at = self.is_preview and self.status == JobStatus.FINISHED
        return is_looked_at and self.feed.is_file()

    @property
    def can_map(self) -> bool:
        """Say whether its columns may be read as something else, and it be looked at again."""
        is_over = self.is_preview and not self.is_unfinished
        return is_over and bool(self.columns) and self.feed.is_file()

    @property
    def can_resume(self) -> bool:
        """Say whether it was cut off, and its file is there to go on with."""
        return self.status == JobStatus.FAILED and self.feed.is_file()

    def forget_files(self) -> None:
        """Free the disk."""
        if self.work.is_dir():
            shutil.rmtree(self.work)
