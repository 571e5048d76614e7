"""What a checkpoint learnt from and was held to, some of it kept beside its weights.

    texts.jsonl.gz  held-out.jsonl.gz

Both are corpora that `read_records` reads. A training that goes on from the checkpoint rehearses
the first, and is measured on the second: so it forgets nothing of what its shop's own texts taught.
They are the shop's, so no digest covers them, and a checkpoint that is given away goes without.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generation.gan.records import Record, line_of, read_records

TEXTS, HELD_OUT = FILES = ("texts.jsonl.gz", "held-out.jsonl.gz")
_MOST = {TEXTS: 2400, HELD_OUT: 400}


@dataclass(frozen=True)
class Practice:
    """Texts to stay in practice with, and texts that no training may learn from."""

    texts: tuple[Record, ...]
    held_out: tuple[Record, ...]

    @classmethod
    def drawn(cls, texts: Sequence[Record], held_out: Sequence[Record], *, seed: int) -> Practice:
        """Draw some of a training's texts: as many of each register as there are of the others.

        Buyers' reviews are left out: they taught the languages, not how the shop writes.
        """
        chance = random.Random(seed)  # noqa: S311 - training, not secrets
        return cls(
            _spread(texts, chance, most=_MOST[TEXTS]),
            _spread(held_out, chance, most=_MOST[HELD_OUT]),
        )

    @classmethod
    def beside(cls, folder: Path) -> Practice | None:
        """Read what is kept in a checkpoint's folder; None where it has none, or half of it.

        Raises:
            ValueError: a file of it cannot be read; the message names it.
        """
        if not all((folder / name).is_file() for name in FILES):
            return None
        texts, held_out = (tuple(read_records(folder / name)) for name in FILES)
        return cls(texts, held_out) if texts and held_out else None

    def files(self) -> Mapping[str, bytes]:
        """The files to keep, by name."""
        return {TEXTS: _packed(self.texts), HELD_OUT: _packed(self.held_out)}


def forget(folder: Path) -> None:
    """Delete what is kept in a folder, where weights that learnt from other texts lie now."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def _spread(records: Sequence[Record], chance: random.Random, *, most: int) -> tuple[Record, ...]:
    """At most so many records, of each language, kind and style in turn, in the order they had."""
    by_register: dict[tuple[str, str, str], list[int]] = {}
    for index, record in enumerate(records):
        if record.kind != "review":
            register = (record.language, record.kind, record.style)
            by_register.setdefault(register, []).append(index)
    chosen: list[int] = []
    rarest_first = sorted(by_register.values(), key=len)
    for done, indices in enumerate(rarest_first):
        share = (most - len(chosen)) // (len(rarest_first) - done)
        chosen += chance.sample(indices, min(len(indices), share))
    return tuple(records[index] for index in sorted(chosen))


def _packed(records: Iterable[Record]) -> bytes:
    lines = "".join(line_of(record) + "\n" for record in records)
    return gzip.compress(lines.encode("utf-8"), mtime=0)
