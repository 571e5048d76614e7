"""What a shop teaches its writer: whole trainings, and lessons from the editors' decisions.

`train` begins with nothing; `learn` continues a checkpoint with what editors approved, refused
and rewrote. Both end in a folder that `checkpoint.load` reads, or in an exception and nothing.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import devices, ranks, storing
from generation.gan.adversaries import Lesson, fit_for_ranking, judge_of, play
from generation.gan.backbones.loading import fingerprint as fingerprint_of
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import BackboneConfig, TrainingConfig
from generation.gan.course import Course, refuse_few, untrained
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.keeping import Keeper, fingerprint
from generation.gan.lessons import Curriculum, written_by_people
from generation.gan.likelihood import Likelihood
from generation.gan.likeness import Likenesses
from generation.gan.measuring import encoder_of
from generation.gan.practice import Practice
from generation.gan.preparation import Preparation, Report
from generation.gan.probing import Probe
from generation.gan.records import Record, line_of, read_records

# Shares of the phases' time, as a training takes them that nothing cuts short: likelihood, the
# judge's warm-up, the game, a fresh judge.
_SHARES = (0.6, 0.1, 0.21, 0.09)
_OVERSAMPLE = 4  # texts that a language model writes for each brief; each one costs more


def read_corpus(
    paths: Sequence[Path],
    *,
    split: Mapping[str, Sequence[str]] | None = None,
    weights: Mapping[str, float] | None = None,
    likenesses: Likenesses | None = None,
    purpose: str = "to learn from",
) -> tuple[list[Record], list[Record], dict[str, Any]]:
    """Read and prepare corpora: training texts, held-out texts, and how many were left out.

    Args:
        paths: files or folders.
        split: refs under "dev" are held out, those under "test" are never read; a text of no
            list is held out one time in forty, by its ref.
        weights: the share of an epoch in which a text is drawn, by how its ref begins. Catalogue
            lines that are many and alike are worth less than one.
        likenesses: finds nearly the same texts, in all files together.
        purpose: what the texts are for, in the words of a refusal.

    Raises:
        ValueError: a file cannot be read, or holds no text that is worth learning from.
    """
    held = set((split or {}).get("dev", ()))
    kept_back = set((split or {}).get("test", ()))
    named = held | kept_back | set((split or {}).get("train", ()))
    learn: list[Record] = []
    check: list[Record] = []
    summary: dict[str, Any] = {}
    preparation = Preparation(likenesses)
    for path in paths:
        report = Report()
        for record in preparation(_but(kept_back, read_records(path), report), report):
            name = record.ref or record.text
            chosen = record.ref in held if record.ref in named else _one_in(name, 40)
            chosen = chosen and record.kind != "review"  # which only teach the languages
            (check if chosen else learn).append(_weighted(record, weights or {}))
        _refuse_useless(path, report, purpose)
        summary[_shown(path)] = report.counts()
    return learn, check, summary


def prepare(
    paths: Sequence[Path], *, into: Path | None = None, likenesses: Likenesses | None = None
) -> Iterator[tuple[str, Report]]:
    """Prepare corpora one after the other, and say of each what was left out and why.

    Args:
        paths: files or folders.
        into: file of JSON lines that gets the prepared texts; a corpus to train on.
        likenesses: finds nearly the same texts, in all files together.

    Raises:
        ValueError: a file cannot be read, or holds no text that is worth learning from.
        DiskFull: there is no room for the prepared texts.
        OSError: they cannot be written.
    """
    preparation = Preparation(likenesses)
    with storing.new_lines(into) as write:
        for path in paths:
            report = Report()
            for record in preparation(read_records(path), report):
                write(line_of(record))
            _refuse_useless(path, report, "to learn from")
            yield _shown(path), report


def train(  # noqa: PLR0913 - one training with all it needs
    records: Sequence[Record],
    held_out: Sequence[Record],
    *,
    into: Path,
    seed: int,
    minutes: float,
    report: Reporter,
    config: TrainingConfig | None = None,
    generator: dict[str, Any] | None = None,
    lessons: Sequence[Lesson] = (),
    work: Path | None = None,
    every_seconds: float = 60,
    device: str = "auto",
    base: Path | None = None,
    prepared: Mapping[str, Any] | None = None,
    large: Large | None = None,
    keeps_texts: bool = False,
    begun: float | None = None,
) -> Checkpoint:
    """Train a writer from nothing: vocabulary, likelihood, the game, and a fresh judge.

    Or tune a language model to be one: then the vocabulary and the discriminator are there.

    Args:
        records: texts to learn from.
        held_out: texts to check on.
        into: folder of the new checkpoint.
        seed: of every choice.
        minutes: for all of it, also for what went before since `begun`. A machine so slow that the
            end of it takes more than its share, 15 %, takes longer.
        report: hears how it goes.
        config: rates and lengths.
        generator: sizes that differ from the usual ones.
        lessons: what editors decided.
        work: folder to keep the training's place in; one that was cut off goes on from there.
        every_seconds: how often the place is kept.
        device: "cpu", "cuda", or "auto".
        base: folder that keeps the writer as it is before the game (`contest` begins there).
        prepared: what `read_corpus` left out, for the card.
        large: the language model to tune, if one shall write.
        keeps_texts: keep some of the texts beside the checkpoint, for trainings that go on from it.
        begun: when the minutes began, as `time.monotonic` tells it; now, where it is None.

    Raises:
        ValueError: there is too little to learn from, `work` is another training's, or the
            language model cannot be used.
        Collapsed: the writer's texts became alike; nothing is saved.
        OSError: there is no room for the checkpoint, or for the place.
    """
    storing.refuse_unwritable(into)
    begun_with = large.origin() if large else {}
    usual = TrainingConfig.for_backbones() if large else TrainingConfig()
    config, place = config or usual, devices.chosen(device)
    records = [*records, *(item.record for item in lessons if item.label != "rejected")]
    refuse_few(len(records))
    origin = {
        "corpus": fingerprint(records, list(held_out), list(lessons)),
        "settings": fingerprint(config, generator),
        **begun_with,
        **_common_origin(seed),
    }
    keeper = Keeper(work, origin, every_seconds=every_seconds)
    torch.manual_seed(seed)
    if large is None:
        checkpoint = untrained(records, config, generator or {}, keeper)
    else:
        checkpoint = large.untrained()
    course = Course.begin(
        checkpoint, keeper, minutes=minutes, device=place, report=report, begun=begun
    )
    encoder = encoder_of(checkpoint)
    curriculum = Curriculum(records, encoder)
    probe = Probe(checkpoint, held_out, encoder, seed=seed, texts=config.probed)
    course.run(
        "likelihood",
        lambda: Likelihood(
            checkpoint.generator,
            curriculum,
            encoder.pairs(held_out),
            config,
            seed=seed,
            look=lambda: probe.figures(checkpoint.generator),
        ),
        share=_SHARES[0],
    )
    if base is not None and ranks.is_first() and "discriminator" not in course.results:
        checkpoints.save(checkpoint, base)
    finish(course, curriculum, probe, config=config, seed=seed, lessons=lessons)
    figures = {
        "parameters": _size(checkpoint),
        "corpus": len(records),
        "prepared": dict(prepared or {}),
        "training": config.to_dict(),
    }
    practice = Practice.drawn(records, held_out, seed=seed) if keeps_texts else None
    return course.conclude(figures, held_out, into=into, seed=seed, practice=practice)


def finish(
    course: Course,
    curriculum: Curriculum,
    probe: Probe,
    *,
    config: TrainingConfig,
    seed: int,
    lessons: Sequence[Lesson] = (),
) -> None:
    """Play the adversarial game on a likelihood-trained generator, then train a fresh judge.

    A language model cannot lend the judge its weights: there it goes on from what it knows.
    """
    checkpoint = course.checkpoint
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    real = curriculum.real(chance)
    played = written_by_people(real, checkpoint.vocabulary)
    judge = judge_of(checkpoint, real, curriculum.encoder, lessons, config, played)
    course.set_judge(judge)
    is_new = isinstance(checkpoint.generator, Generator)
    play(course, judge, probe, chance=chance, seed=seed, shares=_SHARES[1:3], is_new=is_new)
    fit_for_ranking(course, judge, probe, seed=seed + 1, share=_SHARES[3])


def learn(  # noqa: PLR0913 - one training with all it needs
    checkpoint: Checkpoint,
    lessons: Sequence[Lesson],
    rehearsal: Sequence[Record],
    held_out: Sequence[Record],
    *,
    into: Path,
    seed: int,
    minutes: float,
    report: Reporter,
    rounds: int = 12,
    steps: int = 120,
    precedent_weight: float = 0.0,
    changes: Mapping[str, float] | None = None,
    work: Path | None = None,
    every_seconds: float = 60,
    device: str = "auto",
    keeps_texts: bool = False,
) -> Checkpoint:
    """Continue a checkpoint with the editors' decisions.

    The judge learns first: refused texts are a stratum of its negatives, approved and rewritten
    ones join its reals, and an edit is a pair that it must put in order. Then the writer plays
    some rounds against it, anchored to what it was, with the editors' texts among the likelihood.

    Precedents have no say in it, unless they are given one: what an editor refuses may stand in
    many of the corpus' texts.

    The rehearsal's texts keep it in practice, so that a few lessons do not undo the rest; what
    became of it is measured on the held-out ones. `changes` are fields of `TrainingConfig` that
    differ from what is usual here. `work`, `every_seconds` and `device` are those of `train`; with
    `keeps_texts` the rehearsal and the held-out texts are kept beside the new checkpoint, whole.

    Raises:
        ValueError: there is no approved text to learn from, or `work` is another training's.
        Collapsed: the writer's texts became alike; nothing is saved.
        OSError: there is no room for the checkpoint, or for the place.
    """
    storing.refuse_unwritable(into)
    is_large = isinstance(checkpoint.generator_config, BackboneConfig)
    usual = replace(
        TrainingConfig.for_backbones() if is_large else TrainingConfig(),
        adversarial_rounds=rounds,
        discriminator_steps=steps,
        precedent_weight=precedent_weight,
        pool=96 if is_large else 192,
        gate_rounds=4,
    )
    config = replace(usual, **(changes or {}))
    origin = {
        "checkpoint": checkpoint.digest,
        "decisions": fingerprint(list(lessons)),
        "corpus": fingerprint(list(rehearsal), list(held_out)),
        "settings": fingerprint(config),
        **_common_origin(seed),
    }
    parent, checkpoint, place = checkpoint.digest, _copied(checkpoint), devices.chosen(device)
    encoder = encoder_of(checkpoint)
    own = encoder.pairs([item.record for item in lessons if item.label != "rejected"])
    real = encoder.pairs(rehearsal) + own * max(1, len(rehearsal) // (10 * max(len(own), 1)))
    if not real:
        raise ValueError("There is no approved text to learn from.")
    keeper = Keeper(work, origin, every_seconds=every_seconds)
    torch.manual_seed(seed + ranks.rank())
    course = Course.begin(checkpoint, keeper, minutes=minutes, device=place, report=report)
    judge = judge_of(checkpoint, real, encoder, lessons, config)
    course.set_judge(judge)
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    probe = Probe(checkpoint, held_out, encoder, seed=seed, texts=config.probed)
    play(course, judge, probe, chance=chance, seed=seed, shares=(0.5, 0.4))
    figures = {
        **checkpoint.metrics,
        "parent": parent,
        "training": config.to_dict(),
        "lessons": {
            label: sum(item.label == label for item in lessons)
            for label in ("approved", "rejected", "edited")
        },
    }
    practice = Practice(tuple(rehearsal), tuple(held_out)) if keeps_texts else None
    return course.conclude(figures, held_out, into=into, seed=seed, practice=practice)


@dataclass(frozen=True)
class Large:
    """A language model to tune, and what it begins with.

    Args:
        folder: of the language model.
        compact: a checkpoint whose vocabulary the language model's texts are judged in, and whose
            discriminator the game begins with.
    """

    folder: Path
    compact: Checkpoint

    def origin(self) -> dict[str, str]:
        """What a training of it comes from."""
        return {"language model": fingerprint_of(self.folder), "judge": self.compact.digest}

    def untrained(self) -> Checkpoint:
        """The language model with a new adapter, and a copy of the discriminator.

        Raises:
            BackboneUnusable: there is no such model.
        """
        made = checkpoints.build_on(
            self.folder, self.compact.vocabulary, self.compact.discriminator_config
        )
        made.discriminator.load_state_dict(self.compact.discriminator.state_dict())
        made.sampling = replace(self.compact.sampling, oversample=_OVERSAMPLE)
        return made


def _common_origin(seed: int) -> dict[str, str]:
    return {"seed": str(seed), "number of processes": str(ranks.size())}


def _copied(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint that is in use must not change while its successor learns."""
    return replace(
        checkpoint,
        generator=copy.deepcopy(checkpoint.generator),
        discriminator=copy.deepcopy(checkpoint.discriminator),
    )


def _size(checkpoint: Checkpoint) -> int:
    parts = (checkpoint.generator, checkpoint.discriminator)
    return sum(weight.numel() for part in parts for weight in part.parameters())


def _but(refs: set[str], records: Iterable[Record], report: Report) -> Iterator[Record]:
    """The records but those of some refs, which are counted."""
    for record in records:
        if record.ref in refs:
            report.kept_back += 1
        else:
            yield record


def _refuse_useless(path: Path, report: Report, purpose: str) -> None:
    """Refuse a corpus without a text that serves its purpose.

    It may be all kept back, or say again what another one said.

    Raises:
        ValueError: it has none; the message says why, and what is needed.
    """
    if report.kept or report.kept_back or set(report.dropped) & {"duplicate", "near duplicate"}:
        return
    if not report.read:
        raise ValueError(f"{path.name} holds no text {purpose}: it is empty, add texts to it.")
    reasons = ", ".join(report.dropped)
    raise ValueError(
        f"{path.name} holds no text {purpose}: {report.read} read, none usable ({reasons}); "
        "it takes copy in Chinese or English whose numbers stand in its brief."
    )


def _shown(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _one_in(ref: str, share: int) -> bool:
    return sum(ref.encode()) % share == 0


def _weighted(record: Record, weights: Mapping[str, float]) -> Record:
    named = [weight for start, weight in weights.items() if record.ref.startswith(start)]
    return replace(record, weight=named[0]) if named else record
