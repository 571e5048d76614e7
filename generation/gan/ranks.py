"""One training on several processes: who is first, what all agree on, one gradient for all.

Started by `torchrun --nproc-per-node=N -m generation.gan train ...`. Every function is a plain
answer where there is one process. All processes must call them in the same order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import distributed, nn


@contextmanager
def joined() -> Iterator[None]:
    """Join the other processes that torchrun started, if it did; leave them at the end."""
    if not distributed.is_torchelastic_launched():
        yield
        return
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(distributed.get_node_local_rank())
    # Tensors on a GPU go through NCCL; numbers and states stay on the processor.
    distributed.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def size() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if _is_joined() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return distributed.get_rank() if _is_joined() else 0


def is_first() -> bool:
    """Whether this process is the one that reports and saves."""
    return rank() == 0


def agree(value: float) -> float:
    """What the first process says: clocks differ, and all must stop at the same step."""
    if not _is_joined():
        return value
    said = torch.tensor(value, dtype=torch.float64)
    distributed.broadcast(said, 0)
    return said.item()


def mean(value: float) -> float:
    """The mean of a number over all processes."""
    if not _is_joined():
        return value
    total = torch.tensor(value, dtype=torch.float64)
    distributed.all_reduce(total)
    return total.item() / size()


def told(value: Any) -> Any:
    """Give every process the first one's value."""
    if not _is_joined():
        return value
    said = [value]
    distributed.broadcast_object_list(said, 0)
    return said[0]


def gathered(value: Any) -> list[Any]:
    """Give all processes' values, in their order, to the first one; nothing to the others."""
    if not _is_joined():
        return [value]
    values: list[Any] = [None] * size()
    distributed.gather_object(value, values if is_first() else None)
    return values if is_first() else []


def wait() -> None:
    """Go on when the first process has come here."""
    told(None)


def part(count: int) -> int:
    """This process's share of so many texts, at least one."""
    return -(-count // size())


def shared_out(batches: Sequence[Any]) -> list[Any]:
    """This process's batches, as many as every other's; the last round begins again in front."""
    rounds = -(-len(batches) // size())
    return [batches[(turn * size() + rank()) % len(batches)] for turn in range(rounds)]


def apart(chance: random.Random) -> random.Random:
    """Chance of this process's own, from chance that all have in common."""
    if not _is_joined() or is_first():
        return chance
    return random.Random(f"{chance.getrandbits(64)} {rank()}")  # noqa: S311 - training


def level(model: nn.Module) -> None:
    """Give every process the first one's weights."""
    if _is_joined():
        for value in model.state_dict().values():
            distributed.broadcast(value, 0)


def average(model: nn.Module, weight: float) -> None:
    """Make the gradients, and the running figures, those of all processes' batches as one.

    Args:
        model: has its gradients of this process's own batch, as a mean.
        weight: of how much that is the mean: tokens or texts.
    """
    if not _is_joined():
        return
    parts = [weights.grad for weights in model.parameters() if weights.grad is not None]
    parts += [figure for figure in model.buffers() if figure.is_floating_point()]
    whole = torch.cat([*(value.flatten() for value in parts), parts[0].new_ones(1)]) * weight
    distributed.all_reduce(whole)
    at = 0
    for value in parts:
        value.copy_((whole[at : at + value.numel()] / whole[-1]).view_as(value))
        at += value.numel()


def _is_joined() -> bool:
    return distributed.is_available() and distributed.is_initialized()
