"""What every phase of a training shares: the clock, the optimiser, one clipped step.

Only this module knows optimisers. Every function takes its chance from a seed.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.autograd.graph import increment_version
from torch.nn.utils import clip_grad_norm_

from generation.gan import ranks
from generation.gan.config import TrainingConfig
from generation.gan.history import Reporter
from generation.gan.keeping import State


class Collapsed(Exception):
    """The generator's texts became alike; the weights are not worth keeping."""


@dataclass
class Clock:
    """How much of the time that a person gave is used.

    Args:
        seconds: what was given.
        before: what was used before the training was interrupted.
    """

    seconds: float
    before: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def used(self) -> float:
        """Seconds used so far."""
        return self.before + time.monotonic() - self.started

    @property
    def share(self) -> float:
        """Used share of the time, from 0 to 1 and beyond."""
        return self.used / max(self.seconds, 1e-6)


class Phase(Protocol):
    """A part of a training that can stop after any step and go on from there.

    Attributes:
        chance: where its choices come from; each process has its own.
    """

    chance: random.Random

    def state(self) -> State:
        """What it takes to go on, besides chance and the networks of the checkpoint."""

    def restore(self, state: State) -> None:
        """Stand where `state` was taken."""

    def run(self, clock: Clock, report: Reporter, rest: Callable[[], None]) -> None:
        """Train to the end; call `rest` between two steps, where a state may be taken."""

    def result(self) -> dict[str, float]:
        """What came of it, in figures."""


def blend(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the averaged weights a little towards the present ones."""
    with torch.no_grad():
        for kept, new in zip(
            average.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if kept.is_floating_point():
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


def copied(model: nn.Module) -> dict[str, Tensor]:
    """A model's weights as they are now."""
    return {name: value.clone() for name, value in model.state_dict().items()}


def optimizer_for(
    model: nn.Module,
    rate: float,
    config: TrainingConfig,
    *,
    new: Sequence[nn.Module] = (),
    new_rate: float = 1.0,
) -> torch.optim.Optimizer:
    """AdamW; vectors (norms, biases) do not decay.

    Args:
        model: whose weights move.
        rate: of all of them at first; `set_rate` changes it.
        config: says how much matrices decay.
        new: parts of it that begin from nothing, while the rest has been trained before.
        new_rate: how much faster those move.
    """
    fresh = {weight for part in new for weight in part.parameters()}
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for weight in model.parameters():
        if not weight.requires_grad:
            continue  # a language model under its adapter
        groups.setdefault((weight.dim() > 1, weight in fresh), []).append(weight)
    optimizer = torch.optim.AdamW(
        [
            {
                "params": weights,
                "weight_decay": config.weight_decay if decays else 0.0,
                "pace": new_rate if is_new else 1.0,
            }
            for (decays, is_new), weights in groups.items()
        ],
        lr=rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    set_rate(optimizer, rate)
    return optimizer


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Take steps of this size from now on."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["pace"]


def warmed(step: int, steps: int) -> float:
    """The share of the full rate at a step (from 1) of a warm-up over so many."""
    return min(1.0, (step + 1) / steps)


def cosine(share: float) -> float:
    """From 1 to 0.04 along half a cosine, over the used share of the time."""
    return 0.04 + 0.96 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def linear(share: float, *, least: float = 0.1) -> float:
    """From 1 to `least` along a line, over the used share of the time."""
    return 1 - (1 - least) * min(share, 1.0)


def minimise(cost: Callable[[], Tensor], *values: Tensor, steps: int) -> None:
    """Find the values of a smooth cost's minimum, by L-BFGS: for models of few numbers.

    Args:
        cost: of the values as they are, a scalar.
        values: where it begins and ends; they have to require a gradient.
        steps: at most.
    """
    solver = torch.optim.LBFGS(
        values, max_iter=steps, line_search_fn="strong_wolfe", tolerance_grad=1e-5
    )

    def step() -> Tensor:
        solver.zero_grad()
        value = cost()
        value.backward()
        return value

    with torch.enable_grad():
        solver.step(step)


def update(
    optimizer: torch.optim.Optimizer,
    loss: Tensor,
    model: nn.Module,
    clip_norm: float,
    *,
    weight: float = 1.0,
) -> float:
    """One step against the gradient of all processes' batches, whose norm is clipped.

    Args:
        optimizer: takes the step.
        loss: the mean over this process's batch.
        model: whose weights move.
        clip_norm: the longest gradient that is followed as it is.
        weight: how much the batch counts against the other processes': its tokens, say.

    Returns:
        The gradient's norm before clipping.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    ranks.average(model, weight)
    norm = clip_grad_norm_(model.parameters(), clip_norm)
    optimizer.step()
    increment_version(list(model.parameters()))  # the fused step does not, and `Decoder` minds it
    return norm.item()
