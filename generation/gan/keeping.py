"""A training's place, kept in a folder so that a kill costs a minute and not a night.

    state-000041/  state-000042/    each with state.json and tensors.safetensors; no pickles

A state is dictionaries and lists of tensors, numbers and words. A new one is written beside and
renamed when it is whole; the one before stays, so that there always is one to go on from.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor

from generation.gan import storing

FORMAT = 1
State = dict[str, Any]
_TENSOR = "$tensor"
_GENERATIONS = 2


class PlaceUnusable(ValueError):
    """A kept place cannot be gone on from; the message says why and what to do."""


class Keeper:
    """Keeps one training's states, or nothing where no folder is named.

    Args:
        folder: where to; it may hold the states of this training from before.
        origin: what the training comes from (corpus, settings, seed ...), by name.
        every_seconds: how often a state is due.

    Attributes:
        found: the state to go on from; None at the beginning.

    Raises:
        PlaceUnusable: the folder is another training's, or none of its states is whole.
    """

    def __init__(
        self, folder: Path | None, origin: Mapping[str, str], *, every_seconds: float = 60
    ) -> None:
        self.folder, self.origin = folder, {**origin, "format": str(FORMAT)}
        self.every_seconds = every_seconds
        self._kept_at = time.monotonic()
        self.found = self._found()

    def _found(self) -> State | None:
        """The last whole state in the folder; None where there is none at all."""
        kept = self._kept()
        for folder in reversed(kept):
            try:
                said = json.loads((folder / "state.json").read_text(encoding="utf-8"))
                content = (folder / "tensors.safetensors").read_bytes()
                if hashlib.sha256(content).hexdigest() != said["digest"]:
                    continue
                tensors = safetensors.load(content)
            except (OSError, KeyError, TypeError, ValueError, SafetensorError):
                continue  # damaged: the one before is whole
            self._refuse_others(said["origin"])
            return _unpacked(said["state"], tensors)
        if kept:
            raise PlaceUnusable(
                f"No state in {self.folder} is whole: delete the folder to begin again."
            )
        return None

    @property
    def is_due(self) -> bool:
        """Whether so much time has passed that a state should be kept."""
        return self.folder is not None and time.monotonic() - self._kept_at >= self.every_seconds

    def keep(self, state: State) -> None:
        """Keep a state; of those before, only the last one stays.

        Raises:
            DiskFull: there is no room for it; the states before are whole.
        """
        if self.folder is None:
            return
        tensors: dict[str, Tensor] = {}
        packed = _packed(state, tensors)
        content = safetensors.save(tensors)
        said = {
            "origin": self.origin,
            "digest": hashlib.sha256(content).hexdigest(),
            "state": packed,
        }
        before = self._kept()
        number = int(before[-1].name.removeprefix("state-")) + 1 if before else 1
        with storing.new_folder(self.folder / f"state-{number:06}") as folder:
            storing.write(folder / "tensors.safetensors", content)
            storing.write(folder / "state.json", json.dumps(said).encode())
        for folder in before[: 1 - _GENERATIONS]:
            shutil.rmtree(folder)
        self._kept_at = time.monotonic()

    def clear(self) -> None:
        """Forget the states: the training has ended."""
        for folder in self._kept():
            shutil.rmtree(folder)

    def _kept(self) -> list[Path]:
        return sorted(self.folder.glob("state-*")) if self.folder else []

    def _refuse_others(self, origin: Mapping[str, str]) -> None:
        names = sorted(
            name for name in {*origin, *self.origin} if origin.get(name) != self.origin.get(name)
        )
        if names:
            raise PlaceUnusable(
                f"{self.folder} keeps another training (its {', '.join(names)} differ): "
                "choose another folder, or delete this one to begin again."
            )


def fingerprint(*parts: object) -> str:
    """A digest of plain values and dataclasses of them, the same in every process."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode() + b"\0")
    return digest.hexdigest()[:16]


def optimizer_state(optimizer: torch.optim.Optimizer) -> State:
    """An optimiser's state as a state."""
    state = optimizer.state_dict()
    return {"of": list(state["state"].items()), "groups": state["param_groups"]}


def restore_optimizer(optimizer: torch.optim.Optimizer, state: State) -> None:
    """Put an optimiser back where `optimizer_state` found it."""
    optimizer.load_state_dict({"state": dict(state["of"]), "param_groups": state["groups"]})


def chance_state(state: tuple[Any, ...]) -> list[Any]:
    """What `random.Random.getstate` gives, as lists."""
    version, words, spare = state
    return [version, list(words), spare]


def chance_of(state: list[Any]) -> tuple[Any, ...]:
    """What `random.Random.setstate` takes, from lists."""
    version, words, spare = state
    return version, tuple(words), spare


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Replace tensors by their names."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().contiguous()
        return {_TENSOR: name}
    if isinstance(value, Mapping):
        return {key: _packed(part, tensors) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(part, tensors) for part in value]
    return value


def _unpacked(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_TENSOR}:
            return tensors[value[_TENSOR]]
        return {key: _unpacked(part, tensors) for key, part in value.items()}
    if isinstance(value, list):
        return [_unpacked(part, tensors) for part in value]
    return value
