"""The discriminator learns what to refuse, before the game, in it, and once more after it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from generation.gan import losses, metrics
from generation.gan.batches import Pair, pad
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.discriminator import Discriminator
from generation.gan.history import Reporter
from generation.gan.lessons import corrupted, mismatched
from generation.gan.training import Clock, optimizer_for, update
from generation.gan.vocabulary import PAD


@dataclass
class Negatives:
    """What the discriminator learns to refuse, by where it comes from.

    Args:
        sampled: the present generator's texts.
        replayed: texts of its earlier selves.
        rejected: texts that editors refused, with their weights.
        facts: ids of the plan tokens, which turn to an attribute.
    """

    sampled: list[Pair] = field(default_factory=list)
    replayed: list[Pair] = field(default_factory=list)
    rejected: list[tuple[Pair, float]] = field(default_factory=list)
    facts: frozenset[int] = frozenset()

    def renew(self, sampled: list[Pair], *, keep: int = 2000) -> None:
        """Take new samples in; the old ones become the replay."""
        self.replayed = (self.replayed + self.sampled)[-keep:]
        self.sampled = sampled

    def draw(
        self, real: Sequence[Pair], size: int, chance: random.Random, *, rejection_share: float
    ) -> tuple[list[Pair], list[float]]:
        """Draw a batch of texts to refuse, and what each weighs; the weights' mean is 1."""
        pairs, weights = [], []
        human = min(len(self.rejected), round(size * rejection_share))
        for pair, weight in chance.sample(self.rejected, human):
            pairs.append(pair)
            weights.append(weight)
        rest = size - human
        replayed = round(rest * 0.15) if self.replayed else 0
        wrong, broken = round(rest * 0.15), round(rest * 0.25)
        pairs += chance.choices(self.sampled, k=rest - replayed - wrong - broken)
        if replayed:
            pairs += chance.choices(self.replayed, k=replayed)
        pairs += mismatched(chance.choices(real, k=wrong), chance) if wrong else []
        pairs += [corrupted(pair, chance, self.facts) for pair in chance.choices(real, k=broken)]
        weights += [1.0] * (len(pairs) - len(weights))
        mean = sum(weights) / len(weights)
        return pairs, [weight / mean for weight in weights]


@dataclass
class Judge:
    """The discriminator with its optimiser and what it has to refuse."""

    discriminator: Discriminator
    real: list[Pair]
    negatives: Negatives
    config: TrainingConfig
    edits: list[tuple[Pair, Pair]] = field(default_factory=list)  # (better, worse)
    accuracy: float = 0.5  # exponential average over batches

    def __post_init__(self) -> None:
        self.optimizer = optimizer_for(
            self.discriminator, self.config.discriminator_rate, self.config
        )

    def learn(self, chance: random.Random, *, size: int = 32) -> float:
        """One step on L_D over texts and tokens, and on the editors' pairs; gives the loss."""
        self.discriminator.train()
        real = chance.choices(self.real, k=size)
        fake, weights = self.negatives.draw(
            self.real, size, chance, rejection_share=self.config.rejection_share
        )
        device = device_of(self.discriminator)
        on_real, real_tokens, real_ids = self._judged(real, device)
        on_fake, fake_tokens, fake_ids = self._judged(fake, device)
        loss = losses.discriminator_loss(
            on_real,
            on_fake,
            real_label=self.config.real_label,
            fake_weights=torch.tensor(weights, device=device),
        )
        loss = loss + 0.5 * losses.token_loss(real_tokens, fake_tokens, real_ids, fake_ids)
        if self.edits:
            some = chance.choices(self.edits, k=min(16, 2 * len(self.edits)))
            better = self._judged([pair for pair, _ in some], device)[0]
            worse = self._judged([pair for _, pair in some], device)[0]
            loss = loss + losses.pair_loss(better, worse)
        update(self.optimizer, loss, self.discriminator, self.config.clip_norm)
        right = ((on_real > 0).sum() + (on_fake < 0).sum()).item() / (2 * size)
        self.accuracy += 0.05 * (right - self.accuracy)
        return loss.item()

    def _judged(self, pairs: Sequence[Pair], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        texts = pad([pair.target for pair in pairs], multiple=32).to(device)
        sources = pad([pair.source for pair in pairs], multiple=32).to(device)
        with half_precision(device):
            logits, tokens = self.discriminator(sources, texts)
        return logits, tokens, texts


@torch.no_grad()
def held_out_accuracy(
    discriminator: Discriminator, real: Sequence[Pair], fake: Sequence[Pair]
) -> tuple[float, float]:
    """Share of texts judged right, and the area under the ROC curve, on texts never trained on."""
    discriminator.eval()
    device = device_of(discriminator)

    def logits(pairs: Sequence[Pair]) -> list[float]:
        values: list[float] = []
        for start in range(0, len(pairs), 64):
            some = pairs[start : start + 64]
            sources = pad([pair.source for pair in some]).to(device)
            texts = pad([pair.target for pair in some]).to(device)
            values += discriminator(sources, texts)[0].tolist()
        return values

    on_real, on_fake = logits(real), logits(fake)
    right = sum(value > 0 for value in on_real) + sum(value < 0 for value in on_fake)
    return right / (len(real) + len(fake)), metrics.auc(on_real, on_fake)


@torch.no_grad()
def token_quantiles(discriminator: Discriminator, real: Sequence[Pair]) -> list[float]:
    """D's probability of a token of real copy at 5 %, 10 % ... 95 %: what its doubts mean."""
    discriminator.eval()
    device = device_of(discriminator)
    values: list[float] = []
    for start in range(0, len(real), 64):
        texts = pad([pair.target for pair in real[start : start + 64]]).to(device)
        sources = pad([pair.source for pair in real[start : start + 64]]).to(device)
        values += discriminator(sources, texts)[1].sigmoid()[texts != PAD].tolist()
    values.sort()
    return [round(values[len(values) * step // 20], 4) for step in range(1, 20)] if values else []


def warm_up(
    judge: Judge,
    steps: int,
    *,
    chance: random.Random,
    clock: Clock,
    report: Reporter,
    phase: str = "discriminator",
) -> None:
    """Train the discriminator alone on the negatives that it holds."""
    for step in range(steps):
        loss = judge.learn(chance)
        if step % 25 == 0:
            figures = {"step": step, "loss": loss, "accuracy": judge.accuracy}
            report({"phase": phase, **figures})
        if clock.share >= 1:
            break
