"""Where the networks run, and how exactly they multiply there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import torch
from torch import nn

_halves: ContextVar[bool] = ContextVar("halves", default=False)


def chosen(name: str) -> torch.device:
    """The device of that name; "auto" is a GPU where there is one.

    Raises:
        ValueError: there is no such device here.
    """
    if name not in {"auto", "cpu", "cuda"}:
        raise ValueError(f"“{name}” is no device: choose auto, cpu or cuda.")
    has_cuda = torch.cuda.is_available()
    if name == "cuda" and not has_cuda:
        raise ValueError("There is no CUDA device here: choose cpu, or auto.")
    return torch.device("cuda" if has_cuda and name != "cpu" else "cpu")


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights are."""
    return next(model.parameters()).device


@contextmanager
def half_precision(device: torch.device) -> Iterator[None]:
    """Matrix products in bfloat16 where the hardware has it, or else with the weights that it can.

    A processor without bfloat16 instructions would emulate them, many times slower than float32:
    there all stays float32, but for what decodes with weights of its own (`halves_weights`).
    """
    has_it = has_bfloat16(device.type)
    before = _halves.set(device.type == "cpu" and not has_it)
    try:
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_it):
            yield
    finally:
        _halves.reset(before)


def halves_weights() -> bool:
    """Whether products of float32 with weights of float16 are asked for, and fast here.

    FBGEMM reads weights of 16 bits from memory and multiplies in float32: half the way to go for
    what is read once for each token, and 11 bits of a weight where bfloat16 has 8.
    """
    return _halves.get() and "fbgemm" in torch.backends.quantized.supported_engines


@cache
def has_bfloat16(kind: str) -> bool:
    """Whether devices of this kind multiply in bfloat16 without emulating it."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported()
    held = torch.cpu.get_capabilities()
    return bool(held.get("avx512_bf16") or held.get("amx_bf16") or held.get("bf16"))
