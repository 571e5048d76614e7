"""Texts that a generator writes while it learns or is measured, as pairs of ids."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from generation.gan.batches import Pair, pad
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import Generator
from generation.gan.sampling import Draw, draws, rules_for, sample
from generation.gan.vocabulary import END, PAD, Vocabulary


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
    device = device_of(generator)
    written: list[Pair] = []
    heard: list[Tensor] = []
    size = max(1, 128 // copies)
    for start in range(0, len(sources), size):
        some = list(sources[start : start + size])
        noise, uniforms = draws(
            [seed * 1_000_003 + start * copies + at for at in range(len(some) * copies)],
            generator.max_target,
            generator.noise_width,
        )
        heard.append(noise)
        rules = rules_for(
            vocabulary,
            some,
            minimum=[3] * len(some),
            maximum=generator.max_target,
            device=device,
            copies=copies,
        )
        with half_precision(device):
            texts, _ = sample(
                generator,
                pad(some).to(device),
                noise=noise.to(device),
                uniforms=uniforms.to(device),
                rules=rules,
                draw=draw,
            )
        read = [source for source in some for _ in range(copies)]
        for source, ids in zip(read, texts.tolist(), strict=True):
            written.append(Pair(source, [index for index in ids if index != PAD] or [END]))
    return written, torch.cat(heard) if heard else torch.zeros(0, generator.noise_width)
