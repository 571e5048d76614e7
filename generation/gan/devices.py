"""Where the networks run, and how exactly they multiply there."""

from __future__ import annotations

from functools import cache

import torch
from torch import nn


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


def half_precision(device: torch.device) -> torch.autocast:
    """Matrix products in bfloat16 where the hardware has it; elsewhere nothing changes.

    A processor without bfloat16 instructions would emulate them, many times slower than float32.
    """
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device.type))


@cache
def has_bfloat16(kind: str) -> bool:
    """Whether devices of this kind multiply in bfloat16 without emulating it."""
    if kind == "cuda":
        return torch.cuda.is_bf16_supported()
    held = torch.cpu.get_capabilities()
    return bool(held.get("avx512_bf16") or held.get("amx_bf16") or held.get("bf16"))
