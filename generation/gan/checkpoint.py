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
from safetensors import torch as safetensors
from torch import nn

from generation.gan import storing
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
    """Write a checkpoint and give its digest; it stands in its folder whole or not at all.

    Raises:
        DiskFull: there is no room; what stood there before still does.
        OSError: it cannot be written; the message is a sentence.
    """
    parts = {
        _FILES[0]: _halved(checkpoint.generator),
        _FILES[1]: _halved(checkpoint.discriminator),
        _FILES[2]: checkpoint.vocabulary.tokenizer.to_str(pretty=True).encode(),
    }
    digest = hashlib.sha256(b"".join(parts[name] for name in _FILES)).hexdigest()
    card = {
        "format": FORMAT,
        "digest": digest,
        "generator": checkpoint.generator_config.to_dict(),
        "discriminator": checkpoint.discriminator_config.to_dict(),
        "sampling": checkpoint.sampling.to_dict(),
        "metrics": checkpoint.metrics,
    }
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    with storing.new_folder(folder) as beside:
        for name, content in (*parts.items(), ("card.json", text.encode())):
            storing.write(beside / name, content)
    checkpoint.digest = digest
    return digest


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint, onto the processor.

    Raises:
        CheckpointDamaged: a file is missing or changed, or it is not of our making.
    """
    missing = [name for name in ("card.json", *_FILES) if not (folder / name).is_file()]
    if missing:
        raise CheckpointDamaged(
            f"{folder.name} is no checkpoint of Galley, or not all of it: "
            f"{', '.join(missing)} cannot be found."
        )
    try:
        card = _card(folder)
        if card["format"] != FORMAT:
            raise CheckpointDamaged(f"{folder.name} has format {card['format']}, not {FORMAT}.")
        if digest_of(folder) != card["digest"]:
            raise CheckpointDamaged(f"{folder.name} was changed after it was written.")
        checkpoint = build(
            _vocabulary(folder / _FILES[2]),
            GeneratorConfig.from_dict(card["generator"]),
            DiscriminatorConfig.from_dict(card["discriminator"]),
        )
        _load_weights(checkpoint.generator, folder / _FILES[0])
        _load_weights(checkpoint.discriminator, folder / _FILES[1])
        checkpoint.sampling = SamplingConfig.from_dict(card["sampling"])
        checkpoint.metrics, checkpoint.digest = dict(card["metrics"]), card["digest"]
    except KeyError as reason:
        raise CheckpointDamaged(f"The card of {folder.name} lacks {reason}.") from reason
    except (OSError, RuntimeError, TypeError, ValueError, SafetensorError) as reason:
        raise CheckpointDamaged(f"{folder.name} cannot be read: {reason}.") from reason
    return checkpoint


def _card(folder: Path) -> dict[str, Any]:
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    if not isinstance(card, dict):
        raise TypeError("its card is none")
    return card


def _halved(model: nn.Module) -> bytes:
    """A model's weights in half precision, as a file."""
    return safetensors.save(
        {
            name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
            for name, value in model.state_dict().items()
        }
    )


def _vocabulary(path: Path) -> Vocabulary:
    try:
        return Vocabulary.load(path)
    except Exception as reason:
        raise ValueError(f"{path.name} is no vocabulary ({reason})") from reason


def _load_weights(model: nn.Module, path: Path) -> None:
    try:
        weights = safetensors.load_file(path)
    except SafetensorError as reason:
        raise ValueError(f"{path.name} is no file of safetensors ({reason})") from reason
    whole = {
        name: value.float() if value.dtype == torch.float16 else value
        for name, value in weights.items()
    }
    if not all(value.isfinite().all() for value in whole.values()):
        raise ValueError(f"{path.name} holds numbers that are not finite")
    try:
        model.load_state_dict(whole)
    except RuntimeError as reason:
        raise ValueError(f"its weights do not fit its card ({path.name})") from reason
    model.eval()


def digest_of(folder: Path) -> str:
    """The digest of what a folder holds besides its card."""
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
