"""The first phase: the generator is fitted to copy by maximum likelihood."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from generation.gan import losses, ranks
from generation.gan.batches import Batch, Pair, by_size
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.keeping import (
    State,
    chance_of,
    chance_state,
    optimizer_state,
    restore_optimizer,
)
from generation.gan.lessons import Curriculum
from generation.gan.training import (
    Clock,
    copied,
    cosine,
    optimizer_for,
    set_rate,
    update,
    warmed,
)
from generation.gan.vocabulary import PAD


class Likelihood:
    """Fits the generator until time or epochs are used up, or until it learns no more.

    The rate warms up and falls along a cosine over whichever of the two ends first. So many
    times on the way the held-out likelihood is taken (the texts' own where none is held out); the
    weights of the best one stay, and some checks in a row without a better one end the phase.

    Args:
        generator: learns.
        curriculum: the texts of each epoch.
        held_out: texts to check on.
        config: rates and lengths.
        seed: of the order of the texts, of their noise and of dropout.
        look: further figures for each check, such as samples.
    """

    def __init__(
        self,
        generator: Generator,
        curriculum: Curriculum,
        held_out: Sequence[Pair],
        config: TrainingConfig,
        *,
        seed: int,
        look: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.generator, self.curriculum = generator, curriculum
        self.held_out = _some(held_out, config.checked, seed)
        self.config, self.seed, self.look = config, seed, look
        self.chance = random.Random(seed)  # noqa: S311 - training, not secrets
        self.optimizer = optimizer_for(generator, config.learning_rate, config)
        self.step = self.epoch = self.batch = self.passed = self.failures = 0
        self.began = self.chance.getstate()  # of the epoch: its batches can be made again
        self.best, self.kept = math.inf, copied(generator)
        self.heard: list[float] = []

    def state(self) -> State:
        """Where it stands: the place in the epoch, the optimiser, the best weights so far."""
        return {
            "step": self.step,
            "epoch": self.epoch,
            "batch": self.batch,
            "passed": self.passed,
            "failures": self.failures,
            "best": self.best,
            "heard": self.heard,
            "began": chance_state(self.began),
            "optimizer": optimizer_state(self.optimizer),
            "kept": self.kept,
        }

    def restore(self, state: State) -> None:
        """Stand where `state` was taken; the epoch begins again and skips what was learnt."""
        self.step, self.epoch, self.batch = state["step"], state["epoch"], state["batch"]
        self.passed, self.failures = state["passed"], state["failures"]
        self.best, self.heard, self.kept = state["best"], state["heard"], state["kept"]
        self.chance.setstate(chance_of(state["began"]))
        restore_optimizer(self.optimizer, state["optimizer"])

    def run(self, clock: Clock, report: Reporter, rest: Callable[[], None]) -> None:
        """Learn batch after batch; the best weights stay."""
        if not self.step:
            torch.manual_seed(self.seed + ranks.rank())
        for done, batch in self._lessons():
            self.step += 1
            share = ranks.agree(max(done, clock.share))
            norm = self._learn(batch, share)
            if self.step % 50 == 0:
                report(self._line(loss=self.heard[-1], gradient_norm=norm))
            if share >= (self.passed + 1) / self.config.checks:
                self.passed = int(share * self.config.checks)
                self._check(report, norm)
            if share >= 1 or self.failures >= self.config.patience:
                break
            rest()
        self.generator.load_state_dict(self.kept)

    def result(self) -> dict[str, float]:
        """The best check's loss, and how many steps were taken."""
        return {"held_out": self.best, "steps": self.step}

    def _lessons(self) -> Iterator[tuple[float, Batch]]:
        """The batches of all epochs, each with the share of them that is done after it."""
        epochs = self.config.pretrain_epochs
        while self.epoch < math.ceil(epochs):
            self.began = self.chance.getstate()
            pairs = self.curriculum.epoch(self.chance, self.epoch / epochs)
            size = self.config.batch_tokens
            batches = ranks.shared_out(list(by_size(pairs, tokens=size, chance=self.chance)))
            for batch in batches[self.batch :]:
                self.batch += 1
                yield (self.epoch + self.batch / len(batches)) / epochs, batch
            self.epoch, self.batch = self.epoch + 1, 0

    def _learn(self, batch: Batch, share: float) -> float:
        """One step; gives the gradient's norm."""
        self.generator.train()
        rate = self.config.learning_rate * cosine(share)
        set_rate(self.optimizer, rate * warmed(self.step, self.config.warmup_steps))
        loss = likelihood_of(self.generator, batch)
        tokens = (batch.targets != PAD).sum().item()
        norm = update(self.optimizer, loss, self.generator, self.config.clip_norm, weight=tokens)
        self.heard.append(loss.item())
        return norm

    def _check(self, report: Reporter, norm: float) -> None:
        """How well the texts are known, held out and learnt ones (nats a token)."""
        learnt = ranks.mean(sum(self.heard) / len(self.heard))
        value = learnt
        if self.held_out:
            value = ranks.agree(held_out_loss(self.generator, self.held_out, seed=self.seed))
        report(self._line(held_out=value, loss=learnt, gradient_norm=norm, **self.look()))
        self.heard.clear()
        if value < self.best:
            self.best, self.kept, self.failures = value, copied(self.generator), 0
        else:
            self.failures += 1

    def _line(self, **figures: Any) -> dict[str, Any]:
        return {"phase": "likelihood", "step": self.step, **figures}


def _some(pairs: Sequence[Pair], most: int | None, seed: int) -> Sequence[Pair]:
    if most is None or most >= len(pairs):
        return pairs
    return random.Random(seed).sample(list(pairs), most)  # noqa: S311 - evaluation


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
