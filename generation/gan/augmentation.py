"""More lessons from few texts: the same sentences about other facts.

A small shop has a few hundred texts. What a writer must learn from them is where a fact goes in
a sentence, not which fact it was; so facts are exchanged, left out and shuffled, consistently in
brief and copy. The originals
stay in every epoch, and only likelihood training sees exchanged texts.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from generation.gan.records import Record
from generation.gan.slots import parts_of

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?![\d.]*%)")


class FactExchange:
    """Swaps the values of a brief, in its copy too, for values that other products have there.

    Args:
        records: where the other values come from.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        pool: dict[tuple[str, str], set[str]] = defaultdict(set)
        for record in records:
            for key, value in record.attributes:
                for part in parts_of(value):
                    pool[record.language, key].add(part)
        self._pool = {key: sorted(values) for key, values in pool.items() if len(values) > 2}

    def __call__(self, record: Record, chance: random.Random) -> Record:
        """Give the record with other numbers and other values, in brief and copy alike."""
        return self._shuffled(self._exchanged(_renumbered(record, chance), chance), chance)

    def _exchanged(self, record: Record, chance: random.Random) -> Record:
        """Exchange whole parts of values where the copy repeats them word for word."""
        text, attributes = record.text, []
        for key, given in record.attributes:
            value = given
            pool = self._pool.get((record.language, key))
            for part in parts_of(value):
                plain = not _NUMBER.search(part)
                once = text.count(part) == 1 and len(part) > 1
                if pool and plain and once and chance.random() < 0.5:
                    other = chance.choice(pool)
                    if not _NUMBER.search(other) and other not in value:
                        text, value = text.replace(part, other), value.replace(part, other)
            attributes.append((key, value))
        return replace(record, text=text, attributes=tuple(attributes))

    def _shuffled(self, record: Record, chance: random.Random) -> Record:
        """Drop facts that the copy leaves out, and change the order of the rest."""
        kept = [
            (key, value)
            for key, value in record.attributes
            if mentions(record.text, value, record.language) or chance.random() < 0.6
        ]
        if chance.random() < 0.5:
            chance.shuffle(kept)
        return replace(record, attributes=tuple(kept))


def mentions(text: str, value: str, language: str) -> bool:
    """Whether copy speaks of a value: a number of it, or a good part of its words."""
    numbers = _NUMBER.findall(value)
    if numbers:
        return any(number in text for number in numbers)
    if language == "zh":
        pairs = {value[at : at + 2] for at in range(max(1, len(value) - 1))}
        return sum(pair in text for pair in pairs) * 2 >= len(pairs)
    words = set(re.findall(r"[a-z]{3,}", value.lower()))
    lowered = text.lower()
    return bool(words) and sum(word in lowered for word in words) * 2 >= len(words)


def _renumbered(record: Record, chance: random.Random) -> Record:
    """Give every number of the brief another value, the same in the copy."""
    changed: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        number = match[0]
        if number not in changed:
            if "." in number:
                changed[number] = f"{chance.uniform(0.2, 3) * float(number):.1f}"
            elif len(number) < 2:
                changed[number] = number
            else:
                changed[number] = str(max(11, round(int(number) * chance.uniform(0.5, 2))))
        return changed[number]

    return replace(
        record,
        title=_NUMBER.sub(other, record.title),
        attributes=tuple((key, _NUMBER.sub(other, value)) for key, value in record.attributes),
        text=_NUMBER.sub(other, record.text),
    )
