"""The rows of generation: orders, drafts, lessons and weights."""

from generation.models.activation import Activation
from generation.models.canary import Canary
from generation.models.checkpoint import Checkpoint
from generation.models.draft import Draft
from generation.models.draft_band import DraftBand
from generation.models.draft_finding import DraftFinding
from generation.models.draft_words import DraftWords
from generation.models.evaluation import Evaluation
from generation.models.example import Example
from generation.models.run import Run, Slot
from generation.models.training_run import TrainingPoint, TrainingRun

__all__ = [
    "Activation",
    "Canary",
    "Checkpoint",
    "Draft",
    "DraftBand",
    "DraftFinding",
    "DraftWords",
    "Evaluation",
    "Example",
    "Run",
    "Slot",
    "TrainingPoint",
    "TrainingRun",
]
