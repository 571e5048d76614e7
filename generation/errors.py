"""What generation refuses, and why.

    GenerationError
    ├── CheckpointMissing     no weights to write or to continue with
    ├── CheckpointUnusable    weights are there, but damaged or of another format
    ├── CheckpointNotAdded    one that was trained elsewhere cannot have the name it was given
    ├── CheckpointUnfit       its figures speak against it, and nobody gave a reason to override
    ├── CanaryRefused         a trial cannot start, or has ended already
    ├── NothingToRollBack     no checkpoint wrote before this one, or somebody was faster
    ├── PlaceUnusable         a training cannot be taken up again where it was cut off
    ├── DiskFull              there is no room for a checkpoint, or for a training's place
    ├── NothingToLearn        training was asked for without a single lesson
    ├── TrainingCollapsed     the new weights wrote one text over and over; they were not kept
    ├── FactsMissing          nothing that can be written is known of a product in a language
    ├── BriefsUnreadable      a briefs file is not what the command reads
    ├── CorpusNotKept         prepared texts cannot be written where they were asked for
    ├── NothingToMeasure      a file of texts holds none to measure against
    ├── ReportUnreadable      a plan or a report of a comparison is not what the command reads
    ├── WriterMissing         the class that `GALLEY_WRITER` names is not there
    └── RunNotStartable       the run is not in a state from which it can be started

`str(error)` is one sentence, fit to show an editor.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class GenerationError(Exception):
    """Something generation refuses to do; its text is fit to show an editor."""


class CheckpointMissing(GenerationError):
    """There are no weights to write or to continue with."""


class CheckpointUnusable(GenerationError):
    """The weights are there, but damaged or of a format this version does not read."""


class CheckpointNotAdded(GenerationError):
    """A checkpoint that was trained elsewhere cannot have the name that it was given."""


class CheckpointUnfit(GenerationError):
    """A checkpoint's figures speak against letting it write, and nobody gave a reason."""


class CanaryRefused(GenerationError):
    """A trial cannot start as it was asked for, or has ended already."""


class NothingToRollBack(GenerationError):
    """No checkpoint wrote before the active one, or the active one is not what it was."""


class PlaceUnusable(GenerationError):
    """The place that a training kept cannot be gone on from."""


class DiskFull(GenerationError):
    """There is no room on the disk; what was saved before is untouched."""


class WriterMissing(GenerationError):
    """The class that writes cannot be imported."""


class NothingToLearn(GenerationError):
    """Training was asked for, but there is not a single lesson."""


class TrainingCollapsed(GenerationError):
    """The writer's texts became alike in training; nothing was kept."""


class FactsMissing(GenerationError):
    """Nothing that can be written is known of a product in the language that was asked for.

    Args:
        code: of the finding that says so.
        sentence: the same for a person.
        values: what the finding's sentence names.
    """

    def __init__(
        self, code: str, sentence: str, values: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.code, self.values = code, dict(values)
        super().__init__(sentence)


class BriefsUnreadable(GenerationError):
    """A file of briefs could not be read."""


class CorpusNotKept(GenerationError):
    """Prepared texts cannot be written where they were asked for."""


class NothingToMeasure(GenerationError):
    """A writer cannot be measured on what it was given."""


class ReportUnreadable(GenerationError):
    """A plan or a report of a comparison could not be read."""


class RunNotStartable(GenerationError):
    """The run is not in a state from which it can be started."""
