"""Maximum likelihood first, then adversarial rounds, then a fresh judge for decoding.

Only this module knows optimisers. Every function takes its chance from a seed.
"""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from generation.gan import losses, metrics
from generation.gan.batches import Batch, Pair, by_size, collate, pad
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.discriminator import Discriminator
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.lessons import Curriculum, corrupted, mismatched
from generation.gan.sampling import Draw, draws, rules_for, sample
from generation.gan.vocabulary import BEGIN, END, PAD, Vocabulary

_CHECKS = 16  # of the held-out likelihood in one training


class Collapsed(Exception):
    """The generator's texts became alike; the weights are not worth keeping."""


@dataclass
class Clock:
    """How much of the time that a person gave is used."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """Used share of the time, from 0 to 1 and beyond."""
        return (time.monotonic() - self.started) / max(self.seconds, 1e-6)


# --- likelihood ---------------------------------------------------------------------------------


def pretrain_generator(  # noqa: PLR0913 - one training with all it needs
    generator: Generator,
    curriculum: Curriculum,
    held_out: Sequence[Pair],
    config: TrainingConfig,
    *,
    seed: int,
    clock: Clock,
    report: Reporter,
) -> Generator:
    """Fit the generator by maximum likelihood until time or epochs are used up.

    The rate warms up and falls along a cosine over whichever of the two ends first. Sixteen times
    on the way the held-out likelihood is taken; the weights of the best one stay.
    """
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    torch.manual_seed(seed)
    optimizer = _optimizer(generator, config.learning_rate, config)
    best, kept = math.inf, copy.deepcopy(generator.state_dict())
    passed, heard = 0, []
    for step, (done, batch) in enumerate(_lessons(curriculum, config, chance), start=1):
        share = max(done, clock.share)
        generator.train()
        _set_rate(optimizer, config, step, share)
        loss = _likelihood(generator, batch)
        _update(optimizer, loss, generator, config.clip_norm)
        heard.append(loss.item())
        if step % 50 == 0:
            report({"phase": "likelihood", "step": step, "loss": heard[-1]})
        if share >= (passed + 1) / _CHECKS:
            passed = int(share * _CHECKS)
            value = held_out_loss(generator, held_out, seed=seed)
            report(_check(step, value, heard))
            heard.clear()
            if value < best:
                best, kept = value, copy.deepcopy(generator.state_dict())
        if share >= 1:
            break
    generator.load_state_dict(kept)
    return generator


def _lessons(
    curriculum: Curriculum, config: TrainingConfig, chance: random.Random
) -> Iterator[tuple[float, Batch]]:
    """The batches of all epochs, each with the share of them that is done after it."""
    for epoch in range(math.ceil(config.pretrain_epochs)):
        pairs = curriculum.epoch(chance)
        batches = list(by_size(pairs, tokens=config.batch_tokens, chance=chance))
        for index, batch in enumerate(batches, start=1):
            yield (epoch + index / len(batches)) / config.pretrain_epochs, batch


def _check(step: int, held_out: float, heard: Sequence[float]) -> dict[str, float | str]:
    """How well the texts are known, held out and learnt ones (nats a token)."""
    return {
        "phase": "likelihood",
        "step": step,
        "held_out": held_out,
        "loss": sum(heard) / len(heard),
    }


@torch.no_grad()
def held_out_loss(generator: Generator, pairs: Sequence[Pair], *, seed: int) -> float:
    """Negative log-likelihood per token of held-out texts, with each text's own noise."""
    generator.eval()
    total = tokens = 0.0
    device = device_of(generator)
    chance = random.Random(seed)  # noqa: S311 - evaluation, not secrets
    for batch in by_size(pairs, tokens=6000, chance=chance):
        targets = batch.targets.to(device)
        drawn = torch.Generator().manual_seed(seed)
        with half_precision(device):
            noise = generator.noise_of(targets, drawn)
            log_probs = generator.log_likelihood(
                batch.source.to(device), batch.inputs.to(device), targets, noise
            )
        real = (targets != PAD).sum().item()
        total += losses.likelihood_loss(log_probs, targets).item() * real
        tokens += real
    return total / max(tokens, 1)


def _likelihood(generator: Generator, batch: Batch) -> Tensor:
    device = device_of(generator)
    targets = batch.targets.to(device)
    with half_precision(device):
        noise = generator.noise_of(targets)
        log_probs = generator.log_likelihood(
            batch.source.to(device), batch.inputs.to(device), targets, noise
        )
    return losses.likelihood_loss(log_probs, targets)


# --- the discriminator --------------------------------------------------------------------------


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
        self.optimizer = _optimizer(self.discriminator, self.config.discriminator_rate, self.config)

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
        _update(self.optimizer, loss, self.discriminator, self.config.clip_norm)
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


# --- the adversarial game -----------------------------------------------------------------------


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
    device = device_of(generator)
    written: list[Pair] = []
    size = max(1, 128 // copies)
    for start in range(0, len(sources), size):
        some = list(sources[start : start + size])
        noise, uniforms = draws(
            [seed * 1_000_003 + start * copies + at for at in range(len(some) * copies)],
            generator.max_target,
            generator.noise_width,
        )
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
    return written


def adversarial_round(  # noqa: PLR0913 - the two players and the anchor
    generator: Generator,
    anchor: Generator,
    judge: Judge,
    vocabulary: Vocabulary,
    optimizer: torch.optim.Optimizer,
    config: TrainingConfig,
    *,
    chance: random.Random,
) -> dict[str, float]:
    """One alternate update: the discriminator on new samples, then the generator on its verdict.

    The generator's reward for a text is log D, clipped to [-6, 0] (the negative of L_G), less a
    pull towards the anchor and a fine for repeating itself; the baseline of a text is its
    siblings for the same brief. The generator sits out while D is no better than chance, D while
    it is nearly always right.
    """
    briefs = chance.choices(judge.real, k=config.briefs_per_round)
    samples = sampled_pairs(
        generator,
        vocabulary,
        [pair.source for pair in briefs],
        seed=chance.getrandbits(40),
        draw=Draw(),
        copies=config.samples_per_brief,
    )
    judge.negatives.renew(samples)
    figures = {"discriminator_accuracy": judge.accuracy}
    if judge.accuracy < 0.9:
        figures["discriminator_loss"] = judge.learn(chance)
    if judge.accuracy > 0.55:
        figures |= _reinforce(generator, anchor, judge, optimizer, config, samples)
    return figures


def _reinforce(
    generator: Generator,
    anchor: Generator,
    judge: Judge,
    optimizer: torch.optim.Optimizer,
    config: TrainingConfig,
    samples: Sequence[Pair],
) -> dict[str, float]:
    device = device_of(generator)
    generator.eval()  # no dropout: the ratio to what was sampled stays exact
    source = pad([pair.source for pair in samples]).to(device)
    targets = pad([pair.target for pair in samples]).to(device)
    inputs = torch.cat([torch.full_like(targets[:, :1], BEGIN), targets[:, :-1]], dim=1)
    lengths = (targets != PAD).sum(1)
    with torch.no_grad(), half_precision(device):
        judge.discriminator.eval()
        verdict = judge.discriminator(source, targets)[0]
        noise = generator.noise_of(targets)
        before = anchor.log_likelihood(source, inputs, targets, noise).sum(1)
    with half_precision(device):
        chosen = generator.log_likelihood(source, inputs, targets, noise)
    drift = chosen.detach().sum(1) - before
    fine = torch.tensor(
        [0.3 * metrics.repeats([str(i) for i in pair.target]) for pair in samples], device=device
    )
    rewards = -nn.functional.softplus(-verdict).clamp(0, 6) - config.kl_weight * drift - fine
    advantages = losses.leave_one_out(rewards.view(-1, config.samples_per_brief)).flatten()
    loss = losses.policy_gradient_loss(chosen, advantages, lengths)
    generator.train()
    anchor_batch = collate(judge.real_sample)
    loss = loss + config.likelihood_weight * _likelihood(generator, anchor_batch)
    _update(optimizer, loss, generator, config.clip_norm)
    return {
        "generator_loss": losses.generator_loss(verdict).item(),
        "reward": rewards.mean().item(),
        "drift": drift.mean().item(),
        "repeating": (fine > 0).float().mean().item(),
    }


def adversarial_training(
    checkpoint: Checkpoint,
    judge: Judge,
    config: TrainingConfig,
    *,
    seed: int,
    clock: Clock,
    report: Reporter,
) -> dict[str, float]:
    """Play rounds until time or rounds are used up; the averaged generator stays.

    Raises:
        Collapsed: distinct-2 of the samples fell below half of the real texts'.
    """
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    generator, vocabulary = checkpoint.generator, checkpoint.vocabulary
    anchor = copy.deepcopy(generator).requires_grad_(requires_grad=False).eval()
    average = copy.deepcopy(generator)
    optimizer = _optimizer(generator, config.generator_rate, config)
    figures: dict[str, float] = {}
    for step in range(config.adversarial_rounds):
        if clock.share >= 1:
            break
        judge.real_sample = chance.choices(judge.real, k=24)
        figures = adversarial_round(
            generator, anchor, judge, vocabulary, optimizer, config, chance=chance
        )
        _blend(average, generator, config.average_decay)
        if step % 5 == 0:
            report({"phase": "adversarial", "step": step, **figures})
    generator.load_state_dict(average.state_dict())
    _refuse_collapse(judge)
    return figures


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


def _refuse_collapse(judge: Judge) -> None:
    texts = [[str(index) for index in pair.target] for pair in judge.negatives.sampled]
    real = [[str(index) for index in pair.target] for pair in judge.real[: len(texts)]]
    if texts and metrics.collapsed(texts, metrics.distinct(real, 2)):
        raise Collapsed("The writer's texts became alike; the checkpoint was not kept.")


def _blend(average: nn.Module, model: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(
            average.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if kept.is_floating_point():
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


def _optimizer(model: nn.Module, rate: float, config: TrainingConfig) -> torch.optim.Optimizer:
    decayed = [weight for weight in model.parameters() if weight.dim() > 1]
    plain = [weight for weight in model.parameters() if weight.dim() <= 1]
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))


def _set_rate(
    optimizer: torch.optim.Optimizer, config: TrainingConfig, step: int, share: float
) -> None:
    warm = min(1.0, (step + 1) / config.warmup_steps)
    fall = 0.04 + 0.96 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * warm * fall


def _update(
    optimizer: torch.optim.Optimizer, loss: Tensor, model: nn.Module, clip_norm: float
) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    clip_grad_norm_(model.parameters(), clip_norm)
    optimizer.step()
