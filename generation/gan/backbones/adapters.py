"""An adapter on a language model, and copies that share the language model's own weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import nn

from generation.gan.config import BackboneConfig

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_OWN = ("lora_", "noise_")  # in the names of weights that learn


def adapted(model: PreTrainedModel, config: BackboneConfig) -> PreTrainedModel:
    """The language model with a new adapter on all its linear layers but the last."""
    import peft  # noqa: PLC0415 - an optional package

    shared = sharing(model, lambda name: False, {})
    wishes = peft.LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules="all-linear",
    )
    made = peft.inject_adapter_in_model(wishes, shared)
    for name, weight in made.named_parameters():
        if is_own(name):
            weight.data = weight.data.float()  # a small step would be lost in bfloat16
        weight.requires_grad_(requires_grad=is_own(name))
    return made


def sharing(module: nn.Module, own: Callable[[str], bool], memo: dict[int, Any]) -> Any:
    """A copy of a module whose weights are the same ones, besides those that are its own."""
    for name, value in (*module.named_parameters(), *module.named_buffers()):
        if not own(name):
            memo[id(value)] = value
    copied = module.__class__.__new__(module.__class__)
    memo[id(module)] = copied
    copied.__dict__.update(copy.deepcopy(module.__dict__, memo))
    return copied


def is_own(name: str) -> bool:
    """Whether weights of that name learn, and so are in a state and a file."""
    return name.startswith(_OWN[1]) or _OWN[0] in name
