"""What people write for products like this one, and hardly elsewhere, as hashes of their texts.

Letters: B texts, S source tokens, T target tokens, N remembered texts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from generation.gan.batches import Pair, pad
from generation.gan.stretches import MIX, ORDERS, PLACES, said_again, set_of, stretches_of
from generation.gan.vocabulary import KEY, PAD, SEPARATOR

_PER_TITLE = 4  # texts for one product: one with a hundred would be everybody's neighbour
_MOST = 8192  # texts
_NEIGHBOURS = 100
_RARE = 0.02  # added to both shares of a lift, which of stretches that nobody used would be 0 / 0


@dataclass(frozen=True, eq=False)
class Precedents:
    """People's texts, so that stretches of one to three tokens can be looked up in them.

    The lift of a stretch is the logarithm of how much oftener it stands in the texts for the
    hundred briefs most like this one than in all (pointwise mutual information: Church and Hanks
    1990). Texts for a product of the same title are no precedents, so that nothing is preferred
    for repeating them.

    Args:
        briefs: hashes of what stands in each brief, shape (N, *), padded with 0.
        titles: which product it is for, shape (N,).
        stretches: hashes of what stands in each text, shape (N, *), padded with 0.
    """

    briefs: Tensor
    titles: Tensor
    stretches: Tensor

    @classmethod
    def of(cls, real: Sequence[Pair], chance: random.Random) -> Self:
        """Take people's texts for precedents, some for each title."""
        by_title: dict[int, dict[tuple[tuple[int, ...], ...], None]] = {}
        for pair in real:
            text = tuple(pair.source), tuple(pair.target)
            by_title.setdefault(_title(pair.source), {})[text] = None
        kept = [
            (title, *text)
            for title, texts in by_title.items()
            for text in chance.sample(list(texts), min(len(texts), _PER_TITLE))
        ]
        kept = chance.sample(kept, min(len(kept), _MOST))
        titles, sources, texts = zip(*kept, strict=True)
        return cls(
            set_of(stretches_of(pad(sources), orders=(1,))),
            torch.tensor(titles, dtype=torch.int32),
            set_of(stretches_of(pad(texts))),
        )

    def credits(
        self,
        sources: Sequence[Sequence[int]],
        texts: Tensor,
        *,
        against: Sequence[Pair] | None = None,
    ) -> Tensor:
        """What each token gives: the sum of the lifts of all stretches that it is in.

        A stretch that its text holds already gives nothing more. Nor is it a fault to say what the
        brief says: the neighbours know nothing of what is this product's own.

        Args:
            sources: ids of the brief of each text.
            texts: ids, shape (B, T), padded with 0.
            against: a writer's texts. Lift is then held against its texts for other briefs instead
                of all of people's: the logit of a naive Bayes discriminator of people's texts from
                the writer's, by which what the writer says too often is no merit.

        Returns:
            Nats, shape (B, T), 0 on padding.
        """
        stretches = stretches_of(texts.cpu())  # (B, 3 T)
        habits = None if against is None else _Habits(against)
        usual, near = torch.zeros(2, *stretches.shape)
        for source, some in _rows_of(sources).items():
            near[some] = self._share_near(source, stretches[some])
            usual[some] = (
                habits.share(source, stretches[some]) if habits else self._share(stretches[some])
            )
        is_new = (stretches != PAD) & ~said_again(stretches)
        lifts = ((near + _RARE) / (usual + _RARE)).log() * is_new
        lifts = torch.where(_told(sources, texts.cpu()), lifts.clamp_min(0), lifts)
        given = torch.zeros(texts.shape)
        for order, lift in zip(ORDERS, lifts.split(texts.shape[1], dim=1), strict=True):
            for back in range(order):  # a stretch ends at its last token
                given += functional.pad(lift, (0, back))[:, back:]
        return given.to(texts.device)

    def _share(self, stretches: Tensor) -> Tensor:
        """The share of all texts that each of some stretches, (B, *), stands in."""
        return _looked_up(stretches, *self._counts) / max(len(self.titles), 1)

    def _share_near(self, source: Sequence[int], stretches: Tensor) -> Tensor:
        """The same of the texts for the briefs most like one, weighed by their likeness."""
        words = set_of(stretches_of(torch.tensor([list(source)]), orders=(1,)))[0].sort().values
        weights = _looked_up(self.briefs, words, self._rarity(words))
        likeness = weights.sum(1) * (self.titles != _title(source))
        best, at = likeness.topk(min(_NEIGHBOURS, len(likeness)))
        texts = self.stretches[at]
        known, places = texts.unique(return_inverse=True)
        shares = (best / best.sum().clamp_min(1e-6)).unsqueeze(1).expand_as(texts)
        summed = torch.zeros(len(known)).index_add_(0, places.flatten(), shares.flatten())
        return _looked_up(stretches, known, summed)

    def _rarity(self, words: Tensor) -> Tensor:
        """Inverse document frequency of words of briefs: common ones say little."""
        counts = _looked_up(words, *self._word_counts)
        return (len(self.titles) / counts.clamp_min(1)).log()

    @cached_property
    def _counts(self) -> tuple[Tensor, Tensor]:
        return _counted(self.stretches)

    @cached_property
    def _word_counts(self) -> tuple[Tensor, Tensor]:
        return _counted(self.briefs)


class _Habits:
    """What a writer puts into its texts."""

    def __init__(self, written: Sequence[Pair]) -> None:
        self._texts = set_of(stretches_of(pad([pair.target for pair in written])))
        self._counts = _counted(self._texts)
        self._rows = _rows_of([pair.source for pair in written])

    def share(self, source: Sequence[int], stretches: Tensor) -> Tensor:
        """The share of its texts for other briefs that some stretches, (B, *), stand in."""
        own = self._rows.get(tuple(source), [])
        count = _looked_up(stretches, *self._counts)
        count -= _looked_up(stretches, *_counted(self._texts[own]))
        return count / max(len(self._texts) - len(own), 1)


def _rows_of(sources: Sequence[Sequence[int]]) -> dict[tuple[int, ...], list[int]]:
    """Where each brief stands."""
    rows: dict[tuple[int, ...], list[int]] = {}
    for row, source in enumerate(sources):
        rows.setdefault(tuple(source), []).append(row)
    return rows


def _counted(hashes: Tensor) -> tuple[Tensor, Tensor]:
    """Different hashes in order, and how often each of them stands there."""
    known, counts = hashes.unique(return_counts=True)
    return known, counts.float()


def _looked_up(wanted: Tensor, known: Tensor, values: Tensor) -> Tensor:
    """The values of ids among known ones, which are sorted; 0 for others."""
    if not len(known):
        return torch.zeros(wanted.shape)
    wanted = wanted.to(known.dtype).contiguous()
    at = torch.searchsorted(known.contiguous(), wanted).clamp_max(len(known) - 1)
    return values[at] * (known[at] == wanted)


def _told(sources: Sequence[Sequence[int]], texts: Tensor) -> Tensor:
    """Whether each stretch, as `stretches_of` orders them, is of nothing but the brief's tokens."""
    told = (texts.unsqueeze(2) == pad(sources).unsqueeze(1)).any(2)
    orders = [told]
    for back in range(1, max(ORDERS)):
        orders.append(orders[-1] & functional.pad(told, (back, 0))[:, : texts.shape[1]])
    return torch.cat(orders, 1)


def _title(source: Sequence[int]) -> int:
    """A hash of a brief's title, which stands between its first separator and what follows."""
    ids = list(source)
    start = ids.index(SEPARATOR) + 1 if SEPARATOR in ids else 0
    mixed = 1
    for index in ids[start:]:
        if index in {SEPARATOR, KEY}:
            break
        mixed = (mixed * MIX + index) % PLACES
    return mixed
