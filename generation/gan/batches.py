"""Ragged lists of ids to padded tensors, in batches of about equal work."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

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


def alike(pairs: Sequence[Pair], *, size: int) -> list[list[int]]:
    """Places of the pairs in groups of like length, so that little of a group is padding."""

    def shape(at: int) -> tuple[int, int]:
        return _rounded(len(pairs[at].target), _STEP), len(pairs[at].source)

    places = sorted(range(len(pairs)), key=shape)
    return [places[start : start + size] for start in range(0, len(places), size)]


def regathered(parts: Sequence[Tensor], groups: Sequence[Sequence[int]]) -> Tensor:
    """What was worked out for each group, in the order of the pairs.

    Args:
        parts: of each group, shape (size,) or (size, T); T may differ.
        groups: the places of their rows, as `alike` gives them.

    Returns:
        Shape (pairs,), or (pairs, longest T) with zeros on the right.
    """
    if parts[0].dim() > 1:
        longest = max(part.shape[1] for part in parts)
        parts = [functional.pad(part, (0, longest - part.shape[1])) for part in parts]
    places = torch.tensor([at for group in groups for at in group], device=parts[0].device)
    return torch.cat(list(parts))[places.argsort()]


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step
