"""The first phase: the generator is fitted to copy by maximum likelihood."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from generation.gan import losses
from generation.gan.batches import Batch, Pair, by_size
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.lessons import Curriculum
from generation.gan.training import Clock, optimizer_for, set_rate, update
from generation.gan.vocabulary import PAD

_CHECKS = 16  # of the held-out likelihood in one training


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
    optimizer = optimizer_for(generator, config.learning_rate, config)
    best, kept = math.inf, copy.deepcopy(generator.state_dict())
    passed, heard = 0, []
    for step, (done, batch) in enumerate(_lessons(curriculum, config, chance), start=1):
        share = max(done, clock.share)
        generator.train()
        set_rate(optimizer, config, step, share)
        loss = likelihood_of(generator, batch)
        update(optimizer, loss, generator, config.clip_norm)
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


def likelihood_of(generator: Generator, batch: Batch) -> Tensor:
    """The loss of one batch: nats a token, each text with noise of its own."""
    device = device_of(generator)
    targets = batch.targets.to(device)
    with half_precision(device):
        noise = generator.noise_of(targets)
        log_probs = generator.log_likelihood(
            batch.source.to(device), batch.inputs.to(device), targets, noise
        )
    return losses.likelihood_loss(log_probs, targets)
