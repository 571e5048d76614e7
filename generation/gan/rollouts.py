"""Texts that a generator writes while it learns or is measured, as pairs of ids."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from generation.gan.batches import Pair
from generation.gan.drawing import draw_texts
from generation.gan.generator import Generator
from generation.gan.limits import Limits
from generation.gan.sampling import Draw
from generation.gan.vocabulary import END, PAD, Vocabulary

_LEAST = 3  # tokens of a text


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
    return rolled_out(generator, vocabulary, sources, seed=seed, draw=draw, copies=copies)[0]


def rolled_out(
    generator: Generator,
    vocabulary: Vocabulary,
    sources: Sequence[Sequence[int]],
    *,
    seed: int,
    draw: Draw,
    copies: int = 1,
) -> tuple[list[Pair], Tensor]:
    """Write texts as `sampled_pairs` does; give them with the noise of each, shape (texts, Z)."""
    written: list[Pair] = []
    heard: list[Tensor] = []
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
        heard.append(drawn.noise)
        read = [source for source in some for _ in range(copies)]
        for source, ids in zip(read, drawn.texts.tolist(), strict=True):
            written.append(Pair(source, [index for index in ids if index != PAD] or [END]))
    return written, torch.cat(heard) if heard else torch.zeros(0, generator.noise_width)
