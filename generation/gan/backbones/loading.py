"""Opening a language model that lies in a folder: never from a network, never pickles or code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer

from generation.gan.devices import has_bfloat16

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_PACKAGES = ("transformers", "peft")
_WEIGHTS, _TOKENIZERS = "*.safetensors", ("tokenizer.json", "tokenizer.model")
_READ = ("config.json", *_TOKENIZERS)
_ROOM = 1024  # tokens that a brief and its text may take together
_PROBE = ("甲", "乙 a", " b", ", c")  # parts that must join to the same text
_CHUNK = 1 << 24


class BackboneUnusable(ValueError):
    """A language model cannot be used; the message is a sentence."""


@dataclass(frozen=True)
class Backbone:
    """A language model as it lies in its folder.

    Args:
        name: its folder's.
        fingerprint: of its weights, its sizes and its tokenizer.
        model: its network; nothing of it ever learns.
        tokenizer: cuts text into its tokens.
        pieces: what each token stands for, "" where that is no text of its own.
        begin: the tokens that its texts begin with.
        end: the token that ends a text.
    """

    name: str
    fingerprint: str
    model: PreTrainedModel
    tokenizer: Tokenizer
    pieces: Sequence[str]
    begin: Sequence[int]
    end: int


def open_folder(folder: Path) -> Backbone:
    """Read the language model in a folder; a second time it is there already.

    Raises:
        BackboneUnusable: the packages are not installed, or the folder holds no such model.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise BackboneUnusable(
            "A language model as the writer needs further packages: "
            "pip install -r requirements-large.txt."
        )
    return _opened(folder.resolve(), fingerprint(folder))


def fingerprint(folder: Path) -> str:
    """A digest over all that decides what a language model says.

    Raises:
        BackboneUnusable: the folder holds no such model.
    """
    if not folder.is_dir():
        raise BackboneUnusable(f"There is no folder {folder}: name the folder of a language model.")
    weights = sorted(folder.glob(_WEIGHTS))
    tokenizers = [folder / name for name in _TOKENIZERS if (folder / name).is_file()]
    if not weights or not tokenizers or not (folder / "config.json").is_file():
        raise BackboneUnusable(
            f"{folder} holds no language model: it needs config.json, tokenizer.json and "
            "weights as .safetensors."
        )
    digest = hashlib.sha256()
    for path in (*weights, *(folder / name for name in _READ)):
        if path.is_file():
            stat = path.stat()
            digest.update(path.name.encode() + _digest(path, stat.st_size, stat.st_mtime_ns))
    return digest.hexdigest()


def pieces_of(tokenizer: Tokenizer, size: int) -> list[str]:
    """What each of so many tokens adds to a text; "" for marks and for parts of a character."""
    before = tokenizer.encode("a", add_special_tokens=False).ids[-1]
    known = range(min(size, tokenizer.get_vocab_size()))
    said = tokenizer.decode_batch([[before, index] for index in known])
    alone = tokenizer.decode([before])
    pieces = [text.removeprefix(alone) for text in said]
    return [*("" if "\ufffd" in piece else piece for piece in pieces), *[""] * (size - len(known))]


@lru_cache(maxsize=64)
def _digest(path: Path, _size: int, _changed: int) -> bytes:
    """The digest of one file, which is read again when it has changed."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


# A model may fill most of the memory: only the last one stays.
@lru_cache(maxsize=1)
def _opened(folder: Path, digest: str) -> Backbone:
    os.environ["HF_HUB_OFFLINE"] = "1"  # before the import, which reads it
    import transformers  # noqa: PLC0415 - an optional package of many megabytes

    transformers.utils.logging.disable_progress_bar()
    is_half = has_bfloat16("cuda" if torch.cuda.is_available() else "cpu")
    try:
        cutter = transformers.AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        model = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.bfloat16 if is_half else torch.float32,
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as reason:
        told = str(reason).strip().split("\n")[0].rstrip(".")
        raise BackboneUnusable(
            f"The language model in {folder} cannot be read: {told}."
        ) from reason
    model.requires_grad_(requires_grad=False).eval()
    backbone = Backbone(
        name=folder.name,
        fingerprint=digest,
        model=model,
        tokenizer=cutter.backend_tokenizer,
        pieces=pieces_of(cutter.backend_tokenizer, model.get_input_embeddings().num_embeddings),
        begin=[index for index in cutter("").input_ids if index != cutter.eos_token_id],
        end=cutter.eos_token_id,
    )
    _refuse_unfit(backbone)
    return backbone


def _refuse_unfit(backbone: Backbone) -> None:
    """Refuse a model that could not read a brief, or whose tokens do not join to the same text."""
    if backbone.end is None:
        raise BackboneUnusable(f"The tokenizer of {backbone.name} has no token that ends a text.")
    room = getattr(backbone.model.config.get_text_config(), "max_position_embeddings", _ROOM)
    if room < _ROOM:
        raise BackboneUnusable(
            f"{backbone.name} reads {room} tokens; a brief and its text need {_ROOM}."
        )
    cut = [backbone.tokenizer.encode(part, add_special_tokens=False).ids for part in _PROBE]
    joined = backbone.tokenizer.decode([index for ids in cut for index in ids])
    if joined != "".join(_PROBE):
        raise BackboneUnusable(
            f"The tokenizer of {backbone.name} adds to texts: "
            f"“{''.join(_PROBE)}” becomes “{joined}”."
        )
