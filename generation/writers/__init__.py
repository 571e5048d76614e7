"""The seam to whatever writes texts: a protocol, and the one the settings name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from generation.errors import WriterMissing
from generation.texts import Brief, Candidate, Explanation, Learnt, Lesson

Report = Callable[[dict[str, Any]], None]


class Writer(Protocol):
    """Writes texts from briefs, scores texts, and learns from judged ones.

    Attributes:
        digest: the digest of the weights it writes with.
    """

    digest: str

    def write(
        self, briefs: Sequence[Brief], *, variants: int, seeds: Sequence[int]
    ) -> list[list[Candidate]]:
        """Offer `variants` candidates for each brief, best first.

        The same checkpoint, briefs, variants and seeds (one seed per brief) give the same texts.
        """

    def score(self, briefs: Sequence[Brief], texts: Sequence[str]) -> list[float]:
        """Say how much each text reads like approved copy for its brief, 0 to 1."""

    def explain(
        self, briefs: Sequence[Brief], candidates: Sequence[Candidate]
    ) -> list[Explanation]:
        """Say why candidates that this checkpoint offered, one for each brief, have their score."""

    def learn(  # noqa: PLR0913 - one training with all it needs
        self,
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Report,
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Continue this checkpoint with the lessons and leave a new one in the folder `into`.

        `settings` and `work` are those of `train`.
        """

    def tune(  # noqa: PLR0913 - one training with all it needs
        self,
        corpus: Sequence[Path],
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Report,
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Tune the language model of `GALLEY_BACKBONE` to write, against this checkpoint's judge.

        The arguments are those of `train`.

        Raises:
            CheckpointUnusable: there is no such language model, or its packages are missing.
            NothingToLearn: there is no usable text.
            TrainingCollapsed: the texts became alike; nothing is kept.
            PlaceUnusable: `work` holds another training's place.
            DiskFull: there is no room.
        """

    def copy_into(self, folder: Path) -> None:
        """Leave a copy of this checkpoint's files in a folder, whole or not at all.

        Raises:
            CheckpointUnusable: they changed since they were loaded.
            DiskFull: there is no room for them.
            OSError: they cannot be written; the message is a sentence.
        """

    def fitness(self, *, like: Path | None = None) -> dict[str, Any]:
        """Measure this checkpoint on the base corpus, by the questions of the activation gate.

        Args:
            like: folder of the checkpoint whose base corpus is asked about; that of this one,
                where none is given.

        Returns:
            JSON-ready figures; `generation.gate` says what they have to be. None where it can
            read none of the texts.

        Raises:
            CheckpointUnusable: the texts that are kept beside the checkpoint cannot be read.
        """

    def evaluate(
        self, data: Path, *, limit: int, seed: int, style: str | None = None
    ) -> dict[str, Any]:
        """Write for at most `limit` held-out briefs of a file, and measure what was written.

        All texts are written in `style`, where one is given.

        Returns:
            JSON-ready figures; `data` names the file, `groups` has one entry for each language
            and kind. `docs/metrics.md` says what each of them means.

        Raises:
            NothingToMeasure: the file holds no text to measure against, or there is no such style.
        """

    @classmethod
    def compare(
        cls, plan: Path, data: Sequence[Path], *, limit: int, seed: int, report: Report
    ) -> dict[str, Any]:
        """Let the systems of a plan write for held-out briefs, and say which does better.

        Returns:
            JSON-ready figures; `data` names the files, `sweeps` has one entry for each language
            and kind.

        Raises:
            ReportUnreadable: it is no plan, or what it names is not there.
            NothingToMeasure: the files hold too few briefs.
        """

    @classmethod
    def prepare(cls, corpus: Sequence[Path], *, into: Path | None) -> Iterator[dict[str, Any]]:
        """Clean corpora, and say of each what of it is worth learning from.

        Args:
            corpus: files and folders.
            into: file for the texts worth learning from, a corpus in its turn.

        Returns:
            For each: "corpus" is its name; "read", "kept", "cleaned" and "shortened" are numbers
            of texts; "dropped" has for each reason "texts", a number, and "examples" of them.

        Raises:
            NothingToLearn: a file cannot be read, or holds no usable text.
            DiskFull: there is no room for the texts.
        """

    @classmethod
    def from_checkpoint(cls, path: Path) -> Self:
        """Load the weights in the folder `path`.

        Raises:
            CheckpointUnusable: they are damaged, or of a format this version does not read.
        """

    @classmethod
    def train(  # noqa: PLR0913 - one training with all it needs
        cls,
        corpus: Sequence[Path],
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Report,
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Train from nothing on the corpus files and the lessons; leave weights in `into`.

        Args:
            corpus: files or folders.
            lessons: what editors decided.
            into: folder of the new checkpoint.
            seed: of every choice.
            minutes: for all of it.
            report: hears how it goes.
            settings: those that differ from the usual ones; `choices.SETTINGS` names them.
            work: folder to keep the training's place in; one that was cut off goes on from there.

        Raises:
            NothingToLearn: there is no usable text.
            TrainingCollapsed: the texts became alike; nothing is kept.
            PlaceUnusable: `work` holds another training's place.
            DiskFull: there is no room.
        """


def get_writer_class() -> type[Writer]:
    """Give the writer class that `GALLEY_WRITER` names, importing it now.

    Raises:
        WriterMissing: there is no such class.
    """
    try:
        return import_string(settings.GALLEY_WRITER)
    except ImportError as reason:
        raise WriterMissing(
            _("GALLEY_WRITER names “%(name)s”, which cannot be imported (%(reason)s).")
            % {"name": settings.GALLEY_WRITER, "reason": reason}
        ) from reason


def get_writer(path: Path) -> Writer:
    """Give the writer of the checkpoint in the folder `path`, loading it on first use.

    Raises:
        CheckpointUnusable: the weights are damaged, or of a format this version does not read.
        WriterMissing: `GALLEY_WRITER` names no class.
    """
    return _load(get_writer_class(), path.resolve())


# The one that writes and the one that a training has just left; more would only fill the memory.
@lru_cache(maxsize=2)
def _load(writer_class: type[Writer], path: Path) -> Writer:
    return writer_class.from_checkpoint(path)
