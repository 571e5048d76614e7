"""Which of a writer's drafts is nearest to what people write for such a brief.

D tells people's texts from generated ones. Of a writer's own drafts for one brief that says next to
nothing: at the temperatures of use, what reads more like people's is also rarer. What tells more is
precedent: which words people put side by side for the briefs most like this one, and nowhere else.
Letters: B texts, R briefs, T target tokens, F figures.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from generation.gan import metrics
from generation.gan.batches import Pair, pad
from generation.gan.precedents import Precedents
from generation.gan.repetition import share_again
from generation.gan.training import minimise
from generation.gan.vocabulary import PAD

_PARTS = ("briefs", "titles", "stretches")  # of its precedents
_RAGGED = ("briefs", "stretches")  # whose rows are of many lengths: without the padding when saved
_FITTED = 4  # figures whose weights are found by what BLEU gains
_FIGURES = _FITTED + 1  # and how much a text says again
_PRIOR = 0.1  # standard deviation of a weight, on figures of spread 1, before anything is known
_STEPS = 60  # of L-BFGS
_MOST = 20.0  # that repetition may weigh: from there on, choosing against it costs what it wins
_HALVINGS = 24  # of the interval that its weight lies in


class Chooser(nn.Module):
    """Ranks drafts for one brief by how near they come to what people write.

    A linear model of D's logit, the writer's fluency, the length, what a token of the text gives by
    precedent in the mean, and the share of its stretches that it holds already.

    It is fitted to drafts for held-out briefs: of each two, the one that gives more to BLEU against
    what people wrote is to stand above the other (reranking by learned energy: Bhattacharyya et
    al. 2021; RankNet: Burges et al. 2005). Until then its weights are 0.

    BLEU pays for saying things again, so what that weighs is not left to it: it is taken off just
    so much that the drafts which are chosen do it as little as people do.
    """

    def __init__(self) -> None:
        super().__init__()
        for name, nothing in _nothing().items():
            self.register_buffer(name, nothing)

    @property
    def is_fitted(self) -> bool:
        """Whether it can rank."""
        return bool(self.weights.any())

    def forward(
        self, sources: Sequence[Sequence[int]], texts: Tensor, logits: Tensor, fluency: Tensor
    ) -> Tensor:
        """What texts are worth; only those for one brief can be compared.

        Args:
            sources: ids of the brief of each text.
            texts: ids, shape (B, T), padded with 0.
            logits: D's, shape (B,).
            fluency: mean log-probability of a token by the writer, shape (B,).

        Returns:
            Shape (B,); higher is nearer.
        """
        return self.figures(sources, texts, logits, fluency) @ self.weights.to(logits.device)

    def remember(self, real: Sequence[Pair], chance: random.Random) -> None:
        """Take people's texts for precedents, some for each title, as hashes of their stretches."""
        precedents = Precedents.of(real, chance)
        for name in _PARTS:
            setattr(self, name, getattr(precedents, name).to(self.weights.device))
        self._forget()

    def fit(
        self,
        sources: Sequence[Sequence[int]],
        texts: Tensor,
        logits: Tensor,
        fluency: Tensor,
        people: Sequence[Sequence[Sequence[int]]],
    ) -> None:
        """Find the likeliest weights for drafts, k for each brief, those of one brief together.

        Args:
            sources: ids of the brief of each draft, R * k of them.
            texts: the drafts, shape (R * k, T).
            logits: D's, shape (R * k,).
            fluency: shape (R * k,).
            people: what people wrote for each of the R briefs.
        """
        known = self.figures(sources, texts, logits, fluency).double().cpu()
        known = known.view(len(people), -1, _FIGURES)
        figures = known[..., :_FITTED] - known[..., :_FITTED].mean(1, keepdim=True)
        spread = figures.std((0, 1)).clamp_min(1e-6)
        figures = figures / spread
        gains = _gains(texts, people)
        ahead = gains.unsqueeze(2) - gains.unsqueeze(1)  # (R, k, k)
        weight = ahead.clamp_min(0)
        # A draft is in k - 1 pairs and is one witness: all pairs weigh as much as half of them.
        weight = weight * (len(texts) / 2) / weight.sum().clamp_min(1e-6)
        found = torch.zeros(_FITTED, dtype=torch.double, requires_grad=True)

        def cost() -> Tensor:
            worth = figures @ found
            wrong = functional.softplus(worth.unsqueeze(1) - worth.unsqueeze(2))
            return (weight * wrong).sum() + found.square().sum() / (2 * _PRIOR**2)

        minimise(cost, found, steps=_STEPS)
        found = found.detach() / spread
        again = _weight_of_again(known[..., :_FITTED] @ found, known[..., -1], _share_of(people))
        self.weights.copy_(torch.cat([found, found.new_tensor([again])]))

    @torch.no_grad()
    def figures(
        self, sources: Sequence[Sequence[int]], texts: Tensor, logits: Tensor, fluency: Tensor
    ) -> Tensor:
        """What the weights weigh, shape (B, F)."""
        device = logits.device
        lengths = (texts != PAD).sum(1).clamp_min(1).to(device)
        given = self._precedents.credits(sources, texts).sum(1).to(device) / lengths
        again = share_again(texts).to(device)
        return torch.stack([logits, fluency.to(device), lengths / 100, given, again], 1)

    @cached_property
    def _precedents(self) -> Precedents:
        return Precedents(**{name: getattr(self, name).cpu() for name in _PARTS})

    def _forget(self) -> None:
        """Look the precedents up anew when they are next asked for."""
        self.__dict__.pop("_precedents", None)

    def _save_to_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        """Give weights and precedents out; these take half the room without what is padding."""
        super()._save_to_state_dict(state, prefix, *rest)
        for name in _RAGGED:
            state[f"{prefix}{name}"] = _packed(state[f"{prefix}{name}"])

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        """Take weights and precedents in, however many there are; older weights have none.

        Those of a time when nobody asked what a text says again weigh it with 0.
        """
        for name, nothing in _nothing().items():
            given = state.get(f"{prefix}{name}", nothing)
            if name in _RAGGED and given.dim() == 1:
                given = _unpacked(given)
            if name != "weights":
                setattr(self, name, getattr(self, name).new_zeros(given.shape))
            elif len(given) == _FITTED:
                given = functional.pad(given, (0, 1))
            state[f"{prefix}{name}"] = given
        self._forget()
        super()._load_from_state_dict(state, prefix, *rest)


def _nothing() -> dict[str, Tensor]:
    """What it knows before it has learnt, as it is saved: hashes of precedents, and weights."""
    return {
        "briefs": torch.zeros(0, 1, dtype=torch.int32),
        "titles": torch.zeros(0, dtype=torch.int32),
        "stretches": torch.zeros(0, 1, dtype=torch.int32),
        "weights": torch.zeros(_FIGURES),
    }


def _packed(rows: Tensor) -> Tensor:
    """Rows (N, *) that are padded with 0, one after the other, each ended by a single 0."""
    ended = functional.pad(rows, (0, 1))
    is_end = torch.arange(ended.shape[1], device=rows.device) == (rows != PAD).sum(1, keepdim=True)
    return ended[(ended != PAD) | is_end]


def _unpacked(packed: Tensor) -> Tensor:
    """The rows that were packed, padded with 0."""
    rows = packed.tensor_split((packed == PAD).nonzero().flatten().cpu() + 1)[:-1]
    if not rows:
        return packed.new_zeros(0, 1)
    whole = pad_sequence(rows, batch_first=True)  # with the 0 that ends the longest
    return whole[:, : max(1, whole.shape[1] - 1)].contiguous()


def _share_of(people: Sequence[Sequence[Sequence[int]]]) -> float:
    """Which share of their stretches people's texts hold already, each brief counting once."""
    return float(torch.stack([share_again(pad(some)).mean() for some in people]).mean())


def _weight_of_again(worth: Tensor, again: Tensor, wanted: float) -> float:
    """The weight of repetition nearest to 0 at which what is chosen says as little again as wanted.

    The more is taken off for it, the less of it is in what is chosen, so its place is found by
    halving. Where no draft of a brief differs in it from the others there is nothing to weigh.

    Args:
        worth: of each draft without it, shape (R, k).
        again: the share of its stretches that a draft holds already, shape (R, k).
        wanted: that share in people's texts.

    Returns:
        Between -20 and 0.
    """

    def chosen(weight: float) -> float:
        best = (worth + weight * again).argmax(1, keepdim=True)
        return float(again.gather(1, best).mean())

    low, high = -_MOST, 0.0
    if chosen(high) <= wanted or bool((again == again[:, :1]).all()):
        return high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if chosen(middle) <= wanted else (low, middle)
    return low


def _gains(texts: Tensor, people: Sequence[Sequence[Sequence[int]]]) -> Tensor:
    """What each draft gives to the logarithm of all drafts' corpus BLEU, shape (R, k).

    That is its slope in the draft's weight, times the number of drafts: a share of what makes it.
    """
    copies = len(texts) // len(people)
    counts = torch.tensor(
        [
            metrics.bleu_counts(
                [str(index) for index in text if index != PAD],
                [[str(index) for index in other] for other in people[at // copies]],
            )
            for at, text in enumerate(texts.tolist())
        ],
        dtype=torch.double,
    )
    total = counts.sum(0).clamp_min(1)
    shares = counts / total * len(counts)
    n = counts.shape[1] // 2 - 1
    gains = (shares[:, :n] - shares[:, n : 2 * n]).sum(1) / n
    if total[-2] < total[-1]:  # the drafts are shorter than people's texts
        gains = gains + total[-1] / total[-2] * (shares[:, -2] - shares[:, -1])
    return gains.view(-1, copies)
