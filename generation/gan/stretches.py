"""Stretches of one to three tokens as hashes, so that texts can be looked through by tensors.

Letters: B texts, T tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from generation.gan.vocabulary import PAD

ORDERS = (1, 2, 3)  # tokens of a stretch: words are of one or two, so these are phrases
PLACES, MIX, _STEP = 2**31 - 1, 1_000_003, 7919  # of the hash of a stretch


def stretches_of(ids: Tensor, *, orders: Sequence[int] = ORDERS) -> Tensor:
    """Hashes of the stretches that end at each place of (B, T), order by order; 0 for none."""
    found = []
    for order in orders:
        mixed = ids.long()
        for back in range(1, order):
            before = functional.pad(ids.long(), (back, 0))[:, : ids.shape[1]]
            both = (mixed * MIX + before * _STEP + order) % PLACES + 1
            mixed = torch.where((mixed != PAD) & (before != PAD), both, PAD)
        found.append(mixed)
    return torch.cat(found, 1).int()


def said_again(hashes: Tensor) -> Tensor:
    """Whether the same hash stands further left in its row, shape (B, *)."""
    ordered, places = hashes.sort(dim=1, stable=True)
    again = functional.pad(ordered[:, 1:] == ordered[:, :-1], (1, 0))
    return torch.zeros_like(again).scatter(1, places, again)


def set_of(hashes: Tensor) -> Tensor:
    """Each row's different hashes, padded with 0."""
    ordered = hashes.masked_fill(said_again(hashes), PAD).sort(1, descending=True).values
    return ordered[:, : max(1, int((ordered != PAD).sum(1).max()))].contiguous()
