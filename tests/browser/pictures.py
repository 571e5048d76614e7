"""Which pictures `docs/pictures` keeps, and the page that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from django.conf import settings

from tests.browser.sights import SIGHTS, Sight

FOLDER = Path(settings.BASE_DIR) / "docs" / "pictures"
MOST_BYTES = 6_000_000
WINDOWS = {1440: 900, 1024: 768, 390: 844}
LANGUAGES = {"en": "English", "zh-hans": "简体中文"}
THEMES = ("light", "dark")
PICTURED = [sight for sight in SIGHTS if sight.is_pictured]
_INTRODUCTION = """\
# Pictures

Made by `make pictures` from the sample shop and the checkpoint that ships, in Chromium: every file
here, and this page. A name says the page, the language, the theme and the width of the window.
"""


def file_of(sight: Sight, language: str, theme: str, width: int) -> Path:
    """Where a picture lies."""
    return FOLDER / f"{sight.name}-{language}-{theme}-{width}.webp"


def files() -> Iterator[Path]:
    """Where each of them lies."""
    for sight, language, theme, width in product(PICTURED, LANGUAGES, THEMES, WINDOWS):
        yield file_of(sight, language, theme, width)


def index() -> str:
    """The page that shows them, in Markdown."""
    return "\n".join([_INTRODUCTION, *map(_section, PICTURED)])


def _section(sight: Sight) -> str:
    columns = list(product(LANGUAGES, THEMES))
    heads = " | ".join(f"{LANGUAGES[language]}, {theme}" for language, theme in columns)
    rows = [f"## {sight.name}", "", f"| {heads} |", "|" + "---|" * len(columns)]
    for width in WINDOWS:
        names = [file_of(sight, language, theme, width).name for language, theme in columns]
        rows.append("| " + " | ".join(f"![{name}]({name})" for name in names) + " |")
    return "\n".join([*rows, ""])
