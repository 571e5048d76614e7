"""What becomes of each row of a feed, kept in a file: a feed may have a million of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

NEW, CHANGED, UNCHANGED, REFUSED = KINDS = ("new", "changed", "unchanged", "refused")

_SCHEMA = """
    CREATE TABLE verdict (
        place INTEGER PRIMARY KEY, line INTEGER, kind TEXT, sku TEXT, title TEXT, told TEXT
    );
    CREATE TABLE feed (counts_entries INTEGER);
"""
_ALL = "SELECT * FROM verdict WHERE place > ? ORDER BY place LIMIT ?"
_OF_A_KIND = "SELECT * FROM verdict WHERE kind = ? AND place > ? ORDER BY place LIMIT ?"
_INDEX = "CREATE INDEX verdict_by_kind ON verdict (kind, place)"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a product, told of its first row, or of a row that is refused.

    Args:
        place: of the row among the rows of the feed.
        line: on which it begins; the number of its entry where several begin on one line.
        kind: one of KINDS.
        sku: the product's.
        title: in the first of its languages.
        told: what changes, each [name, before, after]; or the refusal's [column, reason].
    """

    place: int
    line: int
    kind: str
    sku: str = ""
    title: str = ""
    told: Sequence[Sequence[str]] = field(default=())


class Verdicts:
    """The verdicts on one feed, written once.

    Args:
        path: of their file; one that is there is replaced.
        counts_entries: whether several entries of the feed begin on one line, so that their numbers
            stand for lines.
    """

    def __init__(self, path: Path, *, counts_entries: bool) -> None:
        path.unlink(missing_ok=True)
        self._base = sqlite3.connect(path)
        self._base.executescript(_SCHEMA)
        self._base.execute("INSERT INTO feed VALUES (?)", [counts_entries])

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Keep some more."""
        self._base.executemany(
            "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.place, one.line, one.kind, one.sku, one.title, json.dumps(one.told))
                for one in verdicts
            ),
        )

    def close(self) -> None:
        """Finish the file."""
        self._base.execute(_INDEX)
        self._base.commit()
        self._base.close()


@dataclass(frozen=True)
class Page:
    """Some verdicts, and whether the numbers of entries stand for their lines."""

    verdicts: Sequence[Verdict] = ()
    counts_entries: bool = False


def page(path: Path, *, kind: str = "", after: int = 0, size: int = 50) -> Page:
    """Give some verdicts in the order of the feed, those after a place.

    Args:
        path: their file.
        kind: one of KINDS; all of them where it is "".
        after: a place.
        size: how many at most.
    """
    asked, values = (_OF_A_KIND, [kind, after, size]) if kind else (_ALL, [after, size])
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as base:
        found = base.execute(asked, values).fetchall()
        (counts_entries,) = base.execute("SELECT counts_entries FROM feed").fetchone()
    return Page([Verdict(*row[:5], json.loads(row[5])) for row in found], bool(counts_entries))
