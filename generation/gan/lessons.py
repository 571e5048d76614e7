"""Pairs of ids to learn from: what likelihood training sees, and what the discriminator sees."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from generation.gan.augmentation import FactExchange
from generation.gan.batches import Pair
from generation.gan.composition import can_compose, compose
from generation.gan.records import Record
from generation.gan.slots import facts_of
from generation.gan.vocabulary import END, Vocabulary

# Exchanged copies of each of a shop's own texts in an epoch: the more facts a text states, the
# more there is to learn from it about where facts go. A person's ad states next to none, and what
# is learnt of its wit by seeing it again is to rhyme nonsense.
_EXCHANGES = {
    ("description", "calm"): 3,
    ("seo", "market"): 2,
    ("description", "lively"): 1,
    ("ad", "lively"): 0,
}
_COMPOSED = 3  # composed texts for each of a shop's own calm ones and ads in an epoch
_REVIEWS = 0.12  # the share of buyers' reviews that the first epoch sees; none are left at the end


class Encoder:
    """Turns records into pairs of ids with the lengths that a generator can read and write."""

    def __init__(self, vocabulary: Vocabulary, *, max_source: int, max_target: int) -> None:
        self.vocabulary = vocabulary
        self.max_source, self.max_target = max_source, max_target
        self._known: dict[Record, Pair | None] = {}
        self.copied = frozenset(vocabulary.copied_ids)

    def pair(self, record: Record) -> Pair | None:
        """Encode one record; None when its text holds a number or a fact that its brief lacks."""
        if record in self._known:
            return self._known[record]
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

    def remember(self, records: Iterable[Record]) -> None:
        """Encode records once that will be asked for in every epoch."""
        self._known |= {record: self.pair(record) for record in records}


class Curriculum:
    """The likelihood lessons of each epoch: originals, exchanged facts, and composed copy.

    Args:
        records: prepared training texts.
        encoder: makes ids of them.
    """

    def __init__(self, records: Sequence[Record], encoder: Encoder) -> None:
        self.encoder = encoder
        self.reviews = [record for record in records if record.kind == "review"]
        self.records = [record for record in records if record.kind != "review"]
        self.own = [record for record in self.records if is_own(record)]
        self.rest = [record for record in self.records if not is_own(record)]
        encoder.remember(self.own)
        encoder.remember(self.rest)
        self.exchange = FactExchange(self.own or self.records)
        self.other_briefs = [
            replace(record.with_text(""), style="calm", kind="description")
            for record in self.rest
            if record.title and can_compose(record)
        ]

    def epoch(self, chance: random.Random, progress: float = 0.0) -> list[Pair]:
        """Make the pairs of one epoch; every epoch sees other exchanges.

        Buyers' reviews teach the languages, not how a shop writes: fewer come with each epoch.

        Args:
            chance: what is drawn.
            progress: the share of the training that is over, from 0 to 1.
        """
        lessons = list(self.own)
        for record in self.own:
            copies = _EXCHANGES.get((record.kind, record.style), 1)
            lessons += [self.exchange(record, chance) for _ in range(copies)]
        lessons += self.composed(chance, factor=_COMPOSED)
        for record in self.rest:
            copies = int(record.weight + chance.random())
            lessons += [hinted(record, chance) for _ in range(copies)]
        share = _REVIEWS * (1 - progress)
        lessons += [record for record in self.reviews if chance.random() < share]
        return self.encoder.pairs(lessons)

    def real(self, chance: random.Random) -> list[Pair]:
        """What the discriminator takes for real.

        The shop's own texts twice, composed ones, and the public corpora's by their weight: the
        register that a brief asks for tells them apart.
        """
        corpora = [record for record in self.rest if chance.random() < record.weight]
        return self.encoder.pairs(
            [*self.own, *self.own, *self.composed(chance, factor=2), *corpora]
        )

    def composed(self, chance: random.Random, *, factor: int) -> list[Record]:
        """Composed copy for the shop's products, as they are and with exchanged facts.

        A third as many are for the corpora's products, which have other facts and no audience.
        Some briefs are made poorer: a shop that brings its own feed often knows little.
        """
        lessons = []
        for record in self.own:
            if record.kind == "seo":
                continue
            calm = record if record.kind == "ad" else replace(record, style="calm")
            for _ in range(factor):
                bare = self.exchange(calm.with_text(""), chance) if chance.random() < 0.7 else calm
                lessons.append(poorer(bare, chance) if chance.random() < 0.2 else bare)
        others = self._others(len(lessons) // 3, chance)
        lessons += [poorer(brief, chance) if chance.random() < 0.4 else brief for brief in others]
        composed = [compose(lesson, chance) for lesson in lessons if can_compose(lesson)]
        return [lesson for lesson in composed if lesson.text]

    def _others(self, size: int, chance: random.Random) -> list[Record]:
        """Briefs of the corpora by their weight, each at most once."""
        drawn = [brief for brief in self.other_briefs if chance.random() < brief.weight]
        return chance.sample(drawn, min(len(drawn), size))


def written_by_people(pairs: Iterable[Pair], vocabulary: Vocabulary) -> list[Pair]:
    """Those whose kind and style are learnt from people's texts alone.

    Calm copy and ads are composed. Beside that, what a shop's people wrote in them is little, and
    of another make: a game in which it is what is real takes composed copy apart.
    """
    return [pair for pair in pairs if not vocabulary.is_composed(pair.source)]


def poorer(record: Record, chance: random.Random) -> Record:
    """A brief with at most three facts of its own, half of the time without an audience."""
    facts = chance.sample(record.attributes, min(len(record.attributes), chance.randint(1, 3)))
    audience = record.audience if chance.random() < 0.5 else ""
    return replace(record, attributes=tuple(facts), audience=audience)


def hinted(record: Record, chance: random.Random) -> Record:
    """A lesson with some of the facts that were matched in its own text, more often with none."""
    if not record.guessed or chance.random() < 0.6:
        return record
    some = tuple(fact for fact in record.guessed if chance.random() < 0.7)
    return replace(record, attributes=tuple(dict.fromkeys(record.attributes + some)))


def is_own(record: Record) -> bool:
    """Whether a record is a shop's own: its facts were given whole, not guessed from the text."""
    return bool(record.audience)


def corrupted(pair: Pair, chance: random.Random, facts: Set[int]) -> Pair:
    """Damage a real text as a weak writer would.

    Half of the time a clause speaks of another attribute ("made of 24 cm"), as far as the brief
    has others; else a stretch is said twice, dropped, moved or shuffled.

    Args:
        pair: a brief and a real text for it.
        chance: decides where and how.
        facts: ids of the plan tokens, which turn to an attribute.
    """
    words = list(pair.target[:-1])
    if chance.random() < 0.5 and _misplace(words, pair.source, chance, facts):
        return Pair(pair.source, [*words, END])
    return Pair(pair.source, [*_garbled(words, chance), END])


def _misplace(
    words: list[int], source: Sequence[int], chance: random.Random, facts: Set[int]
) -> bool:
    """Put another fact of the brief where one stands; False when there is no other."""
    places = [at for at, word in enumerate(words) if word in facts]
    if not places:
        return False
    chosen = chance.sample(places, min(len(places), chance.choice((1, 1, 2))))
    for at in chosen:
        others = sorted({index for index in source if index in facts} - {words[at]})
        if not others:
            return False
        words[at] = chance.choice(others)
    return True


def _garbled(words: list[int], chance: random.Random) -> list[int]:
    if len(words) < 8:
        return [*reversed(words)]
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
    return words


def mismatched(pairs: Sequence[Pair], chance: random.Random) -> list[Pair]:
    """Give each text the brief of another product of the same language, kind and style."""
    by_control: dict[tuple[int, ...], list[Pair]] = {}
    for pair in pairs:
        by_control.setdefault(tuple(pair.source[:3]), []).append(pair)
    return [
        Pair(chance.choice(by_control[tuple(pair.source[:3])]).source, pair.target)
        for pair in pairs
    ]
