"""A checkpoint is a folder of tensors, a vocabulary and a card; nothing in it is code.

    generator.safetensors  discriminator.safetensors  tokenizer.json  card.json

Where a language model writes, `adapter.safetensors` takes the place of the generator's weights, and
the card names the model and the fingerprint of its files, which lie elsewhere.

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

from generation.gan import practice as practices
from generation.gan import storing
from generation.gan.backbones.loading import BackboneUnusable, open_folder
from generation.gan.backbones.pretrained import PretrainedGenerator
from generation.gan.config import (
    BackboneConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    SamplingConfig,
)
from generation.gan.digests import ADAPTER, GENERATOR, REST, digest_of, weights_of
from generation.gan.discriminator import Discriminator
from generation.gan.generator import Generator
from generation.gan.practice import Practice
from generation.gan.vocabulary import Vocabulary

FORMAT = 1


class CheckpointDamaged(Exception):
    """A checkpoint's folder is incomplete, changed, or of another format.

    Args:
        what: what is wrong with it; what to do then is always the same.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"{what.rstrip('.')}: restore it from a copy or take another checkpoint.")


@dataclass
class Checkpoint:
    """A generator and its discriminator with the vocabulary they share."""

    generator: Generator | PretrainedGenerator
    discriminator: Discriminator
    vocabulary: Vocabulary
    generator_config: GeneratorConfig | BackboneConfig
    discriminator_config: DiscriminatorConfig
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    metrics: dict[str, Any] = field(default_factory=dict)
    digest: str = ""


def build(
    vocabulary: Vocabulary, generator: GeneratorConfig, discriminator: DiscriminatorConfig
) -> Checkpoint:
    """Make an untrained pair of networks."""
    return Checkpoint(
        generator=Generator(
            **generator.to_dict(),
            restrained=vocabulary.restrained_ids,
            calm=vocabulary.calm_ids,
        ),
        discriminator=Discriminator(**discriminator.to_dict()),
        vocabulary=vocabulary,
        generator_config=generator,
        discriminator_config=discriminator,
    )


def build_on(
    backbone: Path,
    vocabulary: Vocabulary,
    discriminator: DiscriminatorConfig,
    *,
    known: BackboneConfig | None = None,
) -> Checkpoint:
    """Make an untrained adapter on the language model in a folder, and an untrained discriminator.

    Args:
        backbone: the folder.
        vocabulary: whose ids both read.
        discriminator: its sizes.
        known: the sizes of an adapter, and the language model that it belongs to.

    Raises:
        BackboneUnusable: there is no such model there, or it is another one.
    """
    opened = open_folder(backbone)
    if known is None:
        known = BackboneConfig(
            opened.name,
            opened.fingerprint,
            max_source=discriminator.max_source,
            max_target=discriminator.max_target,
        )
    elif known.fingerprint != opened.fingerprint:
        raise BackboneUnusable(
            f"it writes with the language model “{known.name}” ({known.fingerprint[:12]}), and "
            f"what lies in {backbone} is another one or was changed ({opened.fingerprint[:12]})."
        )
    return Checkpoint(
        generator=PretrainedGenerator(opened, vocabulary, known),
        discriminator=Discriminator(**discriminator.to_dict()),
        vocabulary=vocabulary,
        generator_config=known,
        discriminator_config=discriminator,
    )


def save(checkpoint: Checkpoint, folder: Path, *, practice: Practice | None = None) -> str:
    """Write a checkpoint and give its digest; it stands in its folder whole or not at all.

    Args:
        checkpoint: to write; it gets its digest.
        folder: to stand in.
        practice: some of what it learnt from, to be kept beside it.

    Raises:
        DiskFull: there is no room; what stood there before still does.
        OSError: it cannot be written; the message is a sentence.
    """
    is_large = isinstance(checkpoint.generator_config, BackboneConfig)
    parts = {
        ADAPTER if is_large else GENERATOR: _halved(checkpoint.generator),
        REST[0]: _halved(checkpoint.discriminator),
        REST[1]: checkpoint.vocabulary.tokenizer.to_str(pretty=True).encode(),
    }
    digest = hashlib.sha256(b"".join(parts.values())).hexdigest()
    card = {
        "format": FORMAT,
        "digest": digest,
        "backbone" if is_large else "generator": checkpoint.generator_config.to_dict(),
        "discriminator": checkpoint.discriminator_config.to_dict(),
        "sampling": checkpoint.sampling.to_dict(),
        "metrics": checkpoint.metrics,
    }
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    texts = practice.files() if practice else {}
    with storing.new_folder(folder) as beside:
        for name, content in (*texts.items(), *parts.items(), ("card.json", text.encode())):
            storing.write(beside / name, content)
    checkpoint.digest = digest
    return digest


def load(folder: Path, *, backbone: Path | None = None) -> Checkpoint:
    """Read a checkpoint, onto the processor.

    Args:
        folder: of the checkpoint.
        backbone: folder of the language model, for a checkpoint that writes with one.

    Raises:
        CheckpointDamaged: a file is missing or changed, it is not of our making, or its language
            model is not there.
    """
    _refuse_missing(folder, "card.json")
    try:
        card = _card(folder)
        if card["format"] != FORMAT:
            raise CheckpointDamaged(f"{folder.name} has format {card['format']}, not {FORMAT}.")
        weights = weights_of(card)
        _refuse_missing(folder, weights, *REST)
        if digest_of(folder, weights) != card["digest"]:
            raise CheckpointDamaged(f"{folder.name} was changed after it was written.")
        checkpoint = _built(folder, card, backbone)
        _load_weights(checkpoint.generator, folder / weights)
        _load_weights(checkpoint.discriminator, folder / REST[0])
        checkpoint.sampling = SamplingConfig.from_dict(card["sampling"])
        checkpoint.metrics, checkpoint.digest = dict(card["metrics"]), card["digest"]
    except KeyError as reason:
        raise CheckpointDamaged(f"The card of {folder.name} lacks {reason}.") from reason
    except BackboneUnusable as reason:
        raise CheckpointDamaged(f"{folder.name} cannot write: {reason}") from reason
    except (OSError, RuntimeError, TypeError, ValueError, SafetensorError) as reason:
        raise CheckpointDamaged(f"{folder.name} cannot be read: {reason}.") from reason
    return checkpoint


def copy(folder: Path, into: Path) -> None:
    """Leave a checkpoint's files in another folder; they stand there whole or not at all.

    Raises:
        CheckpointDamaged: they are not what its card says.
        DiskFull: there is no room for them.
        OSError: they cannot be written; the message is a sentence.
    """
    card = _card(folder)
    weights = weights_of(card)
    texts = [name for name in practices.FILES if (folder / name).is_file()]
    with storing.new_folder(into) as beside:
        for name in (*texts, weights, *REST, "card.json"):
            storing.write(beside / name, (folder / name).read_bytes())
        if digest_of(beside, weights) != card["digest"]:
            raise CheckpointDamaged(f"{folder.name} changed while it was copied.")


def _refuse_missing(folder: Path, *names: str) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise CheckpointDamaged(
            f"{folder.name} is no checkpoint of Galley, or not all of it: "
            f"{', '.join(missing)} cannot be found."
        )


def _built(folder: Path, card: dict[str, Any], backbone: Path | None) -> Checkpoint:
    """The untrained networks that a card tells of."""
    vocabulary = _vocabulary(folder / REST[1])
    judge = DiscriminatorConfig.from_dict(card["discriminator"])
    if "backbone" not in card:
        return build(vocabulary, GeneratorConfig.from_dict(card["generator"]), judge)
    known = BackboneConfig.from_dict(card["backbone"])
    if backbone is None:
        raise BackboneUnusable(
            f"it needs the language model “{known.name}”: name its folder "
            "(GALLEY_BACKBONE, or --backbone)."
        )
    return build_on(backbone, vocabulary, judge, known=known)


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
