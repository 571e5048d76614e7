"""Why D scored a text as it did, and which fact each phrase of it tells.

Integrated gradients (Sundararajan et al. 2017, equations 1 and 3) say how far each token pulled
D's logit from what it is for a text of no words in particular: along the straight line from the
mean embedding to the text's own embeddings, the slope of the logit is summed. What the tokens
pulled adds up to the difference of the two logits (completeness), but for the sum's coarseness,
which is kept and told as `gap`.

Letters: B texts, S source tokens, T target tokens, E width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from generation.gan import slots, writing
from generation.gan.batches import pad
from generation.gan.checkpoint import Checkpoint
from generation.gan.devices import device_of, half_precision
from generation.gan.discriminator import Discriminator
from generation.gan.records import Record
from generation.gan.slots import Facts, facts_of
from generation.gan.vocabulary import PAD
from generation.gan.writing import Wish, Written

STEPS = 8  # of the sum, at least
_SHORT = 16  # so many where a text is short: each token then moves the logit more, and costs less
_SHORT_TOKENS = 32  # of the longest text that is short
_MISSED = 0.05  # nats of the logit that no token answers for: with more, steps are doubled
_DOUBLINGS = 3
_AT_ONCE = 512  # tokens, of texts and steps together: what is held for the slopes is so bounded
_BREAKS = frozenset("，。！？；,.!?;")
_SLOTS = frozenset({*slots.HELD_TOKENS, *slots.NAMES})
_LETTER = re.compile(r"[^\W\u4e00-\u9fff]")
# English words of a value that name it by themselves: all but the commonest short ones.
_TELLING = re.compile(r"\b(?!(?:with|from|your|each|both|that|this|when|does)\b)[A-Za-z]{4,}\b")

Place = tuple[int, int] | None
Fact = tuple[str, str, str]  # field, key and value of a `Phrase`


@dataclass(frozen=True)
class Pull:
    """How far a stretch of a text, [start, end) in code points, pulled D's logit: up is above 0."""

    start: int
    end: int
    pull: float


@dataclass(frozen=True)
class Phrase:
    """A stretch of a text, [start, end) in code points, and the fact of the brief that it tells.

    Args:
        start: of its first code point.
        end: after its last one.
        field: what of the brief: "attributes", "title", "audience" or "brand".
        key: the attribute's key; nothing for another field.
        value: what the brief says there.
        is_exact: whether the fact was put into the text; otherwise its words name a value.
    """

    start: int
    end: int
    field: str
    key: str
    value: str
    is_exact: bool


@dataclass(frozen=True)
class Explanation:
    """Why one text has its score.

    Args:
        logit: D's, in nats; its logistic is the score.
        baseline: D's logit of a text as long, of no words in particular.
        pulls: of each stretch, in order. A plan token, which nobody sees, counts with the words
            that it announces.
        elsewhere: what tokens pulled that stand nowhere in the text: its end, what was cut off.
        phrases: in order, none within another.
    """

    logit: float
    baseline: float
    pulls: tuple[Pull, ...]
    elsewhere: float
    phrases: tuple[Phrase, ...]

    @property
    def gap(self) -> float:
        """What the sum of all pulls lacks of the difference of the logits, in nats."""
        pulled = sum(each.pull for each in self.pulls) + self.elsewhere
        return self.logit - self.baseline - pulled

    def to_dict(self) -> dict[str, Any]:
        """Give the explanation as JSON-ready data, to four places."""
        return {
            "logit": round(self.logit, 4),
            "baseline": round(self.baseline, 4),
            "pulls": [asdict(each) | {"pull": round(each.pull, 4)} for each in self.pulls],
            "elsewhere": round(self.elsewhere, 4),
            "gap": round(self.gap, 4),
            "phrases": [asdict(phrase) for phrase in self.phrases],
        }


def explain(
    checkpoint: Checkpoint, wishes: Sequence[Wish], texts: Sequence[Written], *, steps: int = 0
) -> list[Explanation]:
    """Explain texts that this checkpoint wrote for these wishes, from the tokens that D judged.

    Args:
        checkpoint: who wrote, and whose D is explained.
        wishes: what was asked for.
        texts: what was written, one for each wish.
        steps: of the sum for each text; 0 takes 8, 16 for short texts, and twice as many, up to
            eight times, for each whose tokens do not add up to its logit.
    """
    cases = []
    for wish, written in zip(wishes, texts, strict=True):
        facts = facts_of(wish.record)
        source = writing.source_of(checkpoint, wish, facts)
        cases.append(_Case(wish.record, facts, source, list(written.tokens), written.text))
    return _explained(checkpoint, cases, steps)


def explain_records(
    checkpoint: Checkpoint, records: Sequence[Record], *, steps: int = 0
) -> list[Explanation]:
    """Explain each record's own text, whoever wrote it, as `writing.score` scores it."""
    cases = []
    for record in records:
        facts = facts_of(record)
        source, ids = writing.encoded(checkpoint, record, facts)
        cases.append(_Case(record, facts, source, ids, record.text))
    return _explained(checkpoint, cases, steps)


def integrated_gradients(
    discriminator: Discriminator, source: Tensor, text: Tensor, *, steps: int = STEPS
) -> tuple[Tensor, Tensor, Tensor]:
    """What each token adds to D's logit of its text.

    The slope is taken in the middle of each step, and steps grow along the way: the logit turns
    most where words begin to differ from the baseline. That is the mean embedding; near the zero
    vector, which padding has, layer norm makes of any small step a large one. What editors like
    is a sum over words already.

    Args:
        discriminator: D.
        source: ids of the briefs, shape (B, S).
        text: ids of the texts, shape (B, T), padded on the right with 0.
        steps: of the sum.

    Returns:
        What each token adds, shape (B, T), 0 on padding; the texts' logits, shape (B,); and the
        baseline's for their lengths, shape (B,).
    """
    discriminator.eval()
    mask = text != PAD
    with half_precision(source.device):
        with torch.no_grad():
            states = discriminator.encode(source)
            heard = discriminator.hear(text, source, states).float()  # (B, T, E)
            blank = discriminator.embed.weight[PAD + 1 :].mean(0).expand_as(heard)
            memory = discriminator.remember(states)
            logits, _ = discriminator.judged(source, memory, heard, mask)
            baselines, _ = discriminator.judged(source, memory, blank, mask)
        way = heard - blank
        slopes = torch.zeros_like(heard)
        middles = (torch.arange(steps, device=text.device) + 0.5) / steps
        for some in middles.split(max(1, _AT_ONCE // text.numel())):
            times = len(some)  # K: steps at once
            here = blank + some.square()[:, None, None, None] * way  # (K, B, T, E)
            here.requires_grad_()
            judged, _ = discriminator.judged(
                source.repeat(times, 1),
                [
                    (key.repeat(times, 1, 1, 1), value.repeat(times, 1, 1, 1))
                    for key, value in memory
                ],
                here.flatten(0, 1),
                mask.repeat(times, 1),
            )
            widths = 2 * some[:, None, None, None] / steps  # of the steps: they add up to 1
            slopes += (widths * torch.autograd.grad(judged.sum(), here)[0]).sum(0)
        liked = discriminator.liking.parts(source, text)  # which the baseline has nothing of
    added = (way * slopes).sum(-1) * mask + liked
    return added, logits + liked.sum(1), baselines


@dataclass(frozen=True)
class _Case:
    """One text with all that it takes to explain it; `tokens` are the ids that D judges."""

    record: Record
    facts: Facts
    source: list[int]
    tokens: list[int]
    text: str


def _explained(checkpoint: Checkpoint, cases: Sequence[_Case], steps: int) -> list[Explanation]:
    """Explain texts in their order; where nobody says how, with as many steps as each needs."""
    found = _summed(checkpoint, cases, steps, times=1)
    for doubling in range(0 if steps else _DOUBLINGS):
        missed = [at for at, each in enumerate(found) if abs(each.gap) > _MISSED]
        again = _summed(checkpoint, [cases[at] for at in missed], 0, times=2 << doubling)
        for at, explanation in zip(missed, again, strict=True):
            found[at] = explanation
    return found


def _summed(
    checkpoint: Checkpoint, cases: Sequence[_Case], steps: int, *, times: int
) -> list[Explanation]:
    """Explain texts batch by batch, with these steps or so many times the usual ones."""
    device = device_of(checkpoint.discriminator)
    found: dict[int, Explanation] = {}
    for some in _batches([len(case.tokens) for case in cases]):
        is_short = len(cases[some[-1]].tokens) <= _SHORT_TOKENS
        added, logits, baselines = integrated_gradients(
            checkpoint.discriminator,
            pad([cases[at].source for at in some]).to(device),
            pad([cases[at].tokens for at in some]).to(device),
            steps=steps or times * (_SHORT if is_short else STEPS),
        )
        for row, at in enumerate(some):
            ends = logits[row].item(), baselines[row].item()
            found[at] = _explanation(checkpoint, cases[at], added[row].tolist(), *ends)
    return [found[at] for at in range(len(cases))]


def _batches(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts, shorter ones first; short and long ones are kept apart."""
    batch: list[int] = []
    for at in sorted(range(len(sizes)), key=lambda at: sizes[at]):
        turns = bool(batch) and sizes[batch[-1]] <= _SHORT_TOKENS < sizes[at]
        if batch and (turns or (len(batch) + 1) * sizes[at] > _AT_ONCE):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def _explanation(
    checkpoint: Checkpoint, case: _Case, added: Sequence[float], logit: float, baseline: float
) -> Explanation:
    masked = checkpoint.vocabulary.pieces(case.tokens)
    filled = slots.fill(masked, case.facts, case.record.language)
    places = writing.places(case.text, filled)
    pulls, elsewhere = _pulls(case.text, filled, places, added)
    exact = list(_stated(case, masked, places))
    matched = _matched(case, exact)
    return Explanation(
        logit=logit,
        baseline=baseline,
        pulls=tuple(pulls),
        elsewhere=elsewhere,
        phrases=tuple(sorted([*exact, *matched], key=lambda phrase: phrase.start)),
    )


def _pulls(
    text: str, filled: Sequence[str], places: Sequence[Place], added: Sequence[float]
) -> tuple[list[Pull], float]:
    """What each stretch pulled, pieces of one word together; and what has no place."""
    pulls: list[Pull] = []
    elsewhere = carried = 0.0  # carried: of blanks and plan tokens, to the words that follow
    for piece, place, value in zip(filled, places, added, strict=False):
        if place is None:
            carried += 0.0 if piece.strip() else value
            elsewhere += value if piece.strip() else 0.0
            continue
        start, end = place
        pulled = carried + value
        if pulls and _is_one_word(text, pulls[-1].end, start):
            before = pulls.pop()
            start, pulled = before.start, before.pull + pulled
        pulls.append(Pull(start, end, pulled))
        carried = 0.0
    return pulls, elsewhere + carried


def _is_one_word(text: str, end: int, start: int) -> bool:
    """Whether what ends here and what begins there are pieces of one alphabetic word."""
    return end == start and all(_LETTER.match(letter) for letter in text[end - 1 : end + 1])


def _stated(case: _Case, masked: Sequence[str], places: Sequence[Place]) -> Iterator[Phrase]:
    """The clauses that hold a slot: a plan token says of which attribute what follows speaks."""
    pairs = _pairs(case.record)
    spoken_of: Fact | None = None
    clauses: list[tuple[Fact | None, list[int]]] = [(None, [])]
    for at, piece in enumerate(masked):
        if piece in slots.PLAN_TOKENS:
            spoken_of = _fact(case.record, pairs, slots.PLAN_TOKENS.index(piece))
            clauses.append((spoken_of, []))
        elif piece in slots.NAMES:
            clauses += [(_named(case.record, piece), [at]), (spoken_of, [])]
        elif piece.strip() in _BREAKS:
            clauses.append((spoken_of, []))
        elif places[at]:
            clauses[-1][1].append(at)
    for fact, pieces in clauses:
        stretches = [place for at in pieces if (place := places[at])]
        if fact and stretches and any(masked[at] in _SLOTS for at in pieces):
            yield Phrase(stretches[0][0], stretches[-1][1], *fact, is_exact=True)


def _pairs(record: Record) -> list[tuple[str, str]]:
    """The attributes that plan tokens count from 1."""
    return [pair for pair in record.attributes if pair[0] != "brand"]


def _fact(record: Record, pairs: Sequence[tuple[str, str]], index: int) -> Fact | None:
    """What a plan token names; 0 is the title's own numbers."""
    if index == 0:
        return "title", "", record.title
    return ("attributes", *pairs[index - 1]) if index <= len(pairs) else None


def _named(record: Record, token: str) -> Fact:
    """What the slot of a name holds."""
    if token == slots.TITLE:
        return "title", "", record.title
    return ("audience", "", record.audience) if token == slots.WHO else ("brand", "", record.brand)


def _matched(case: _Case, exact: Sequence[Phrase]) -> list[Phrase]:
    """Free words that name the value of an attribute that no phrase tells yet, one for each."""
    told = {(phrase.key, phrase.value) for phrase in exact}
    found = list(exact)
    for attribute, pair in zip(case.facts.attributes[1:], _pairs(case.record), strict=False):
        if pair in told:
            continue
        words = [pair[1], *attribute.parts, *(whole for whole, _ in attribute.numbers)]
        if case.record.language == "en":
            words += _TELLING.findall(pair[1][: len(case.text)])
        place = _first_free(case, words, found)
        if place:
            found.append(Phrase(*place, "attributes", *pair, is_exact=False))
    return found[len(exact) :]


def _first_free(case: _Case, words: Sequence[str], taken: Sequence[Phrase]) -> Place:
    """Where the first of some words stands in a text outside of phrases; the longest first."""
    for word in words:
        if not 1 < len(word) <= len(case.text):
            continue
        for match in slots.pattern_of(word, case.record.language).finditer(case.text):
            if all(match.end() <= other.start or match.start() >= other.end for other in taken):
                return match.span()
    return None
