"""The gate before activation: what speaks against letting a checkpoint write.

The figures are those that a training leaves in a checkpoint's metrics under "fitness": what it
makes of held-out texts of its own base corpus. The active checkpoint is asked the same; where its
own base corpus is another one, its figures lie under "answers". Nothing is refused on a feeling,
and what was not measured does not pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

WORSE = 0.02  # how much may be lost against the active checkpoint, relative
_ALIKE = 0.5  # of the distinct bigrams of people's texts: below it the texts became alike


@dataclass(frozen=True)
class Objection:
    """One reason against a checkpoint; `sentence` says it to a person.

    Args:
        code: which rule it breaks.
        values: the figures that its sentence names.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the objection as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` gave."""
        return cls(**data)

    @property
    def sentence(self) -> str:
        """The objection in the reader's language."""
        words = {
            "unmeasured": _("Its figures are missing: measure it first."),
            "active_unmeasured": _(
                "The active checkpoint was not measured on the same texts: measure it first."
            ),
            "alike_zh": _(
                "Its Chinese texts became alike: %(now).2f distinct bigrams, people have "
                "%(people).2f."
            ),
            "alike_en": _(
                "Its English texts became alike: %(now).2f distinct bigrams, people have "
                "%(people).2f."
            ),
            "unsupported": _("%(count)d of %(texts)d texts state a number that the brief lacks."),
            "coverage": _(
                "It tells fewer facts: %(now).1f %% of them, the active one %(before).1f %%."
            ),
            "forgot": _(
                "It forgot: the loss on the base corpus is %(now).3f nats a character, the "
                "active one's %(before).3f."
            ),
        }
        return words[self.code] % self.values


def objections(
    metrics: Mapping[str, Any], active: Mapping[str, Any] | None = None
) -> list[Objection]:
    """What speaks against a checkpoint; nothing if it may write.

    Args:
        metrics: its own.
        active: those of the checkpoint that it would succeed, if there is one.
    """
    ours = metrics.get("fitness")
    if not is_measured(ours):
        return [Objection("unmeasured")]
    found = [
        Objection(f"alike_{language}", {"now": row["generated"], "people": row["human"]})
        for language, row in ours["distinct_2"].items()
        if row["generated"] < _ALIKE * row["human"]
    ]
    if ours["unsupported"]:
        found.append(
            Objection("unsupported", {"count": ours["unsupported"], "texts": ours["texts"]})
        )
    return found + (_worse(ours, answers(active, ours)) if active is not None else [])


def answers(metrics: Mapping[str, Any], asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a checkpoint answered to the questions that another one's figures are about.

    Args:
        metrics: its own.
        asked: the other one's figures.
    """
    questions = asked.get("asked")
    own = metrics.get("fitness") or {}
    return own if own.get("asked") == questions else metrics.get("answers", {}).get(questions)


def is_measured(figures: Mapping[str, Any] | None) -> bool:
    """Whether these figures say all that the gate asks."""
    wanted = ("asked", "texts", "loss", "coverage", "unsupported", "distinct_2")
    return (
        bool(figures)
        and all(figures.get(name) is not None for name in wanted)
        and bool(figures["texts"] and figures["distinct_2"])
    )


def _worse(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> list[Objection]:
    if not is_measured(theirs):
        return [Objection("active_unmeasured")]
    found = []
    if ours["coverage"] < theirs["coverage"] * (1 - WORSE):
        shares = {"now": 100 * ours["coverage"], "before": 100 * theirs["coverage"]}
        found.append(Objection("coverage", shares))
    if ours["loss"] > theirs["loss"] * (1 + WORSE):
        found.append(Objection("forgot", {"now": ours["loss"], "before": theirs["loss"]}))
    return found
