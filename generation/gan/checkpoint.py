"""A checkpoint is a folder of tensors, a vocabulary and a card; nothing in it is code.

    generator.safetensors  discriminator.safetensors  tokenizer.json  card.json

The card holds the format number, the sizes, the metrics and a digest over the other files. Weights
are stored in half precision and computed with in single precision.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from generation.gan.config import DiscriminatorConfig, GeneratorConfig, SamplingConfig
from generation.gan.discriminator import Discriminator
from generation.gan.generator import Generator
from generation.gan.vocabulary import Vocabulary

FORMAT = 1
_FILES = ("generator.safetensors", "discriminator.safetensors", "tokenizer.json")


class CheckpointDamaged(Exception):
    """A checkpoint's folder is incomplete, changed, or of another format."""


@dataclass
class Checkpoint:
    """A generator and its discriminator with the vocabulary they share."""

    generator: Generator
    discriminator: Discriminator
    vocabulary: Vocabulary
    generator_config: GeneratorConfig
    discriminator_config: DiscriminatorConfig
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    metrics: dict[str, Any] = field(default_factory=dict)
    digest: str = ""


def build(
    vocabulary: Vocabulary, generator: GeneratorConfig, discriminator: DiscriminatorConfig
) -> Checkpoint:
    """Make an untrained pair of networks."""
    return Checkpoint(
        generator=Generator(**generator.to_dict()),
        discriminator=Discriminator(**discriminator.to_dict()),
        vocabulary=vocabulary,
        generator_config=generator,
        discriminator_config=discriminator,
    )


def save(checkpoint: Checkpoint, folder: Path) -> str:
    """Write a checkpoint and give its digest; the card is written last, so half is never whole."""
    folder.mkdir(parents=True, exist_ok=True)
    _save_weights(checkpoint.generator, folder / _FILES[0])
    _save_weights(checkpoint.discriminator, folder / _FILES[1])
    checkpoint.vocabulary.save(folder / _FILES[2])
    checkpoint.digest = _digest(folder)
    card = {
        "format": FORMAT,
        "digest": checkpoint.digest,
        "generator": checkpoint.generator_config.to_dict(),
        "discriminator": checkpoint.discriminator_config.to_dict(),
        "sampling": checkpoint.sampling.to_dict(),
        "metrics": checkpoint.metrics,
    }
    text = json.dumps(card, ensure_ascii=False, indent=1)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")
    return checkpoint.digest


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        CheckpointDamaged: a file is missing or changed, or the format is another one.
    """
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise CheckpointDamaged(f"{folder.name} has format {card['format']}, not {FORMAT}.")
        if _digest(folder) != card["digest"]:
            raise CheckpointDamaged(f"{folder.name} was changed after it was written.")
        checkpoint = build(
            Vocabulary.load(folder / _FILES[2]),
            GeneratorConfig.from_dict(card["generator"]),
            DiscriminatorConfig.from_dict(card["discriminator"]),
        )
        _load_weights(checkpoint.generator, folder / _FILES[0])
        _load_weights(checkpoint.discriminator, folder / _FILES[1])
    except (OSError, KeyError, ValueError, SafetensorError) as reason:
        raise CheckpointDamaged(f"{folder.name} cannot be read: {reason}") from reason
    checkpoint.sampling = SamplingConfig.from_dict(card["sampling"])
    checkpoint.metrics, checkpoint.digest = card["metrics"], card["digest"]
    return checkpoint


def _save_weights(model: nn.Module, path: Path) -> None:
    half = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
    }
    save_file(half, path)


def _load_weights(model: nn.Module, path: Path) -> None:
    weights = load_file(path)
    whole = {
        name: value.float() if value.dtype == torch.float16 else value
        for name, value in weights.items()
    }
    try:
        model.load_state_dict(whole)
    except RuntimeError as reason:
        raise ValueError(f"its weights do not fit its card ({path.name})") from reason
    model.eval()


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
