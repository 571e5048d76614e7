"""What editors like, word by word: the wide part of the discriminator.

Letters: B texts, S source tokens, T target tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan.batches import Pair, pad
from generation.gan.training import minimise
from generation.gan.vocabulary import KEY, PAD, VALUE

_KEYS = 2048  # places that the keys of attributes share
_PAIRS = 8192  # and those of two words in a row
_MIX = 31_337  # spreads ids over such places
_SPREAD = 0.7  # of a weight before anything is known: the prior's standard deviation
_STEPS = 40  # of L-BFGS


class Liking(nn.Module):
    """A weight for each word and each two in a row, added to what the network says of a text.

    A network of millions of weights learns little from two hundred decisions in minutes, and a
    linear model of words learns from them at once what an editor never lets pass; each has its
    part (wide and deep: Cheng et al. 2016). A word counts once in a text, however often it is
    there. A plan token stands for the key of the attribute that it turns to: what the editor
    reads is "weight", whichever place that has in a brief. The weights are zero until editors
    decide.

    Args:
        vocab_size: V.
    """

    def __init__(self, vocab_size: int) -> None:
        super().__init__()
        self.register_buffer("weights", torch.zeros(vocab_size + _KEYS + _PAIRS))

    def forward(self, source: Tensor, text: Tensor) -> Tensor:
        """What to add to the logits of texts (B, T) for briefs (B, S): shape (B,)."""
        return self.parts(source, text).sum(1)

    def parts(self, source: Tensor, text: Tensor) -> Tensor:
        """The same token by token, (B, T): two words in a row count with the second."""
        features = self._features(source, text)
        return sum(self.weights[feature] * _first(feature, text) for feature in features)

    def _load_from_state_dict(
        self, state_dict: dict[str, Tensor], prefix: str, *others: object
    ) -> None:
        """A discriminator that was saved before there was this part has no liking yet."""
        state_dict.setdefault(f"{prefix}weights", torch.zeros_like(self.weights))
        super()._load_from_state_dict(state_dict, prefix, *others)

    def fit(
        self,
        better: Sequence[Pair],
        worse: Sequence[Pair],
        *,
        weights: tuple[Tensor, Tensor],
        known: tuple[Tensor, Tensor],
    ) -> None:
        """Find the likeliest weights for texts that editors let pass and texts that they did not.

        Logistic regression with a normal prior, of what the rest of the discriminator leaves open.

        Args:
            better: texts that passed.
            worse: texts that were refused.
            weights: how much each counts, shapes (len(better),) and (len(worse),).
            known: the logits of both without this part, shapes (len(better),), (len(worse),).
        """
        device = self.weights.device
        text = pad([pair.target for pair in (*better, *worse)]).to(device)
        parts = self._features(pad([pair.source for pair in (*better, *worse)]).to(device), text)
        counts = torch.cat([_first(part, text) for part in parts], dim=1)
        label = torch.tensor([1.0] * len(better) + [0.0] * len(worse), device=device)
        # Both sides count as much as there is of the smaller one, whoever decided more.
        smaller = min(float(side.sum()) for side in weights)
        weight = torch.cat([side * smaller / side.sum() for side in weights]).to(device)
        offset = torch.cat(known).to(device)
        offset = offset - offset.mean()
        used, index = torch.cat(parts, dim=1).unique(return_inverse=True)
        found = torch.zeros(len(used), device=device, requires_grad=True)
        level = torch.zeros((), device=device, requires_grad=True)

        def cost() -> Tensor:
            logits = offset + level + (found[index] * counts).sum(1)
            errors = functional.binary_cross_entropy_with_logits(logits, label, reduction="none")
            return (weight * errors).sum() + found.square().sum() / (2 * _SPREAD**2)

        minimise(cost, found, level, steps=_STEPS)
        self.weights.zero_()
        self.weights[used] = found.detach()

    def _features(self, source: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        """Of each token of (B, T), its own feature and that of it with the one before."""
        size = len(self.weights) - _KEYS - _PAIRS
        words = torch.where(_told(source, text) > 0, size + _told(source, text), text)
        before = functional.pad(words[:, :-1], (1, 0))
        return words, size + _KEYS + (before * _MIX + words) % _PAIRS


def _told(source: Tensor, text: Tensor) -> Tensor:
    """Where a token of (B, T) turns to an attribute, the place of its key: 1 to _KEYS - 1, or 0."""
    opened, closed = (source == KEY).cumsum(1), (source == VALUE).cumsum(1)  # (B, S)
    inside = (opened > closed) & (source != KEY)
    same = (opened.unsqueeze(2) == opened.unsqueeze(1)) & inside.unsqueeze(1)  # (B, S, S)
    key = 1 + (same * (source * _MIX % _KEYS).unsqueeze(1)).sum(2) % (_KEYS - 1)  # (B, S)
    turns = functional.pad(source[:, :-1] == VALUE, (1, 0))  # what stands after a key
    found = (text.unsqueeze(2) == source.unsqueeze(1)) & turns.unsqueeze(1)  # (B, T, S)
    return (found * key.unsqueeze(1)).amax(2)


def _first(features: Tensor, text: Tensor) -> Tensor:
    """1 where a feature, (B, T), is in its text for the first time, else 0."""
    same = features.unsqueeze(2) == features.unsqueeze(1)  # (B, T, T)
    earlier = same.tril(-1).any(2)
    return (~earlier & (text != PAD)).float()
