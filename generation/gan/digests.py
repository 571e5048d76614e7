"""A checkpoint's files and the digest over them; whoever only compares it needs no PyTorch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

GENERATOR, ADAPTER = "generator.safetensors", "adapter.safetensors"
REST = ("discriminator.safetensors", "tokenizer.json")
_CHUNK = 2**20  # bytes that are held at once


def weights_of(card: Mapping[str, Any]) -> str:
    """Name the file of the weights that write, where a checkpoint has this card."""
    return ADAPTER if "backbone" in card else GENERATOR


def digest_of(folder: Path, weights: str = GENERATOR) -> str:
    """The digest of what a folder holds besides its card, the weights that write first.

    Raises:
        OSError: a file is missing, or cannot be read.
    """
    digest = hashlib.sha256()
    for name in (weights, *REST):
        with (folder / name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()
