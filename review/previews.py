"""How copy looks where it goes: on its page, as an ad, in a search result and on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language, Unit
from catalog.limits import RESULT_TEXT, RESULT_TEXT_ZH, RESULT_TITLE, Limit, limits_for


class Place(models.TextChoices):
    """Where a draft can be looked at."""

    PAGE = "page", _("Product page")
    AD = "ad", _("Ad")
    SEARCH = "search", _("Search result")
    PHONE = "phone", _("Phone")


@dataclass(frozen=True, slots=True)
class Measured:
    """How much of a limit a text takes."""

    limit: Limit
    size: int

    @property
    def over(self) -> int:
        """How much of it is too much."""
        return max(0, self.size - self.limit.most)

    @property
    def share(self) -> float:
        """How far its bar goes, in hundredths of the whole."""
        return round(min(100.0, 100 * self.size / self.limit.most), 1)

    @property
    def unit(self) -> str:
        """What is counted, in the reader's language."""
        return Unit(self.limit.unit).label


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as a place shows it.

    Args:
        place: where.
        title: of the product, as much of it as is shown.
        text: as much of it as is shown.
        measured: what is counted there, and what of it is used.
    """

    place: Place
    title: str
    text: str
    measured: tuple[Measured, ...] = ()


def offered(kind: str) -> list[tuple[str, str]]:
    """The places where copy of a kind can be looked at: value and name."""
    second = Place.AD if kind == "ad" else Place.SEARCH
    return [(place.value, place.label) for place in (Place.PAGE, second, Place.PHONE)]


def preview_of(text: str, brief: dict, place: Place) -> Preview:
    """Show a text in a place.

    Args:
        text: the copy.
        brief: what it was written from, as a draft keeps it.
        place: one of those that are offered for its kind.
    """
    title, language = brief.get("title", ""), brief.get("language", "")
    if place == Place.PHONE:
        return Preview(place, title, text)
    if place == Place.SEARCH:
        limits = [RESULT_TEXT_ZH] if language == Language.ZH else []
        counted = [Measured(RESULT_TITLE, RESULT_TITLE.length(title))]
        counted += _measured(text, [RESULT_TEXT, *limits])
        return Preview(place, RESULT_TITLE.cut(title), RESULT_TEXT.cut(text), tuple(counted))
    limits = limits_for(brief.get("kind", ""), language)
    if most := brief.get("max_chars"):
        limits.insert(0, _own(most))
    return Preview(place, title, text, _measured(text, limits))


def _own(most: int) -> Limit:
    """What the shop itself asked for."""
    return Limit(_("This shop"), _("text"), most, Unit.CHARS, True, "its kind of copy")


def _measured(text: str, limits: Iterable[Limit]) -> tuple[Measured, ...]:
    return tuple(Measured(limit, limit.length(text)) for limit in limits)
