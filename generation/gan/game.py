"""The adversarial game: alternate updates of discriminator and generator, round by round."""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence

import torch
from torch import nn

from generation.gan import losses, metrics
from generation.gan.batches import Pair, collate, pad
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.judging import Judge
from generation.gan.likelihood import likelihood_of
from generation.gan.rollouts import sampled_pairs
from generation.gan.sampling import Draw
from generation.gan.training import Clock, Collapsed, blend, optimizer_for, update
from generation.gan.vocabulary import BEGIN, PAD, Vocabulary


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
    loss = loss + config.likelihood_weight * likelihood_of(generator, anchor_batch)
    update(optimizer, loss, generator, config.clip_norm)
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
    optimizer = optimizer_for(generator, config.generator_rate, config)
    figures: dict[str, float] = {}
    for step in range(config.adversarial_rounds):
        if clock.share >= 1:
            break
        judge.real_sample = chance.choices(judge.real, k=24)
        figures = adversarial_round(
            generator, anchor, judge, vocabulary, optimizer, config, chance=chance
        )
        blend(average, generator, config.average_decay)
        if step % 5 == 0:
            report({"phase": "adversarial", "step": step, **figures})
    generator.load_state_dict(average.state_dict())
    _refuse_collapse(judge)
    return figures


def _refuse_collapse(judge: Judge) -> None:
    texts = [[str(index) for index in pair.target] for pair in judge.negatives.sampled]
    real = [[str(index) for index in pair.target] for pair in judge.real[: len(texts)]]
    if texts and metrics.collapsed(texts, metrics.distinct(real, 2)):
        raise Collapsed("The writer's texts became alike; the checkpoint was not kept.")
