"""Nearly the same text for another product, found among all of a shop's by one query."""

from __future__ import annotations

from collections.abc import Iterable

from generation import checks
from generation.models import Draft, DraftBand, Slot

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


def keep_bands(drafts: Iterable[Draft]) -> None:
    """Let new drafts be found by what their texts have in common with others."""
    DraftBand.objects.bulk_create(
        DraftBand(draft=draft, value=band) for draft in drafts for band in checks.bands(draft.text)
    )
