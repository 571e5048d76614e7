"""Ragged lists of ids to padded tensors, in batches of about equal work."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.gan.vocabulary import BEGIN, PAD

_STEP = 16  # tokens


@dataclass(frozen=True)
class Pair:
    """The ids of one brief and of one text for it."""

    source: list[int]
    target: list[int]


@dataclass(frozen=True)
class Batch:
    """Padded ids: source (B, S), inputs (B, T) that begin with <s>, targets (B, T)."""

    source: Tensor
    inputs: Tensor
    targets: Tensor


def pad(rows: Sequence[Sequence[int]], *, multiple: int = 1) -> Tensor:
    """Give a (B, T) tensor of ids, padded on the right with 0; T is a multiple of `multiple`."""
    longest = _rounded(max(map(len, rows)), multiple)
    return torch.tensor([[*row, *([PAD] * (longest - len(row)))] for row in rows])


def collate(pairs: Sequence[Pair]) -> Batch:
    """Make one batch for teacher forcing.

    Lengths are rounded up: a processor's matrix kernels are compiled for each new shape, which
    cost half of the time while every batch had a shape of its own.
    """
    return Batch(
        source=pad([pair.source for pair in pairs], multiple=_STEP),
        inputs=pad([[BEGIN, *pair.target[:-1]] for pair in pairs], multiple=_STEP),
        targets=pad([pair.target for pair in pairs], multiple=_STEP),
    )


def by_size(pairs: Sequence[Pair], *, tokens: int, chance: random.Random) -> Iterator[Batch]:
    """Cut pairs into batches of at most so many padded tokens, of one shape, in random order."""
    shapes: dict[tuple[int, int], list[Pair]] = {}
    for pair in pairs:
        shape = (_rounded(len(pair.source), _STEP), _rounded(len(pair.target), _STEP))
        shapes.setdefault(shape, []).append(pair)
    groups: list[list[Pair]] = []
    for (source, target), alike in shapes.items():
        chance.shuffle(alike)
        size = max(1, tokens // (source + target))
        groups += [alike[start : start + size] for start in range(0, len(alike), size)]
    chance.shuffle(groups)
    for group in groups:
        yield collate(group)


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step
