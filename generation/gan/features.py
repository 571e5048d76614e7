"""Frozen features of texts, and the Fréchet distance between two sets of them.

Nothing here is trained: a text is its n-grams' frequencies behind a fixed random projection, so a
distance means the same on every machine and for every writer. Letters: N texts, F features.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from zlib import crc32

import torch
from torch import Tensor
from torch.nn import functional

from generation.gan.metrics import Tokens

# Of 32, 64 and 128, 64 told machine texts and shuffled texts from people's most surely: the
# distance above that of two halves of people's texts, in standard deviations, with 300 texts.
WIDTH = 64
_BUCKETS = 8192  # for the n-grams of each size
_SIZES = (1, 2, 3)
_SCALE = 10.0  # a distance then has no leading noughts
_SEED = 20170626  # of the projection; another one is another measure


def features(texts: Sequence[Tokens]) -> Tensor:
    """Give (N, F) features of texts as tokens, F = WIDTH + 1.

    For n of 1, 2 and 3 the square roots of a text's n-gram frequencies, a vector of length 1 over
    hashed n-grams, go through one Gaussian projection, which keeps distances but for about a
    tenth (Johnson and Lindenstrauss). The last feature is the logarithm of the length.
    """
    if not texts:
        return torch.zeros(0, WIDTH + 1)
    places, weights, starts = [], [], []
    for text in texts:
        starts.append(len(places))
        for size in _SIZES:
            counts = Counter(
                crc32("\x1f".join(text[at : at + size]).encode()) % _BUCKETS
                for at in range(len(text) - size + 1)
            )
            total = sum(counts.values())
            places += [_BUCKETS * (size - 1) + bucket for bucket in counts]
            weights += [math.sqrt(count / total) for count in counts.values()]
    projected = functional.embedding_bag(
        torch.tensor(places, dtype=torch.long),
        _projection(),
        torch.tensor(starts),
        mode="sum",
        per_sample_weights=torch.tensor(weights),
    )  # (N, WIDTH)
    lengths = torch.tensor([math.log1p(len(text)) for text in texts])
    return _SCALE * torch.cat([projected, lengths.unsqueeze(1) / WIDTH**0.5], dim=1)


@lru_cache(maxsize=1)
def _projection() -> Tensor:
    chance = torch.Generator().manual_seed(_SEED)
    return torch.randn(len(_SIZES) * _BUCKETS, WIDTH, generator=chance) / WIDTH**0.5


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean (F,) and covariance (F, F) of a set of features, in double precision."""

    mean: Tensor
    covariance: Tensor

    @cached_property
    def root(self) -> Tensor:
        """The symmetric square root of the covariance."""
        values, vectors = torch.linalg.eigh(self.covariance)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T


def moments(values: Tensor, weights: Tensor | None = None) -> Moments:
    """Take the mean and covariance (divided by the sum of weights) of features (N, F).

    Args:
        values: the features.
        weights: how often each text counts, (N,); once each where nobody says it.
    """
    values = values.double()
    weights = torch.ones(len(values)) if weights is None else weights
    shares = (weights.double() / weights.sum()).unsqueeze(1)
    mean = (shares * values).sum(0)
    around = values - mean
    return Moments(mean, around.T @ (shares * around))


def frechet_distance(first: Moments, second: Moments) -> float:
    """Squared Fréchet distance of the Gaussians with these moments (Heusel et al. 2017, eq. 6).

    |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)). The eigenvalues of C C' are those of the symmetric
    C'^(1/2) C C'^(1/2), so nothing complex can come of rounding. It falls with the number of
    texts: compare only where that is the same.
    """
    shift = (first.mean - second.mean).square().sum()
    inner = second.root @ first.covariance @ second.root
    shared = torch.linalg.eigvalsh(inner).clamp(min=0).sqrt().sum()
    spread = first.covariance.trace() + second.covariance.trace() - 2 * shared
    return max(0.0, float(shift + spread))
