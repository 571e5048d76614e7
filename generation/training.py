"""Training: lessons to a new, inactive checkpoint with its figures."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.errors import CheckpointMissing, JobLost, NothingToLearn
from generation.holding import held
from generation.models import Checkpoint, Example, TrainingRun
from generation.texts import Learnt, Lesson
from generation.writers import get_writer, get_writer_class

BUNDLED_CORPUS = Path(settings.BASE_DIR) / "catalog" / "starter_shop"

Report = Callable[[dict[str, Any]], None]


def train(
    *,
    feedback: bool,
    corpus: Sequence[Path],
    minutes: float,
    seed: int,
    report: Report,
) -> Checkpoint:
    """Train a checkpoint: from the editors' decisions on the active one, or from nothing.

    The new checkpoint is not active; a person decides that. The examples it learnt from are
    marked with it.

    Raises:
        CheckpointMissing: feedback was asked for, and no checkpoint is active.
        NothingToLearn: nobody has decided anything, or the corpus holds no usable text.
        TrainingCollapsed: the writer's texts became alike; the old checkpoint writes on.
    """
    examples = Example.objects.for_learning()
    lessons = examples.lessons()
    used = list(examples.values_list("pk", flat=True))
    folder = f"{timezone.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    into = Path(settings.GALLEY_CHECKPOINT_DIR) / folder
    parent = Checkpoint.objects.active().first()
    if feedback:
        learnt = _continue(parent, lessons, into=into, seed=seed, minutes=minutes, report=report)
    else:
        learnt = get_writer_class().train(
            [BUNDLED_CORPUS, *corpus],
            lessons,
            into=into,
            seed=seed,
            minutes=minutes,
            report=report,
        )
    checkpoint = Checkpoint.objects.create(
        name=folder,
        digest=learnt.digest,
        path=folder,
        metrics=learnt.metrics | _held_out_scores(learnt),
        parent=parent if feedback else None,
    )
    Example.objects.filter(pk__in=used).update(used_in=checkpoint)
    return checkpoint


def train_run(training_run_id: int) -> int:
    """Carry out one order for training; return 1 if this call trained.

    Safe to call twice: an order that somebody works on is left alone. It stops soon after a
    person stopped the order.
    """
    lease = uuid.uuid4()
    orders = TrainingRun.objects.filter(pk=training_run_id)
    if not orders.claim(timezone.now(), lease=lease):
        return 0
    order = orders.get()

    def report(line: dict[str, Any]) -> None:
        if not orders.beat(timezone.now(), lease=lease, progress=line):
            raise JobLost

    with held(orders, lease):
        checkpoint = train(
            feedback=order.is_feedback,
            corpus=[],
            minutes=order.minutes,
            seed=order.seed,
            report=report,
        )
        return orders.finish(lease=lease, checkpoint=checkpoint)
    return 0


def _continue(
    parent: Checkpoint | None,
    lessons: Sequence[Lesson],
    *,
    into: Path,
    seed: int,
    minutes: float,
    report: Report,
) -> Learnt:
    if parent is None:
        raise CheckpointMissing(
            _("No checkpoint is active: activate one, or train one with manage.py train.")
        )
    if not lessons:
        raise NothingToLearn(_("There is nothing to learn from yet: decide some drafts first."))
    writer = get_writer(parent.directory)
    return writer.learn(lessons, into=into, seed=seed, minutes=minutes, report=report)


def _held_out_scores(learnt: Learnt) -> dict[str, Any]:
    """How the new judge scores examples that it never learnt from, by label."""
    writer = get_writer(learnt.path)
    figures: dict[str, Any] = {}
    for label in (Example.Label.APPROVED, Example.Label.REJECTED):
        lessons = Example.objects.held_out().filter(label=label).lessons()[:200]
        if lessons:
            scores = writer.score(
                [lesson.brief for lesson in lessons], [lesson.text for lesson in lessons]
            )
            figures[f"held_out_{label}"] = {
                "texts": len(scores),
                "mean_score": round(sum(scores) / len(scores), 4),
            }
    return figures
