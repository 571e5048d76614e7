"""What every phase of a training shares: the clock, the optimiser, one clipped step.

Only this module knows optimisers. Every function takes its chance from a seed.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from generation.gan.config import TrainingConfig


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


def optimizer_for(model: nn.Module, rate: float, config: TrainingConfig) -> torch.optim.Optimizer:
    """AdamW; vectors (norms, biases) do not decay."""
    decayed = [weight for weight in model.parameters() if weight.dim() > 1]
    plain = [weight for weight in model.parameters() if weight.dim() <= 1]
    groups = [
        {"params": decayed, "weight_decay": config.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))


def set_rate(
    optimizer: torch.optim.Optimizer, config: TrainingConfig, step: int, share: float
) -> None:
    """Warm up over the first steps, then fall along a cosine over the used share of the time."""
    warm = min(1.0, (step + 1) / config.warmup_steps)
    fall = 0.04 + 0.96 * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * warm * fall


def update(
    optimizer: torch.optim.Optimizer, loss: Tensor, model: nn.Module, clip_norm: float
) -> None:
    """One step against the gradient, whose norm is clipped."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    clip_grad_norm_(model.parameters(), clip_norm)
    optimizer.step()
