"""Pairs of ids to learn from: what likelihood training sees, and what the discriminator sees."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

from generation.gan.augmentation import FactExchange
from generation.gan.batches import Pair
from generation.gan.composition import can_compose, compose
from generation.gan.records import Record
from generation.gan.slots import facts_of
from generation.gan.vocabulary import END, Vocabulary


class Encoder:
    """Turns records into pairs of ids with the lengths that a generator can read and write."""

    def __init__(self, vocabulary: Vocabulary, *, max_source: int, max_target: int) -> None:
        self.vocabulary = vocabulary
        self.max_source, self.max_target = max_source, max_target
        self.copied = frozenset(vocabulary.copied_ids)

    def pair(self, record: Record) -> Pair | None:
        """Encode one record; None when its text holds a number or a fact that its brief lacks."""
        facts = facts_of(record)
        target = self.vocabulary.encode_text(record, facts, limit=self.max_target)
        if not target:
            return None
        source = self.vocabulary.encode_brief(record, facts, limit=self.max_source)
        if not self.copied.intersection(target).issubset(source):
            return None  # a fact that was cut off the brief cannot be copied
        return Pair(source, target)

    def pairs(self, records: Iterable[Record]) -> list[Pair]:
        """Encode records, leaving out those that cannot be."""
        return [pair for record in records if (pair := self.pair(record)) is not None]


class Curriculum:
    """The likelihood lessons of each epoch: originals, exchanged facts, and composed copy.

    Args:
        records: prepared training texts.
        encoder: makes ids of them.
        own_factor: exchanged copies of each of the shop's own texts in an epoch. They are few and
            the ones to learn most from.
    """

    def __init__(self, records: Sequence[Record], encoder: Encoder, *, own_factor: int = 3) -> None:
        self.records, self.encoder = list(records), encoder
        self.own = [record for record in self.records if is_own(record)]
        self.rest = [record for record in self.records if not is_own(record)]
        self.exchange = FactExchange(self.own or self.records)
        self.own_factor = own_factor

    def epoch(self, chance: random.Random) -> list[Pair]:
        """Make the pairs of one epoch; every epoch sees other exchanges."""
        lessons = list(self.own)
        for record in self.own:
            lessons += [self.exchange(record, chance) for _ in range(self.own_factor)]
        lessons += self.composed(chance, factor=2 * self.own_factor)
        lessons += [record for record in self.rest if chance.random() < record.weight]
        return self.encoder.pairs(lessons)

    def composed(self, chance: random.Random, *, factor: int) -> list[Record]:
        """Composed copy for the shop's products, as they are and with exchanged facts."""
        lessons = []
        for record in self.own:
            if record.style == "market":
                continue
            calm = record if record.kind == "ad" else replace(record, style="calm")
            for _ in range(factor):
                bare = self.exchange(calm.with_text(""), chance) if chance.random() < 0.7 else calm
                lessons.append(compose(bare, chance))
        rich = [record for record in self.rest if can_compose(record)]
        lessons += [
            compose(replace(record, style="calm", kind="description"), chance)
            for record in chance.sample(rich, min(len(rich), len(lessons) // 4))
        ]
        return [lesson for lesson in lessons if lesson.text]


def is_own(record: Record) -> bool:
    """Whether a record is a shop's own: its facts were given whole, not guessed from the text."""
    return bool(record.audience)


def corrupted(target: Sequence[int], chance: random.Random) -> list[int]:
    """Damage a real text as a weak writer would: say a stretch twice, drop one, or swap two."""
    words = list(target[:-1])
    if len(words) < 8:
        return [*reversed(words), END]
    size = chance.randint(3, max(3, len(words) // 3))
    start = chance.randrange(len(words) - size)
    stretch = words[start : start + size]
    match chance.randrange(4):
        case 0:
            words[start:start] = stretch
        case 1:
            del words[start : start + size]
        case 2:
            other = chance.randrange(len(words) - size)
            rest = words[:start] + words[start + size :]
            words = rest[:other] + stretch + rest[other:]
        case _:
            chance.shuffle(stretch)
            words[start : start + size] = stretch
    return [*words, END]


def mismatched(pairs: Sequence[Pair], chance: random.Random) -> list[Pair]:
    """Give each text the brief of another product of the same language, kind and style."""
    by_control: dict[tuple[int, ...], list[Pair]] = {}
    for pair in pairs:
        by_control.setdefault(tuple(pair.source[:3]), []).append(pair)
    return [
        Pair(chance.choice(by_control[tuple(pair.source[:3])]).source, pair.target)
        for pair in pairs
    ]
