"""Corpora: what of a shop's texts is worth learning from, before anybody waits for a training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from generation.errors import CorpusNotKept
from generation.writers import get_writer_class


def offered() -> list[str]:
    """The files that a person may let a training learn from: those in the folder of corpora."""
    folder = Path(settings.GALLEY_CORPUS_DIR)
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path.name for path in found if path.name.endswith((".jsonl", ".jsonl.gz")))


def prepare(corpus: Sequence[Path], *, into: Path | None = None) -> Iterator[dict[str, Any]]:
    """Prepare corpora, one after the other; `Writer.prepare` says what is told of each.

    Raises:
        NothingToLearn: a file cannot be read, or holds no usable text.
        DiskFull: there is no room for the prepared texts.
        CorpusNotKept: they cannot be written where they were asked for.
    """
    try:
        yield from get_writer_class().prepare(corpus, into=into)
    except OSError as reason:
        raise CorpusNotKept(
            _("%(file)s cannot be written: name another file.") % {"file": into}
        ) from reason
