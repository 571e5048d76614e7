"""Texts that a generator writes while it learns or is measured, as pairs of ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.gan.batches import Pair
from generation.gan.drawing import draw_texts
from generation.gan.generator import Generator
from generation.gan.limits import Limits
from generation.gan.sampling import Draw
from generation.gan.vocabulary import END, PAD, Vocabulary

_LEAST = 3  # tokens of a text


@dataclass(frozen=True)
class Rollouts:
    """Texts that were drawn; those for one brief stand together.

    Args:
        pairs: each with its brief.
        noise: what each was written with, shape (texts, Z).
        fluency: the mean log-probability of a token of each, as drawn, shape (texts,).
    """

    pairs: list[Pair]
    noise: Tensor
    fluency: Tensor


def sampled_pairs(
    generator: Generator,
    vocabulary: Vocabulary,
    sources: Sequence[Sequence[int]],
    *,
    seed: int,
    draw: Draw,
    copies: int = 1,
) -> list[Pair]:
    """Write some texts for each source, a hundred or so at a time; those of one stand together."""
    return rolled_out(generator, vocabulary, sources, seed=seed, draw=draw, copies=copies).pairs


def rolled_out(
    generator: Generator,
    vocabulary: Vocabulary,
    sources: Sequence[Sequence[int]],
    *,
    seed: int,
    draw: Draw,
    copies: int = 1,
) -> Rollouts:
    """Write texts as `sampled_pairs` does, and say how each was drawn."""
    written: list[Pair] = []
    noise, fluency = [torch.zeros(0, generator.noise_width)], [torch.zeros(0)]
    size = max(1, 128 // copies)
    for start in range(0, len(sources), size):
        some = list(sources[start : start + size])
        drawn = draw_texts(
            generator,
            vocabulary,
            some,
            seeds=[seed * 1_000_003 + start * copies + at for at in range(len(some) * copies)],
            limits=Limits(minimum=[_LEAST] * len(some), maximum=generator.max_target),
            draw=draw,
            copies=copies,
        )
        noise.append(drawn.noise.cpu())
        fluency.append(drawn.fluency.cpu())
        read = [source for source in some for _ in range(copies)]
        for source, ids in zip(read, drawn.texts.tolist(), strict=True):
            written.append(Pair(source, [index for index in ids if index != PAD] or [END]))
    return Rollouts(written, torch.cat(noise), torch.cat(fluency))
