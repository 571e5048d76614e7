"""Training: lessons to a new, inactive checkpoint with its figures."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import JobLost
from catalog.holding import held
from generation import gate, live, places
from generation.errors import CheckpointMissing, GenerationError
from generation.models import Checkpoint, Example, TrainingPoint, TrainingRun
from generation.statistics import agreement
from generation.texts import Learnt, Lesson
from generation.writers import Writer, get_writer, get_writer_class

BUNDLED_CORPUS = Path(settings.BASE_DIR) / "catalog" / "starter_shop"
_HELD_OUT = 400  # texts of each label that the judge is tried on, the newest ones

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Wish:
    """What somebody wants to be trained.

    Args:
        feedback: continue a checkpoint with the editors' decisions, or begin with nothing.
        large: tune the language model of `GALLEY_BACKBONE` instead of beginning with nothing.
        minutes: for all of it.
        seed: of every choice.
        at: when it first began; what was decided later is not learnt from.
        name: of the new checkpoint and its folder.
        corpus: files and folders to learn from besides the bundled one, beginning with nothing.
        settings: the library's, where they differ from what is usual.
        parent: the checkpoint to continue; the active one where none is named.
        work: folder to keep the training's place in.
    """

    feedback: bool
    minutes: float
    seed: int
    at: datetime
    name: str
    corpus: Sequence[Path] = ()
    settings: Mapping[str, float] = field(default_factory=dict)
    parent: Checkpoint | None = None
    work: Path | None = None
    large: bool = False


def train(  # noqa: PLR0913 - one training with all it needs
    *,
    feedback: bool,
    corpus: Sequence[Path],
    minutes: float,
    seed: int,
    report: Report,
    large: bool = False,
    work: Path | None = None,
) -> Checkpoint:
    """Train a checkpoint: from the editors' decisions on the active one, or from nothing.

    A `large` one is a language model that is tuned. It keeps its place in the folder `work`, or in
    one of its own: who calls with the same again goes on where it was cut off.

    Raises:
        GenerationError: those of `carry_out`.
    """
    asked = {
        "feedback": feedback,
        "large": large,
        "corpus": [str(path.resolve()) for path in corpus],
        "minutes": minutes,
        "seed": seed,
    }
    with places.held(asked, work) as place:
        if place.is_kept:
            report({"phase": "resumed", "work": str(place.work)})
        wish = Wish(
            feedback=feedback,
            corpus=corpus,
            minutes=minutes,
            seed=seed,
            large=large,
            parent=Checkpoint.objects.filter(digest=place.parent).first(),
            at=place.at,
            name=place.name,
            work=place.work,
        )
        return carry_out(wish, report=report)


def carry_out(wish: Wish, *, report: Report) -> Checkpoint:
    """Train what somebody wants.

    The new checkpoint is not active; a person decides that. The examples it learnt from are
    marked with it.

    Raises:
        CheckpointMissing: feedback was asked for, and no checkpoint is active.
        NothingToLearn: nobody has decided anything, or the corpus holds no usable text.
        TrainingCollapsed: the writer's texts became alike; the old checkpoint writes on.
        PlaceUnusable: it was cut off, and what it began from has changed since.
        DiskFull: there is no room for it.
    """
    examples = Example.objects.for_learning().decided_by(wish.at)
    lessons = examples.lessons(at=wish.at)
    used = list(examples.values_list("pk", flat=True))
    into = Path(settings.GALLEY_CHECKPOINT_DIR) / wish.name
    report({"phase": "prepared"})
    parent = wish.parent or Checkpoint.objects.active().first()
    learnt = left_in(into) or _train(wish, parent, lessons, into=into, report=report)
    report({"phase": "measuring"})
    figures = measured(learnt, parent if wish.feedback else None, at=wish.at)
    checkpoint, _made = Checkpoint.objects.get_or_create(
        digest=learnt.digest,
        defaults={
            "name": wish.name,
            "path": wish.name,
            "metrics": learnt.metrics | figures,
            "parent": parent if wish.feedback else None,
        },
    )
    Example.objects.filter(pk__in=used).update(used_in=checkpoint)
    return checkpoint


def train_run(training_run_id: int) -> int:
    """Carry out one order for training; return 1 if this call trained.

    Safe to call twice: an order that somebody works on is left alone. It stops soon after a
    person stopped the order, and goes on where it was when the order is taken up again.
    """
    lease = uuid.uuid4()
    orders = TrainingRun.objects.filter(pk=training_run_id)
    if not orders.claim(timezone.now(), lease=lease):
        return 0
    order = orders.select_related("parent").get()
    live.announce_training(order.pk)

    def report(line: dict[str, Any]) -> None:
        if not orders.beat(timezone.now(), lease=lease, progress=_without_samples(line)):
            raise JobLost
        if "step" in line:
            TrainingPoint.objects.keep(order, line, lease=lease)
        live.announce_training(order.pk)

    done = 0
    with held(orders, lease, refusals=GenerationError):
        checkpoint = carry_out(
            Wish(
                feedback=order.is_feedback,
                large=order.is_large,
                corpus=order.corpora,
                minutes=order.minutes,
                seed=order.seed,
                settings=order.settings,
                parent=order.parent,
                at=order.started_at,
                name=f"{order.started_at:%Y%m%d-%H%M%S}-{order.pk}",
                work=order.work,
            ),
            report=report,
        )
        done = orders.finish(lease=lease, checkpoint=checkpoint)
        if done:
            order.forget_place()
    live.announce_training(order.pk)
    return done


def measure(checkpoint_id: int) -> int:
    """Ask a checkpoint and the active one what the activation gate asks; return how many were.

    Safe to call twice: the same questions have the same answers.
    """
    checkpoint = Checkpoint.objects.get(pk=checkpoint_id)
    asked = get_writer(checkpoint.require_files()).fitness()
    Checkpoint.objects.filter(pk=checkpoint.pk).keep_figures(fitness=asked)
    return 1 + _ask_active(asked, like=checkpoint.directory)


def left_in(folder: Path) -> Learnt | None:
    """What a training left in a folder, which may have no row yet; None where it left nothing.

    A worker may have died between the two. The card is written last, so weights that have one are
    whole.
    """
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Learnt(path=folder, digest=card["digest"], metrics=card["metrics"])


def measured(learnt: Learnt, parent: Checkpoint | None, *, at: datetime) -> dict[str, Any]:
    """What the gate asks of a new checkpoint, and how its judge agrees with the editors."""
    writer = get_writer(learnt.path)
    figures: dict[str, Any] = {"fitness": writer.fitness()}
    _ask_active(figures["fitness"], like=learnt.path)
    before = get_writer(parent.directory) if parent else None
    return figures | _agreement(writer, before, at=at)


def _train(
    wish: Wish,
    parent: Checkpoint | None,
    lessons: Sequence[Lesson],
    *,
    into: Path,
    report: Report,
) -> Learnt:
    common = {
        "into": into,
        "seed": wish.seed,
        "minutes": wish.minutes,
        "report": report,
        "settings": wish.settings,
        "work": wish.work,
    }
    if wish.large:
        judge = parent.directory if parent else Path(settings.GALLEY_STARTER_CHECKPOINT)
        return get_writer(judge).tune([BUNDLED_CORPUS, *wish.corpus], lessons, **common)
    if not wish.feedback:
        return get_writer_class().train([BUNDLED_CORPUS, *wish.corpus], lessons, **common)
    if parent is None:
        raise CheckpointMissing(
            _("No checkpoint is active: activate one, or train one with manage.py train.")
        )
    Example.objects.for_learning().decided_by(wish.at).require_some()
    return get_writer(parent.directory).learn(lessons, **common)


def _ask_active(asked: Mapping[str, Any], *, like: Path) -> int:
    """Ask the active checkpoint the same questions, unless it has answered them.

    They are about the base corpus of the checkpoint in the folder `like`, which may be another one
    than its own; its own it is asked about once.
    """
    active = Checkpoint.objects.active().first()
    if not asked or active is None or not active.is_complete:
        return 0
    row, metrics = Checkpoint.objects.filter(pk=active.pk), active.metrics
    done = 0
    if "fitness" not in metrics:
        own = get_writer(active.directory).fitness()
        metrics = metrics | {"fitness": own}
        done = row.keep_figures(fitness=own)
    if not gate.answers(metrics, asked):
        given = get_writer(active.directory).fitness(like=like)
        done = row.keep_figures(answers=metrics.get("answers", {}) | {asked["asked"]: given})
    return done


def _agreement(writer: Writer, before: Writer | None, *, at: datetime) -> dict[str, Any]:
    """How well the judge tells approved from rejected drafts, before and after it learnt.

    The drafts are of products that no lesson is about. Each reason's rejections are held against
    all approvals.
    """
    approved, rejected = (
        list(
            Example.objects.held_out()
            .decided_by(at)
            .filter(label=label)
            .order_by("-pk")[:_HELD_OUT]
        )
        for label in (Example.Label.APPROVED, Example.Label.REJECTED)
    )
    judges = {"after": writer} | ({"before": before} if before else {})
    scores = {
        name: (_scores(judge, approved, at=at), _scores(judge, rejected, at=at))
        for name, judge in judges.items()
    }
    reasons = [example.reason for example in rejected]
    return _mean_scores(*scores["after"]) | {"agreement": agreement(scores, reasons)}


def _scores(writer: Writer, examples: Sequence[Example], *, at: datetime) -> list[float]:
    lessons = [example.lesson(at=at) for example in examples]
    if not lessons:
        return []
    return writer.score([lesson.brief for lesson in lessons], [lesson.text for lesson in lessons])


def _mean_scores(approved: Sequence[float], rejected: Sequence[float]) -> dict[str, Any]:
    """How the judge scores examples that it never learnt from, by label."""
    return {
        f"held_out_{label}": {
            "texts": len(scores),
            "mean_score": round(sum(scores) / len(scores), 4),
        }
        for label, scores in (
            (Example.Label.APPROVED, approved),
            (Example.Label.REJECTED, rejected),
        )
        if scores
    }


def _without_samples(line: Mapping[str, Any]) -> dict[str, Any]:
    """Where a training is: its texts are kept with its points."""
    return {name: value for name, value in line.items() if name != "samples"}
