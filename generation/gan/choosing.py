"""Which of a writer's drafts is nearest to what people write for such a brief.

D tells people's texts from generated ones. Of a writer's own drafts for one brief that says next to
nothing: at the temperatures of use, what reads more like people's is also rarer. What tells more is
precedent: which words people put side by side for the briefs most like this one, and nowhere else.
Letters: B texts, R briefs, S source tokens, T target tokens, F figures, N remembered texts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.gan import metrics
from generation.gan.batches import Pair, pad
from generation.gan.training import minimise
from generation.gan.vocabulary import KEY, PAD, SEPARATOR

_ORDERS = (1, 2, 3)  # tokens of a stretch: words are of one or two, so these are phrases
_PLACES, _MIX, _STEP = 2**31 - 1, 1_000_003, 7919  # of the hash of a stretch
_PER_TITLE = 4  # texts for one product: one with a hundred would be everybody's neighbour
_MOST = 8192  # texts
_NEIGHBOURS = 100
_RARE = 0.02  # added to both shares of a lift, which of stretches that nobody used would be 0 / 0
_FIGURES = 4
_PRIOR = 0.1  # standard deviation of a weight, on figures of spread 1, before anything is known
_STEPS = 60  # of L-BFGS


class Chooser(nn.Module):
    """Ranks drafts for one brief by how near they come to what people write.

    A linear model of D's logit, the writer's fluency, the length, and the lift of stretches of one
    to three tokens: the logarithm of how much oftener a stretch stands in people's texts for the
    hundred briefs most like this one than in all (pointwise mutual information: Church and Hanks
    1990), a longer stretch counting by its length. Texts for a product of the same title are no
    precedents, so that nothing is preferred for repeating them.

    It is fitted to drafts for held-out briefs: of each two, the one that gives more to BLEU against
    what people wrote is to stand above the other (reranking by learned energy: Bhattacharyya et
    al. 2021; RankNet: Burges et al. 2005). Until then its weights are 0.
    """

    def __init__(self) -> None:
        super().__init__()
        for name, nothing in _nothing().items():
            self.register_buffer(name, nothing)
        self._memory: _Memory | None = None

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
        by_title: dict[int, dict[tuple[tuple[int, ...], ...], None]] = {}
        for pair in real:
            text = tuple(pair.source), tuple(pair.target)
            by_title.setdefault(_title(pair.source), {})[text] = None
        kept = [
            (title, *text)
            for title, texts in by_title.items()
            for text in chance.sample(list(texts), min(len(texts), _PER_TITLE))
        ]
        kept = chance.sample(kept, min(len(kept), _MOST))
        device = self.weights.device
        titles, sources, texts = zip(*kept, strict=True)
        self.titles = torch.tensor(titles, dtype=torch.int32, device=device)
        self.briefs = _set_of(_stretches(pad(sources), orders=(1,))).to(device)
        self.stretches = _set_of(_stretches(pad(texts))).to(device)
        self._memory = None

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
        figures = self.figures(sources, texts, logits, fluency).double().cpu()
        figures = figures.view(len(people), -1, _FIGURES)
        figures = figures - figures.mean(1, keepdim=True)
        spread = figures.std((0, 1)).clamp_min(1e-6)
        figures = figures / spread
        gains = _gains(texts, people)
        ahead = gains.unsqueeze(2) - gains.unsqueeze(1)  # (R, k, k)
        weight = ahead.clamp_min(0)
        # A draft is in k - 1 pairs and is one witness: all pairs weigh as much as half of them.
        weight = weight * (len(texts) / 2) / weight.sum().clamp_min(1e-6)
        found = torch.zeros(_FIGURES, dtype=torch.double, requires_grad=True)

        def cost() -> Tensor:
            worth = figures @ found
            wrong = functional.softplus(worth.unsqueeze(1) - worth.unsqueeze(2))
            return (weight * wrong).sum() + found.square().sum() / (2 * _PRIOR**2)

        minimise(cost, found, steps=_STEPS)
        self.weights.copy_(found.detach() / spread)

    @torch.no_grad()
    def figures(
        self, sources: Sequence[Sequence[int]], texts: Tensor, logits: Tensor, fluency: Tensor
    ) -> Tensor:
        """What the weights weigh, shape (B, F)."""
        memory, device = self._known(), logits.device
        stretches = _stretches(texts.cpu())  # (B, 3 T)
        usual = memory.share(stretches)
        near = torch.zeros_like(usual)
        rows: dict[tuple[int, ...], list[int]] = {}
        for row, source in enumerate(sources):
            rows.setdefault(tuple(source), []).append(row)
        for source, some in rows.items():
            near[some] = memory.share_near(source, stretches[some])
        lift = ((near + _RARE) / (usual + _RARE)).log() * (stretches != PAD)
        weights = torch.tensor(_ORDERS).repeat_interleave(texts.shape[1]).float()
        lengths = (texts != PAD).sum(1).cpu().clamp_min(1)
        own = [logits.cpu(), fluency.cpu(), lengths / 100, lift @ weights / lengths]
        return torch.stack(own, 1).to(device)

    def _known(self) -> _Memory:
        if self._memory is None:
            parts = (self.briefs, self.titles, self.stretches)
            self._memory = _Memory(*(part.cpu() for part in parts))
        return self._memory

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *rest: Any) -> None:
        """Take weights and precedents in, however many there are; older weights have none."""
        for name, nothing in _nothing().items():
            given = state.setdefault(f"{prefix}{name}", nothing)
            if name != "weights":
                setattr(self, name, getattr(self, name).new_zeros(given.shape))
        self._memory = None
        super()._load_from_state_dict(state, prefix, *rest)


def _nothing() -> dict[str, Tensor]:
    """What it knows before it has learnt, as it is saved: hashes of precedents, and weights."""
    return {
        "briefs": torch.zeros(0, 1, dtype=torch.int32),
        "titles": torch.zeros(0, dtype=torch.int32),
        "stretches": torch.zeros(0, 1, dtype=torch.int32),
        "weights": torch.zeros(_FIGURES),
    }


@dataclass(frozen=True, eq=False)
class _Memory:
    """Precedents, so that they can be looked up. All ids here are hashes, and 0 is none.

    Args:
        briefs: what stands in each brief, shape (N, *).
        titles: which product it is for, shape (N,).
        stretches: what stands in each text, shape (N, *).
    """

    briefs: Tensor
    titles: Tensor
    stretches: Tensor

    def share(self, stretches: Tensor) -> Tensor:
        """The share of all texts that each of some stretches, (B, T), stands in."""
        return _looked_up(stretches, *self._counts) / max(len(self.titles), 1)

    def share_near(self, source: Sequence[int], stretches: Tensor) -> Tensor:
        """The same of the texts for the briefs most like one, weighed by their likeness."""
        words = _set_of(_stretches(torch.tensor([list(source)]), orders=(1,)))[0].sort().values
        weights = _looked_up(self.briefs, words, self._rarity(words))
        likeness = weights.sum(1) * (self.titles != _title(source))
        best, at = likeness.topk(min(_NEIGHBOURS, len(likeness)))
        texts = self.stretches[at]
        known, places = texts.unique(return_inverse=True)
        shares = (best / best.sum().clamp_min(1e-6)).unsqueeze(1).expand_as(texts)
        summed = torch.zeros(len(known)).index_add_(0, places.flatten(), shares.flatten())
        return _looked_up(stretches, known, summed)

    def _rarity(self, words: Tensor) -> Tensor:
        """Inverse document frequency of words of briefs: common ones say little."""
        counts = _looked_up(words, *self._word_counts)
        return (len(self.titles) / counts.clamp_min(1)).log()

    @cached_property
    def _counts(self) -> tuple[Tensor, Tensor]:
        known, counts = self.stretches.unique(return_counts=True)
        return known, counts.float()

    @cached_property
    def _word_counts(self) -> tuple[Tensor, Tensor]:
        known, counts = self.briefs.unique(return_counts=True)
        return known, counts.float()


def _looked_up(wanted: Tensor, known: Tensor, values: Tensor) -> Tensor:
    """The values of ids among known ones, which are sorted; 0 for others."""
    if not len(known):
        return torch.zeros(wanted.shape)
    wanted = wanted.to(known.dtype).contiguous()
    at = torch.searchsorted(known.contiguous(), wanted).clamp_max(len(known) - 1)
    return values[at] * (known[at] == wanted)


def _stretches(ids: Tensor, *, orders: Sequence[int] = _ORDERS) -> Tensor:
    """Hashes of the stretches that end at each place of (B, T), order by order; 0 for none."""
    found = []
    for order in orders:
        mixed = ids.long()
        for back in range(1, order):
            before = functional.pad(ids.long(), (back, 0))[:, : ids.shape[1]]
            both = (mixed * _MIX + before * _STEP + order) % _PLACES + 1
            mixed = torch.where((mixed != PAD) & (before != PAD), both, PAD)
        found.append(mixed)
    return torch.cat(found, 1).int()


def _set_of(hashes: Tensor) -> Tensor:
    """Each row's different hashes, padded with 0."""
    ordered = hashes.sort(1).values
    again = functional.pad(ordered[:, 1:] == ordered[:, :-1], (1, 0))
    ordered = ordered.masked_fill(again, PAD).sort(1, descending=True).values
    return ordered[:, : max(1, int((ordered != PAD).sum(1).max()))].contiguous()


def _title(source: Sequence[int]) -> int:
    """A hash of a brief's title, which stands between its first separator and what follows."""
    ids = list(source)
    start = ids.index(SEPARATOR) + 1 if SEPARATOR in ids else 0
    mixed = 1
    for index in ids[start:]:
        if index in {SEPARATOR, KEY}:
            break
        mixed = (mixed * _MIX + index) % _PLACES
    return mixed


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
