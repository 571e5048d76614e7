"""What a shop teaches its writer: whole trainings, and lessons from the editors' decisions.

`train` begins with nothing; `learn` continues a checkpoint with what editors approved, refused
and rewrote. Both end in a folder that `checkpoint.load` reads, or in an exception and nothing.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from generation.gan import checkpoint as checkpoints
from generation.gan.batches import Pair
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import DiscriminatorConfig, GeneratorConfig, TrainingConfig
from generation.gan.game import adversarial_training
from generation.gan.history import History, Reporter
from generation.gan.judging import Judge, Negatives, warm_up
from generation.gan.lessons import Curriculum, Encoder
from generation.gan.likelihood import pretrain_generator
from generation.gan.measuring import encoder_of, measure
from generation.gan.preparation import prepare
from generation.gan.records import Record, read_records
from generation.gan.rollouts import sampled_pairs
from generation.gan.sampling import Draw
from generation.gan.training import Clock
from generation.gan.vocabulary import Vocabulary

# Shares of a training's time: likelihood, the judge's warm-up, the game, a fresh judge.
_SHARES = (0.54, 0.14, 0.20, 0.12)


@dataclass(frozen=True)
class Lesson:
    """An editor's verdict in the writer's terms.

    Args:
        record: the brief with the text that was judged; of an edit, the editor's text.
        label: "approved", "rejected" or "edited".
        weight: how much a rejection counts.
        draft: of an edit, what the writer had written.
    """

    record: Record
    label: str
    weight: float = 1.0
    draft: str = ""


def read_corpus(
    paths: Sequence[Path],
    *,
    split: Mapping[str, Sequence[str]] | None = None,
    weights: Mapping[str, float] | None = None,
) -> tuple[list[Record], list[Record], dict[str, Any]]:
    """Read and prepare corpora: training texts, held-out texts, and what was left out and why.

    Args:
        paths: files or folders.
        split: refs under "dev" are held out, those under "test" are never read; a text of no
            list is held out one time in forty, by its ref.
        weights: the share of an epoch in which a text is drawn, by how its ref begins. Catalogue
            lines that are many and alike are worth less than one.
    """
    held = set((split or {}).get("dev", ()))
    kept_back = set((split or {}).get("test", ()))
    named = held | kept_back | set((split or {}).get("train", ()))
    learn: list[Record] = []
    check: list[Record] = []
    summary: dict[str, Any] = {}
    for path in paths:
        records, report = prepare(r for r in read_records(path) if r.ref not in kept_back)
        for record in records:
            chosen = record.ref in held if record.ref in named else _one_in(record.ref, 40)
            (check if chosen else learn).append(_weighted(record, weights or {}))
        summary[f"{path.parent.name}/{path.name}"] = {
            "read": report.read,
            "kept": report.kept,
            **report.dropped,
        }
    return learn, check, summary


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
    discriminator: dict[str, Any] | None = None,
    lessons: Sequence[Lesson] = (),
) -> Checkpoint:
    """Train a writer from nothing: vocabulary, likelihood, the game, and a fresh judge."""
    config = config or TrainingConfig()
    torch.manual_seed(seed)
    records = [*records, *(item.record for item in lessons if item.label != "rejected")]
    vocabulary = Vocabulary.train(records, size=config.vocab_size)
    checkpoint = checkpoints.build(
        vocabulary,
        GeneratorConfig(
            vocab_size=vocabulary.size,
            copied=tuple(vocabulary.copied_ids),
            **(generator or {}),
        ),
        DiscriminatorConfig(
            vocab_size=vocabulary.size,
            copied=tuple(vocabulary.copied_ids),
            **(discriminator or {}),
        ),
    )
    encoder, history = encoder_of(checkpoint), History(report)
    pretrain_generator(
        checkpoint.generator,
        Curriculum(records, encoder),
        encoder.pairs(held_out),
        config,
        seed=seed,
        clock=Clock(minutes * 60 * _SHARES[0]),
        report=history,
    )
    return finish(
        checkpoint,
        records,
        held_out,
        into=into,
        seed=seed,
        minutes=minutes,
        history=history,
        config=config,
        lessons=lessons,
    )


def finish(  # noqa: PLR0913 - the second half of a training
    checkpoint: Checkpoint,
    records: Sequence[Record],
    held_out: Sequence[Record],
    *,
    into: Path,
    seed: int,
    minutes: float,
    history: History,
    config: TrainingConfig,
    lessons: Sequence[Lesson] = (),
) -> Checkpoint:
    """Play the adversarial game on a likelihood-trained generator, then train a fresh judge."""
    encoder = encoder_of(checkpoint)
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    real = Curriculum(records, encoder).real(chance)
    judge = _judge(checkpoint, real, encoder, lessons, config)
    _fill_pool(checkpoint, judge, chance, size=768)
    clock = Clock(minutes * 60 * _SHARES[1])
    warm_up(judge, config.discriminator_steps, chance=chance, clock=clock, report=history)
    game = adversarial_training(
        checkpoint,
        judge,
        config,
        seed=seed,
        clock=Clock(minutes * 60 * _SHARES[2]),
        report=history,
    )
    _fresh_judge(checkpoint, judge, config, seed=seed, minutes=minutes, report=history)
    checkpoint.metrics = {
        "parameters": _size(checkpoint),
        "corpus": len(records),
        "training": config.to_dict(),
        "adversarial": {name: round(value, 4) for name, value in game.items()},
        "history": history.curves,
        **measure(checkpoint, held_out, seed=seed),
    }
    checkpoints.save(checkpoint, into)
    return checkpoint


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
) -> Checkpoint:
    """Continue a checkpoint with the editors' decisions.

    The judge learns first: refused texts are a stratum of its negatives, approved and rewritten
    ones join its reals, and an edit is a pair that it must put in order. Then the writer plays
    some rounds against it, anchored to what it was, with the editors' texts among the likelihood.

    The rehearsal's texts keep it in practice, so that a few lessons do not undo the rest; what
    became of it is measured on the held-out ones.

    Raises:
        ValueError: there is no approved text to learn from.
        Collapsed: the writer's texts became alike; nothing is saved.
    """
    checkpoint = _copied(checkpoint)
    config = replace(TrainingConfig(), adversarial_rounds=rounds, warmup_steps=1)
    encoder = encoder_of(checkpoint)
    praised = [item.record for item in lessons if item.label != "rejected"]
    own = encoder.pairs(praised)
    real = encoder.pairs(rehearsal) + own * max(1, len(rehearsal) // (10 * max(len(own), 1)))
    if not real:
        raise ValueError("There is no approved text to learn from.")
    judge = _judge(checkpoint, real, encoder, lessons, config)
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    _fill_pool(checkpoint, judge, chance, size=192)
    clock, history = Clock(minutes * 60 * 0.5), History(report)
    warm_up(judge, steps, chance=chance, clock=clock, report=history)
    game = adversarial_training(
        checkpoint, judge, config, seed=seed, clock=Clock(minutes * 60 * 0.4), report=history
    )
    checkpoint.metrics = {
        **checkpoint.metrics,
        "parent": checkpoint.digest,
        "lessons": {
            label: sum(item.label == label for item in lessons)
            for label in ("approved", "rejected", "edited")
        },
        "adversarial": {name: round(value, 4) for name, value in game.items()},
        "history": history.curves,
        **measure(checkpoint, held_out, seed=seed),
    }
    checkpoints.save(checkpoint, into)
    return checkpoint


def _judge(
    checkpoint: Checkpoint,
    real: list[Pair],
    encoder: Encoder,
    lessons: Sequence[Lesson],
    config: TrainingConfig,
) -> Judge:
    rejected, edits = [], []
    for item in lessons:
        pair = encoder.pair(item.record)
        if pair is None:
            continue
        if item.label == "rejected":
            rejected.append((pair, item.weight))
        elif item.label == "edited":
            worse = encoder.pair(item.record.with_text(item.draft))
            if worse is not None:
                edits.append((pair, worse))
    negatives = Negatives(rejected=rejected, facts=frozenset(encoder.vocabulary.plan_ids))
    return Judge(checkpoint.discriminator, real, negatives, config, edits=edits)


def _fill_pool(checkpoint: Checkpoint, judge: Judge, chance: random.Random, *, size: int) -> None:
    """Sample texts for the judge to warm up on, at the temperature of use and at 1."""
    sources = [pair.source for pair in chance.choices(judge.real, k=size)]
    config = checkpoint.sampling
    half = len(sources) // 2
    for part, draw in (
        (sources[:half], Draw()),
        (sources[half:], Draw(config.temperature, config.top_k, config.top_p)),
    ):
        judge.negatives.sampled += sampled_pairs(
            checkpoint.generator,
            checkpoint.vocabulary,
            part,
            seed=chance.getrandbits(30),
            draw=draw,
        )


def _fresh_judge(
    checkpoint: Checkpoint,
    judge: Judge,
    config: TrainingConfig,
    *,
    seed: int,
    minutes: float,
    report: Reporter,
) -> None:
    """Fit the judge that ranks at decoding to the final writer's texts."""
    chance = random.Random(seed + 1)  # noqa: S311 - training, not secrets
    judge.negatives.replayed = judge.negatives.replayed[-400:]
    judge.negatives.sampled = []
    _fill_pool(checkpoint, judge, chance, size=768)
    clock = Clock(minutes * 60 * _SHARES[3])
    warm_up(
        judge,
        config.discriminator_steps,
        chance=chance,
        clock=clock,
        report=report,
        phase="ranking",
    )


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


def _one_in(ref: str, share: int) -> bool:
    return sum(ref.encode()) % share == 0


def _weighted(record: Record, weights: Mapping[str, float]) -> Record:
    named = [weight for start, weight in weights.items() if record.ref.startswith(start)]
    return replace(record, weight=named[0]) if named else record
