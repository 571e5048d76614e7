"""Where the networks run, and how exactly they multiply there."""

from __future__ import annotations

from functools import cache

import torch
from torch import nn


def device_of(model: nn.Module) -> torch.device:
    """Where a model's weights are."""
    return next(model.parameters()).device


def half_precision(device: torch.device) -> torch.autocast:
    """Matrix products in bfloat16 where the hardware has it; elsewhere nothing changes.

    A processor without bfloat16 instructions would emulate them, many times slower than float32.
    """
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=_has_bfloat16(device.type))


@cache
def _has_bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_bf16_supported()
    held = torch.cpu.get_capabilities()
    return bool(held.get("avx512_bf16") or held.get("amx_bf16") or held.get("bf16"))
