"""Nearly the same text for another product, found among all of a shop's by one query."""

from __future__ import annotations

from collections.abc import Iterable

from generation import checks
from generation.models import Draft, DraftBand, Slot

LIKE_ANOTHER = "like_another_product"  # the finding

_MOST = 20  # texts that a candidate is compared with letter by letter


class Doubles:
    """The texts of other products, those of one chunk among them that are not stored yet."""

    def __init__(self) -> None:
        self._new: list[tuple[Slot, str]] = []

    def of(self, slot: Slot, texts: Iterable[str]) -> dict[str, str]:
        """Which of these texts another product already has: text to that product's sku."""
        texts = list(texts)
        bands = {band for text in texts for band in checks.bands(text)}
        stored = Draft.objects.like(slot, bands).values_list("product__sku", "text")[:_MOST]
        held = [*stored, *self._beside(slot)]
        return {
            text: sku
            for text in texts
            for sku, other in held[::-1]  # the one that shares most comes last, and stays
            if checks.is_near_duplicate(text, other)
        }

    def add(self, slot: Slot, text: str) -> None:
        """Remember what was chosen for a slot."""
        self._new.append((slot, text))

    def _beside(self, slot: Slot) -> Iterable[tuple[str, str]]:
        for other, text in self._new:
            same = (other.kind_id, other.language) == (slot.kind_id, slot.language)
            if same and other.product_id != slot.product_id:
                yield other.product.sku, text


def link_duplicates(drafts: Iterable[Draft]) -> None:
    """Say of new drafts that are like another product's which earlier draft that is.

    Where several are, one that waits comes first: with it they can be read. All that are like it
    name it, and not each other.
    """
    undecided = list(Draft.UNDECIDED)
    for draft in drafts:
        if not any(finding["code"] == LIKE_ANOTHER for finding in draft.findings):
            continue
        earlier = Draft.objects.like(draft, checks.bands(draft.text)).filter(pk__lt=draft.pk)
        rows = earlier.values_list("pk", "text", "status", "duplicate_of", "duplicate_of__status")
        found = [row for row in rows[:_MOST] if checks.is_near_duplicate(draft.text, row[1])]
        if not found:
            continue
        pk, _, status, first, status_of_first = min(found, key=lambda row: row[2] not in undecided)
        is_led = first and status in undecided and status_of_first in undecided
        Draft.objects.filter(pk=draft.pk).update(duplicate_of=first if is_led else pk)


def keep_bands(drafts: Iterable[Draft]) -> None:
    """Let new drafts be found by what their texts have in common with others."""
    DraftBand.objects.bulk_create(
        DraftBand(draft=draft, value=band) for draft in drafts for band in checks.bands(draft.text)
    )
