"""Closed lists of generation: what a person may set of a training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

# What a training does: continues a checkpoint with decisions, begins with nothing, or tunes a
# language model.
TrainingKind = Literal["feedback", "full", "large"]


@dataclass(frozen=True)
class Setting:
    """One number of a training that may differ from what is usual.

    Args:
        name: what the library calls it.
        label: what a person does.
        least: the smallest value allowed.
        most: the largest.
        usual: what it is in a training from nothing.
        usual_feedback: what it is in one from feedback; None where it has no meaning there.
        usual_large: what it is in one that tunes a language model.
    """

    name: str
    label: Any
    least: float
    most: float
    usual: float
    usual_feedback: float | None
    usual_large: float

    @property
    def is_whole(self) -> bool:
        """Say whether it counts something."""
        return isinstance(self.usual, int)

    def usual_in(self, kind: TrainingKind) -> float | None:
        """What it is in a training of that kind, if it has a meaning there."""
        values = {
            "full": self.usual,
            "feedback": self.usual_feedback,
            "large": self.usual_large,
        }
        return values[kind]


SETTINGS = (
    Setting("learning_rate", _("likelihood learning rate"), 1e-6, 1e-2, 1e-3, None, 3e-4),
    Setting("pretrain_epochs", _("likelihood epochs"), 0.1, 50.0, 9.0, None, 2.0),
    Setting(
        "generator_rate", _("the writer's learning rate in the game"), 1e-6, 1e-2, 1e-4, 1e-4, 4e-5
    ),
    Setting("discriminator_rate", _("the judge's learning rate"), 1e-6, 1e-2, 2e-4, 2e-4, 2e-4),
    Setting("discriminator_steps", _("steps of the judge alone"), 1, 5000, 200, 120, 150),
    Setting("adversarial_rounds", _("rounds of the game"), 1, 500, 60, 12, 40),
    Setting("kl_weight", _("pull towards the writer before the game"), 0.0, 1.0, 0.03, 0.03, 0.03),
    Setting(
        "precedent_weight",
        _("weight of precedents and repetition in the game"),
        0.0,
        5.0,
        1.0,
        0.0,
        0.0,
    ),
    Setting("likelihood_weight", _("weight of likelihood in the game"), 0.0, 2.0, 0.3, 0.3, 0.3),
    Setting("rejection_share", _("largest share of rejections"), 0.0, 0.25, 0.25, 0.25, 0.25),
)


# What editors reject drafts for, as review names it; an example keeps the code.
REASONS = {
    "wrong_fact": _("Wrong fact"),
    "dull": _("Dull"),
    "off_brand": _("Off brand"),
    "garbled": _("Garbled"),
    "repetitive": _("Repetitive"),
    "banned_claim": _("Banned claim"),
    "not_needed": _("Not needed"),
}


def all_settings(changed: Mapping[str, float], kind: TrainingKind) -> dict[str, float]:
    """Every setting that a training of that kind has, the changed ones as they were changed."""
    usual = {item.name: item.usual_in(kind) for item in SETTINGS}
    return {name: changed.get(name, value) for name, value in usual.items() if value is not None}


def plain(value: float) -> str:
    """A number as a person writes it: 0.0001, and 450."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
