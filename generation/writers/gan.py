"""The real writer: Galley's own briefs and lessons in front of the GAN library.

The only module outside the library that knows PyTorch exists. It is named in settings and
loaded on first use, so that the web process never pays for it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import torch
from django.conf import settings as django_settings
from django.utils.translation import gettext as _

from generation import words
from generation.errors import (
    CheckpointUnusable,
    DiskFull,
    NothingToLearn,
    NothingToMeasure,
    PlaceUnusable,
    ReportUnreadable,
    TrainingCollapsed,
)
from generation.gan import checkpoint as checkpoints
from generation.gan import (
    evaluation,
    explaining,
    fitness,
    keeping,
    learning,
    standings,
    storing,
    writing,
)
from generation.gan.backbones.loading import BackboneUnusable
from generation.gan.checkpoint import Checkpoint, CheckpointDamaged
from generation.gan.config import TrainingConfig
from generation.gan.likeness import Likenesses
from generation.gan.practice import Practice
from generation.gan.records import (
    KINDS,
    LANGUAGES,
    STYLES,
    Record,
    corpus_name,
    facts_for_copy,
    read_records,
    usual_style,
)
from generation.gan.training import Collapsed
from generation.texts import Brief, Candidate, Explanation, Learnt, Lesson, Phrase, Pull, Span

logger = logging.getLogger(__name__)

_BUNDLED_CORPUS = Path(__file__).parents[2] / "catalog" / "starter_shop"
_LANGUAGES = {"zh-hans": "zh", "en": "en"}
_FITNESS_SEED = 20  # the same questions for every checkpoint


class GanWriter:
    """Writes, judges and learns with one checkpoint of the text GAN."""

    def __init__(self, checkpoint: Checkpoint, path: Path) -> None:
        self._checkpoint = checkpoint
        self.path = path
        self.digest = checkpoint.digest

    @classmethod
    def from_checkpoint(cls, path: Path) -> Self:
        """Load a checkpoint's folder.

        Raises:
            CheckpointUnusable: it is missing, damaged or of another format.
        """
        torch.set_num_threads(django_settings.GALLEY_TORCH_THREADS)
        try:
            return cls(checkpoints.load(path, backbone=django_settings.GALLEY_BACKBONE), path)
        except CheckpointDamaged as reason:
            raise CheckpointUnusable(str(reason)) from reason

    def write(
        self, briefs: Sequence[Brief], *, variants: int, seeds: Sequence[int]
    ) -> list[list[Candidate]]:
        """Offer up to `variants` texts for each brief, those that D believes most first."""
        wishes = [_wish(brief, seed) for brief, seed in zip(briefs, seeds, strict=True)]
        return [
            [
                Candidate(
                    text=item.text,
                    score=item.score,
                    spans=tuple(Span(*span) for span in item.spans),
                    tokens=item.tokens,
                )
                for item in written
            ]
            for written in writing.write(self._checkpoint, wishes, variants=variants)
        ]

    def explain(
        self, briefs: Sequence[Brief], candidates: Sequence[Candidate]
    ) -> list[Explanation]:
        """What moved D's score of each text, and which fact each of its phrases tells."""
        wishes = [_wish(brief, seed=0) for brief in briefs]
        texts = [
            writing.Written(each.text, each.score, spans=(), tokens=each.tokens)
            for each in candidates
        ]
        return [
            Explanation(
                logit=found.logit,
                baseline=found.baseline,
                pulls=tuple(Pull(**asdict(each)) for each in found.pulls),
                elsewhere=found.elsewhere,
                gap=found.gap,
                phrases=tuple(Phrase(**asdict(each)) for each in found.phrases),
            )
            for found in explaining.explain(self._checkpoint, wishes, texts)
        ]

    def score(self, briefs: Sequence[Brief], texts: Sequence[str]) -> list[float]:
        """D's probability, 0 to 1, that each text reads like approved copy for its brief."""
        records = [
            _record(brief).with_text(text) for brief, text in zip(briefs, texts, strict=True)
        ]
        return writing.score(self._checkpoint, records)

    def learn(  # noqa: PLR0913 - one training with all it needs
        self,
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Callable[[dict], None],
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Continue this checkpoint with the editors' decisions; the old one stays as it is.

        Raises:
            NothingToLearn: there is no lesson.
            CheckpointUnusable: the texts that are kept beside this checkpoint cannot be read.
            TrainingCollapsed: the writer's texts became alike; nothing is kept.
            PlaceUnusable: `work` holds another training's place.
            DiskFull: there is no room.
        """
        if not lessons:
            raise NothingToLearn
        own = _practice_beside(self.path)
        base = own or _bundled_practice()
        with _end_told():
            learnt = learning.learn(
                self._checkpoint,
                [_lesson(lesson) for lesson in lessons],
                base.texts,
                base.held_out,
                into=into,
                seed=seed,
                minutes=minutes,
                report=report,
                changes=settings,
                work=work,
                every_seconds=django_settings.GALLEY_KEEP_PLACE_SECONDS,
                keeps_texts=own is not None,
            )
        return Learnt(path=into, digest=learnt.digest, metrics=learnt.metrics)

    def tune(  # noqa: PLR0913 - one training with all it needs
        self,
        corpus: Sequence[Path],
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Callable[[dict], None],
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Tune the language model of `GALLEY_BACKBONE` against this checkpoint's judge.

        Raises:
            CheckpointUnusable: there is no such language model, or its packages are missing.
            NothingToLearn: the corpora hold no usable text.
            TrainingCollapsed: the writer's texts became alike; nothing is kept.
            PlaceUnusable: `work` holds another training's place.
            DiskFull: there is no room.
        """
        folder = django_settings.GALLEY_BACKBONE
        if folder is None:
            raise CheckpointUnusable(
                _("There is no language model to tune: set GALLEY_BACKBONE to the folder of one.")
            )
        return _trained(
            corpus,
            lessons,
            into=into,
            seed=seed,
            minutes=minutes,
            report=report,
            config=replace(TrainingConfig.for_backbones(), **(settings or {})),
            work=work,
            large=learning.Large(folder, self._checkpoint),
        )

    def copy_into(self, folder: Path) -> None:
        """Leave a copy of this checkpoint's files in a folder, whole or not at all.

        Raises:
            CheckpointUnusable: they changed since they were loaded.
            DiskFull: there is no room for them.
            OSError: they cannot be written; the message is a sentence.
        """
        try:
            checkpoints.copy(self.path, folder)
        except CheckpointDamaged as reason:
            raise CheckpointUnusable(str(reason)) from reason
        except storing.DiskFull as reason:
            raise DiskFull(
                _("There is no room on the disk for the checkpoint: make some and start again.")
            ) from reason

    def fitness(self, *, like: Path | None = None) -> dict[str, Any]:
        """Measure this checkpoint on a base corpus' held-out texts; {} where it can read none.

        Raises:
            CheckpointUnusable: the texts that are kept beside the checkpoint cannot be read.
        """
        base = _practice_beside(like or self.path) or _bundled_practice()
        try:
            return fitness.fitness(self._checkpoint, base.held_out, seed=_FITNESS_SEED)
        except ValueError as reason:
            logger.warning("A checkpoint could not be asked: %s", reason)
            return {}

    def evaluate(
        self, data: Path, *, limit: int, seed: int, style: str | None = None
    ) -> dict[str, Any]:
        """Measure this checkpoint on held-out texts.

        Raises:
            NothingToMeasure: the file holds no text to measure against, or there is no such style.
        """
        if style is not None and style not in STYLES:
            raise NothingToMeasure(
                _("The writer knows no style “%(style)s”; it knows: %(known)s.")
                % {"style": style, "known": ", ".join(STYLES)}
            )
        try:
            figures = evaluation.evaluate(
                self._checkpoint,
                read_records(data),
                seed=seed,
                limit=limit,
                style=style,
                segment=words.segmented,
            )
        except ValueError as reason:
            raise NothingToMeasure(str(reason)) from reason
        return {"data": corpus_name(data), **figures}

    @classmethod
    def compare(
        cls,
        plan: Path,
        data: Sequence[Path],
        *,
        limit: int,
        seed: int,
        report: Callable[[dict], None],
    ) -> dict[str, Any]:
        """Compare the systems of a plan at equal diversity.

        Raises:
            ReportUnreadable: it is no plan, or what it names is not there.
            NothingToMeasure: the files hold too few briefs.
        """
        torch.set_num_threads(django_settings.GALLEY_TORCH_THREADS)
        try:
            read = standings.read_plan(plan, backbone=django_settings.GALLEY_BACKBONE)
        except (CheckpointDamaged, OSError, ValueError) as reason:
            raise ReportUnreadable(str(reason)) from reason
        try:
            return standings.run(read, data, seed=seed, limit=limit, report=report)
        except ValueError as reason:
            raise NothingToMeasure(str(reason)) from reason

    @classmethod
    def prepare(cls, corpus: Sequence[Path], *, into: Path | None) -> Iterator[dict[str, Any]]:
        """Say of each corpus what of it is worth learning from, and what is not and why.

        Raises:
            NothingToLearn: a file cannot be read, or holds no usable text.
            DiskFull: there is no room for the prepared texts.
        """
        try:
            for name, report in learning.prepare(corpus, into=into, likenesses=_likenesses()):
                yield {"corpus": name, **report.to_dict()}
        except storing.DiskFull as reason:
            raise DiskFull(
                _("There is no room on the disk for the prepared texts: make some and start again.")
            ) from reason
        except ValueError as reason:
            raise NothingToLearn(str(reason)) from reason

    @classmethod
    def train(  # noqa: PLR0913 - one training with all it needs
        cls,
        corpus: Sequence[Path],
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Callable[[dict], None],
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Train a writer from nothing on corpora and approved texts.

        Raises:
            NothingToLearn: the corpora hold no usable text.
            TrainingCollapsed: the writer's texts became alike; nothing is kept.
            PlaceUnusable: `work` holds another training's place.
            DiskFull: there is no room.
        """
        return _trained(
            corpus,
            lessons,
            into=into,
            seed=seed,
            minutes=minutes,
            report=report,
            config=replace(TrainingConfig(), **(settings or {})),
            work=work,
        )


def _trained(  # noqa: PLR0913 - one training with all it needs
    corpus: Sequence[Path],
    lessons: Sequence[Lesson],
    *,
    into: Path,
    seed: int,
    minutes: float,
    report: Callable[[dict], None],
    config: TrainingConfig,
    work: Path | None,
    large: learning.Large | None = None,
) -> Learnt:
    """Train on corpora and approved texts, as `learning.train` is wished to."""
    begun = time.monotonic()
    torch.set_num_threads(django_settings.GALLEY_TORCH_THREADS)
    try:
        records, held_out, summary = learning.read_corpus(
            corpus, split=_bundled_split(), likenesses=_likenesses()
        )
    except ValueError as reason:
        raise NothingToLearn(str(reason)) from reason
    report({"phase": "prepared", **summary})
    with _end_told():
        learnt = learning.train(
            records,
            held_out,
            into=into,
            seed=seed,
            minutes=minutes,
            report=report,
            config=config,
            lessons=[_lesson(lesson) for lesson in lessons],
            work=work,
            every_seconds=django_settings.GALLEY_KEEP_PLACE_SECONDS,
            prepared=summary,
            large=large,
            keeps_texts=True,
            begun=begun,
        )
    return Learnt(path=into, digest=learnt.digest, metrics=learnt.metrics)


@contextmanager
def _end_told() -> Iterator[None]:
    """Say in the interface's language why a training ended without a checkpoint."""
    try:
        yield
    except keeping.PlaceUnusable as reason:
        logger.warning("A training cannot be taken up again: %s", reason)
        raise PlaceUnusable(
            _(
                "What it began from is not there any more, so it cannot go on where it was cut "
                "off: delete its place and start a new training."
            )
        ) from reason
    except BackboneUnusable as reason:
        raise CheckpointUnusable(str(reason)) from reason
    except storing.DiskFull as reason:
        logger.warning("A training ended: %s", reason)
        raise DiskFull(
            _(
                "There is no room on the disk for the training: make some and resume it; what was "
                "saved before is whole."
            )
        ) from reason
    except Collapsed as reason:
        raise TrainingCollapsed(
            _("The writer's texts became alike in training; the new checkpoint was not kept.")
        ) from reason


def _likenesses() -> Likenesses:
    """Finds texts that say nearly the same by the words that carry their meaning."""
    return Likenesses(words.content, dict.fromkeys(LANGUAGES, 2))


def _practice_beside(folder: Path) -> Practice | None:
    """The texts that are kept beside a checkpoint; None where there are none.

    Raises:
        CheckpointUnusable: they cannot be read.
    """
    try:
        return Practice.beside(folder)
    except ValueError as reason:
        raise CheckpointUnusable(
            _(
                "The texts beside the checkpoint “%(name)s” cannot be read (%(reason)s): restore "
                "them from a copy, or delete them to go on with the sample shop's."
            )
            % {"name": folder.name, "reason": str(reason).rstrip(".")}
        ) from reason


@lru_cache(maxsize=1)
def _bundled_practice() -> Practice:
    """The sample shop's texts, for a checkpoint with none beside it; preparing takes seconds."""
    texts, held_out, _ = learning.read_corpus([_BUNDLED_CORPUS], split=_bundled_split())
    return Practice(tuple(texts), tuple(held_out))


def _bundled_split() -> dict[str, list[str]]:
    return json.loads((_BUNDLED_CORPUS / "split.json").read_text(encoding="utf-8"))


def _wish(brief: Brief, seed: int) -> writing.Wish:
    return writing.Wish(
        _record(brief),
        low=brief.min_chars,
        high=brief.max_chars,
        seed=seed,
        required=brief.required,
        banned=brief.banned,
    )


def _record(brief: Brief) -> Record:
    """A brief in the library's words: facts are stated calmly, an ad may be lively."""
    return Record(
        ref=brief.product_ref,
        language=_LANGUAGES[brief.language],
        kind=brief.kind if brief.kind in KINDS else "description",
        style=usual_style(brief.kind),
        title=brief.title,
        attributes=facts_for_copy(brief.attributes),
        brand=brief.brand,
        category=brief.category,
        audience=brief.audience,
    )


def _lesson(lesson: Lesson) -> learning.Lesson:
    return learning.Lesson(
        record=_record(lesson.brief).with_text(lesson.text),
        label=lesson.label,
        weight=lesson.weight,
        draft=lesson.draft_text,
    )
