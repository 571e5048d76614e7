"""The course of a training, kept as the curves that a person looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Reporter = Callable[[dict], None]

# What is drawn of each phase, and what it is drawn over.
_VARIETY = ("distinct_4", "self_bleu_4")
_DRAWN = {
    "likelihood": ("step", ("held_out", "loss", "gradient_norm", *_VARIETY)),
    "discriminator": ("step", ("accuracy", "discriminator_loss", "held_out_accuracy")),
    "adversarial": (
        "step",
        (
            "discriminator_accuracy",
            "reward",
            "drift",
            "generator_loss",
            "discriminator_loss",
            "gradient_norm",
            "held_out",
            "held_out_accuracy",
            *_VARIETY,
        ),
    ),
    "ranking": ("step", ("accuracy", "discriminator_loss", "held_out_accuracy")),
}


@dataclass
class History:
    """Passes every line of a training on, and keeps what its curves need.

    Args:
        report: who hears the lines.
        curves: for each phase, lists of equal length by name; the first is what it runs over.
    """

    report: Reporter
    curves: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def __call__(self, line: dict) -> None:
        """Hear one line of the training."""
        self.report(line)
        over, names = _DRAWN.get(line.get("phase", ""), ("", ()))
        if not names or any(name not in line for name in (over, names[0])):
            return
        curve = self.curves.setdefault(line["phase"], {name: [] for name in (over, *names)})
        for name, values in curve.items():
            value = line.get(name)
            values.append(None if value is None else round(value, 4))
