"""Trained weights: where they lie, how good they are, and which of them writes."""

import json
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.errors import CheckpointMissing, CheckpointUnusable
from generation.gan import digests

STARTER = "starter"


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    """Reads are adjectives; transitions are verbs that return how many checkpoints moved."""

    def active(self) -> Self:
        """The checkpoint that writes; there is at most one."""
        return self.filter(status=Checkpoint.Status.ACTIVE)

    def lock(self) -> int:
        """Hold the checkpoints until the commit: whoever changes which one writes waits in line.

        Gives how many there are.
        """
        return len(self.select_for_update().order_by("pk").values_list("pk", flat=True))

    def named(self, name: str) -> "Checkpoint":
        """Give the one checkpoint of this name, or whose digest begins with it.

        Of several with the name, such as those that shipped with Galley one after the other, it
        is the newest.

        Raises:
            CheckpointMissing: there is none, or several digests begin so.
        """
        checkpoint = self.filter(name=name).first()
        if checkpoint:
            return checkpoint
        found = list(self.filter(digest__startswith=name)[:2]) if name else []
        if not found:
            raise CheckpointMissing(_("There is no checkpoint “%(name)s”.") % {"name": name})
        if len(found) > 1:
            raise CheckpointMissing(
                _("The digests of several checkpoints begin with “%(name)s”.") % {"name": name}
            )
        return found[0]

    def activate(self) -> int:
        """Move trained or retired checkpoints to active."""
        idle = [Checkpoint.Status.TRAINED, Checkpoint.Status.RETIRED]
        return self.filter(status__in=idle).update(
            status=Checkpoint.Status.ACTIVE, activated_at=Now()
        )

    def keep_figures(self, **figures: Any) -> int:
        """Add figures to those that checkpoints hold; of a name, the new ones count."""
        with transaction.atomic():
            held = list(self.select_for_update())
            for checkpoint in held:
                self.filter(pk=checkpoint.pk).update(metrics=checkpoint.metrics | figures)
        return len(held)

    def retire(self) -> int:
        """Move active checkpoints to retired."""
        return self.active().update(status=Checkpoint.Status.RETIRED)


class Checkpoint(models.Model):
    """The weights of a generator and its discriminator, by their digest.

    `path` is "starter" for the one that ships with Galley, else a folder below
    `GALLEY_CHECKPOINT_DIR`.
    """

    class Status(models.TextChoices):
        """Whether it writes, has not yet written, or wrote before."""

        TRAINED = "trained", _("Trained")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    path = models.CharField(_("path"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.TRAINED)
    metrics = models.JSONField(_("metrics"), default=dict, blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status="active"),
                name="checkpoint_one_is_active",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def directory(self) -> Path:
        """The folder its weights lie in."""
        if self.path == STARTER:
            return Path(settings.GALLEY_STARTER_CHECKPOINT)
        return Path(settings.GALLEY_CHECKPOINT_DIR) / self.path

    @property
    def is_complete(self) -> bool:
        """Say whether its card is there, which is written last, and whether it is its own."""
        return self._card.get("digest") == self.digest

    @property
    def is_intact(self) -> bool:
        """Say whether its files are what was written, byte for byte; that reads them all."""
        try:
            found = digests.digest_of(self.directory, digests.weights_of(self._card))
        except OSError:
            return False
        return self.is_complete and found == self.digest

    @property
    def language_model(self) -> str:
        """The name of the language model that it writes with; "" for a compact one."""
        backbone = self._card.get("backbone")
        return backbone.get("name", "") if isinstance(backbone, dict) else ""

    @property
    def _card(self) -> dict[str, Any]:
        try:
            card = json.loads((self.directory / "card.json").read_text(encoding="utf-8"))
        except (OSError, RecursionError, ValueError):
            return {}
        return card if isinstance(card, dict) else {}

    def require_language_model(self) -> None:
        """Refuse a checkpoint whose language model does not lie on this machine.

        Whether what lies there is the right one, its writer says when it is loaded.

        Raises:
            CheckpointUnusable: `GALLEY_BACKBONE` leads to no folder.
        """
        folder = settings.GALLEY_BACKBONE
        if self.language_model and not (folder and Path(folder).is_dir()):
            raise CheckpointUnusable(
                _(
                    "The checkpoint “%(name)s” writes with the language model “%(model)s”: set "
                    "GALLEY_BACKBONE to its folder."
                )
                % {"name": self.name, "model": self.language_model}
            )

    def require_files(self) -> Path:
        """Give the folder of its weights.

        Raises:
            CheckpointMissing: they are gone, or others lie there.
            CheckpointUnusable: it writes with a language model that is not there.
        """
        if not self.is_complete:
            raise CheckpointMissing(
                _("The files of the checkpoint “%(name)s” are gone: activate another one.")
                % {"name": self.name}
            )
        self.require_language_model()
        return self.directory
