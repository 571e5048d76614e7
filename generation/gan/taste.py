"""Does the writer learn an editor's taste? A simulated editor with one rule says.

The editor refuses every draft that shows one fault and approves every other. What matters then is
whether the discriminator tells refused drafts of other products from approved ones better than
before, and how many drafts of products that it never decided on still show the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.gan import learning, metrics, writing
from generation.gan.adversaries import Lesson
from generation.gan.checkpoint import Checkpoint
from generation.gan.history import Reporter
from generation.gan.records import Record

_BATCH = 16


@dataclass(frozen=True)
class Editor:
    """Somebody who minds one thing.

    Args:
        fault: what a draft must not show.
    """

    fault: re.Pattern[str]

    def decide(self, draft: Record) -> Lesson:
        """Refuse a draft that shows the fault; approve any other."""
        shows = self.fault.search(draft.text) is not None
        return Lesson(draft, "rejected" if shows else "approved")


def taste(  # noqa: PLR0913 - one experiment with all it needs
    checkpoint: Checkpoint,
    briefs: Sequence[Record],
    others: Sequence[Record],
    *,
    editor: Editor,
    rehearsal: Sequence[Record],
    held_out: Sequence[Record],
    into: Path,
    decisions: int = 200,
    seed: int,
    minutes: float,
    report: Reporter,
) -> dict[str, Any]:
    """Let an editor decide drafts, learn from that, and measure what was learnt.

    Args:
        checkpoint: who writes.
        briefs: of the products whose drafts the editor decides.
        others: of products that no decision is about, for every measurement.
        editor: decides.
        rehearsal: texts that keep the writer in practice.
        held_out: texts that show whether it forgot.
        into: folder of the checkpoint that has learnt.
        decisions: how many are made.
        seed: of the drafts and of the learning.
        minutes: for the learning.
        report: hears how it goes.

    Returns:
        How many drafts were refused; the area under the ROC curve between approved and refused
        drafts of the other products before and after; the share of their drafts that show the
        fault before and after; and the held-out likelihood before and after.

    Raises:
        ValueError: the editor never or always refuses, so that there is nothing to tell apart.
    """
    lessons = [editor.decide(draft) for draft in _drafts(checkpoint, briefs, decisions, seed=seed)]
    asked = 2 * len(others)
    before = [editor.decide(draft) for draft in _drafts(checkpoint, others, asked, seed=seed + 1)]
    for some in (lessons, before):
        refused = sum(item.label == "rejected" for item in some)
        if not 0 < refused < len(some):
            raise ValueError(
                f"The editor refuses {refused} of {len(some)} drafts: "
                "name a fault that some drafts show and some do not."
            )
    learnt = learning.learn(
        checkpoint,
        lessons,
        rehearsal,
        held_out,
        into=into,
        seed=seed,
        minutes=minutes,
        report=report,
    )
    after = [editor.decide(draft) for draft in _drafts(learnt, others, asked, seed=seed + 1)]
    return {
        "decisions": len(lessons),
        "refused": sum(item.label == "rejected" for item in lessons),
        "held_out_decisions": len(before),
        "auc_before": round(_area(checkpoint, before), 4),
        "auc_after": round(_area(learnt, before), 4),
        "fault_share_before": round(_share(before), 4),
        "fault_share_after": round(_share(after), 4),
        "held_out_nll_before": checkpoint.metrics.get("held_out_nll"),
        "held_out_nll_after": learnt.metrics.get("held_out_nll"),
        "drafts_before": [item.record.text for item in before[:8]],
        "drafts_after": [item.record.text for item in after[:8]],
    }


def _drafts(
    checkpoint: Checkpoint, briefs: Sequence[Record], count: int, *, seed: int
) -> Iterator[Record]:
    """The best draft for each brief, again and again with other chance, until there are enough."""
    wanted = [briefs[at % len(briefs)] for at in range(count)]
    for start in range(0, count, _BATCH):
        some = wanted[start : start + _BATCH]
        wishes = [
            writing.Wish(
                record.with_text(""),
                *writing.USUAL_BOUNDS[record.language, record.kind],
                seed=seed * 100_003 + start + at,
            )
            for at, record in enumerate(some)
        ]
        for record, texts in zip(some, writing.write(checkpoint, wishes, variants=1), strict=True):
            if texts:
                yield record.with_text(texts[0].text)


def _area(checkpoint: Checkpoint, decided: Sequence[Lesson]) -> float:
    """How well D tells approved from refused drafts: the area under the ROC curve."""
    scores = writing.score(checkpoint, [item.record for item in decided])
    approved = [s for s, item in zip(scores, decided, strict=True) if item.label == "approved"]
    refused = [s for s, item in zip(scores, decided, strict=True) if item.label == "rejected"]
    return metrics.auc(approved, refused)


def _share(decided: Sequence[Lesson]) -> float:
    return sum(item.label == "rejected" for item in decided) / len(decided)
