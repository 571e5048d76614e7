"""A document of ours as the pieces that a page can show: headings, paragraphs, lists, code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = re.compile(r"(`[^`]+`)")


@dataclass(frozen=True)
class Part:
    """One piece of a document.

    Args:
        tag: "h1", "h2", "p" or "li".
        runs: its words in order, each with whether they are code.
    """

    tag: str
    runs: list[tuple[str, bool]]


def parts(text: str) -> Iterator[Part]:
    """Cut the little of Markdown that our documents use."""
    for block in re.split(r"\n\s*\n|\n(?=- |#)", text.strip()):
        line = " ".join(block.split())
        for mark, tag in (("## ", "h2"), ("# ", "h1"), ("- ", "li")):
            if line.startswith(mark):
                yield Part(tag, _runs(line.removeprefix(mark)))
                break
        else:
            if line:
                yield Part("p", _runs(line))


def _runs(line: str) -> list[tuple[str, bool]]:
    return [
        (run.strip("`") if run.startswith("`") else run, run.startswith("`"))
        for run in _CODE.split(line)
        if run
    ]
