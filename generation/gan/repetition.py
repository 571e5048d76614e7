"""How often texts say again what they have said, and what a token is worth by that.

A writer that draws coolly falls into saying the same words again, which the likelihood of people's
texts never shows: there, what stands before is what people wrote. Letters: B texts, T target
tokens, N orders of stretches.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor

from generation.gan.batches import Pair, pad
from generation.gan.stretches import ORDERS, said_again, stretches_of
from generation.gan.vocabulary import PAD

_CONTROLS = 4  # tokens at the start of a brief: language, kind, style, length
_ENOUGH = 500.0  # stretches; a register with fewer is taken to be much like the others
_RARE = 0.005  # added to both shares of a ratio, which where nobody does a thing would be 0 / 0


class Repetition:
    """Which share of their stretches some texts hold already, by the register of their briefs.

    Args:
        pairs: briefs with their texts.
        free: ids that say nothing by themselves, such as marks: that they stand there again says
            no more than that the text goes on.
    """

    def __init__(self, pairs: Sequence[Pair], free: Collection[int] = ()) -> None:
        self._free = torch.tensor(sorted(free), dtype=torch.long)
        again, there = _said(pad([pair.target for pair in pairs]), self._free)
        counts = torch.stack([again.sum(2), there.sum(2)], 1)  # (texts, 2, N)
        again, there = counts.sum(0)
        self._overall = again / there.clamp_min(1)
        self._counts: dict[tuple[int, ...], Tensor] = {}
        for pair, row in zip(pairs, counts, strict=True):
            register = _register_of(pair.source)
            self._counts[register] = self._counts.get(register, 0) + row

    def share(self, source: Sequence[int]) -> Tensor:
        """Of the stretches of each order in texts for such a brief, the share said before, (N,)."""
        again, there = self._counts.get(_register_of(source), torch.zeros(2, len(ORDERS)))
        return (again + _ENOUGH * self._overall) / (there + _ENOUGH)

    def credits(
        self, sources: Sequence[Sequence[int]], texts: Tensor, *, against: Repetition
    ) -> Tensor:
        """What each token gives by saying something again, or by not doing so.

        For each of the stretches that it completes, the logarithm of how much oftener these texts
        do that than a writer's: the logit of a naive Bayes discriminator that is told nothing
        else. It is 0 where the writer says things again as often as people do, so it asks for no
        more variety than theirs.

        Args:
            sources: ids of the brief of each text.
            texts: ids, shape (B, T), padded with 0.
            against: the writer's texts.

        Returns:
            Nats, shape (B, T), 0 on padding.
        """
        again, there = _said(texts.cpu(), self._free)
        own, theirs = (
            torch.stack([some.share(source) for source in sources]).unsqueeze(2)
            for some in (self, against)
        )
        ratio = torch.where(
            again, (own + _RARE) / (theirs + _RARE), (1 - own + _RARE) / (1 - theirs + _RARE)
        )
        return (ratio.log() * there).sum(1).to(texts.device)


def share_again(texts: Tensor) -> Tensor:
    """Which share of its stretches each text (B, T), padded with 0, holds already: (B,)."""
    again, there = _said(texts, texts.new_empty(0))
    return again.sum((1, 2)) / there.sum((1, 2)).clamp_min(1)


def _said(texts: Tensor, free: Tensor) -> tuple[Tensor, Tensor]:
    """Which stretches stand further left in their text, and which are any: (B, N, T) each.

    A token that is free is no stretch by itself.
    """
    stretches = stretches_of(texts).unflatten(1, (len(ORDERS), -1))
    there = stretches != PAD
    there[:, 0] &= ~torch.isin(texts, free)
    return said_again(stretches.flatten(1)).view_as(there) & there, there


def _register_of(source: Sequence[int]) -> tuple[int, ...]:
    return tuple(source[:_CONTROLS])
