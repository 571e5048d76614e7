"""The two players meet: the judge with the editors' lessons, the game, and the judge that ranks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from generation.gan import ranks, writing
from generation.gan.batches import Pair, pad
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import TrainingConfig
from generation.gan.course import Course
from generation.gan.devices import device_of
from generation.gan.game import Game
from generation.gan.judging import Judge, Negatives, WarmUp
from generation.gan.lessons import Encoder
from generation.gan.probing import Probe
from generation.gan.records import Record
from generation.gan.rollouts import rolled_out, sampled_pairs
from generation.gan.sampling import Draw

_FEWEST = 24  # held-out briefs that D learns to choose from; fewer say nothing


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


def judge_of(
    checkpoint: Checkpoint,
    real: list[Pair],
    encoder: Encoder,
    lessons: Sequence[Lesson],
    config: TrainingConfig,
    played: Sequence[Pair] = (),
) -> Judge:
    """The discriminator with what editors decided among what it learns from.

    `played` are the real texts whose briefs the game is for; all of them where there are none.
    """
    rejected, edits, approved = [], [], []
    for item in lessons:
        pair = encoder.pair(item.record)
        if pair is None:
            continue
        if item.label == "rejected":
            rejected.append((pair, item.weight))
        else:
            approved.append((pair, item.weight))
        if item.label == "edited":
            worse = encoder.pair(item.record.with_text(item.draft))
            if worse is not None:
                edits.append((pair, worse, item.weight))
    negatives = Negatives(rejected=rejected, facts=frozenset(encoder.vocabulary.plan_ids))
    return Judge(
        checkpoint.discriminator,
        real,
        negatives,
        config,
        edits=edits,
        approved=approved,
        free=frozenset(encoder.vocabulary.free_ids),
        played=list(played),
    )


def play(  # noqa: PLR0913 - two phases with all they need
    course: Course,
    judge: Judge,
    probe: Probe,
    *,
    chance: random.Random,
    seed: int,
    shares: Sequence[float],
    is_new: bool = False,
) -> None:
    """Warm the judge up on a pool of texts, then play the game.

    A new discriminator begins with the weights of the likelihood-trained generator.
    """
    checkpoint, config = course.checkpoint, judge.config

    def fill(chance: random.Random) -> None:
        if is_new:
            checkpoint.discriminator.begin_from(checkpoint.generator)
        _fill(checkpoint, judge, probe, chance, size=config.pool)

    course.run(
        "discriminator",
        lambda: WarmUp(
            judge,
            config.discriminator_steps,
            name="discriminator",
            fill=fill,
            chance=chance,
            look=probe.accuracy,
        ),
        share=shares[0],
    )
    course.run(
        "adversarial",
        lambda: Game(checkpoint, judge, config, probe=probe, seed=seed),
        share=shares[1],
    )


def fit_for_ranking(course: Course, judge: Judge, probe: Probe, *, seed: int, share: float) -> None:
    """Fit the judge that ranks at decoding to the final writer's texts.

    Which of a writer's drafts is nearest to people's it learns from held-out briefs: of others the
    writer knows by heart what people wrote.
    """

    def fill(chance: random.Random) -> None:
        judge.negatives.replayed = judge.negatives.replayed[-400:]
        judge.negatives.sampled = []
        _fill(course.checkpoint, judge, probe, chance, size=judge.config.pool)

    course.run(
        "ranking",
        lambda: WarmUp(
            judge,
            judge.config.discriminator_steps,
            name="ranking",
            fill=fill,
            chance=random.Random(seed),  # noqa: S311 - training, not secrets
            look=probe.accuracy,
            least=0.1,
        ),
        share=share,
    )
    _learn_to_choose(course.checkpoint, judge, probe.held_out, seed=seed)


@torch.no_grad()
def _learn_to_choose(
    checkpoint: Checkpoint, judge: Judge, held_out: Sequence[Pair], *, seed: int
) -> None:
    """Fit D's chooser to drafts for held-out briefs, at each temperature of use.

    Where there are too few of them it stays as it is.
    """
    config, chooser = judge.config, checkpoint.discriminator.chooser
    people: dict[tuple[int, ...], list[list[int]]] = {}
    for pair in held_out:
        people.setdefault(tuple(pair.source), []).append(pair.target)
    briefs = list(people)[: 2 * config.probed]
    if len(briefs) < _FEWEST:
        return
    chooser.remember(judge.real, random.Random(seed))  # noqa: S311 - training, not secrets
    drawn = [
        rolled_out(
            checkpoint.generator,
            checkpoint.vocabulary,
            briefs,
            seed=seed + at,
            draw=Draw(temperature),
            copies=config.drafts,
        )
        for at, temperature in enumerate(config.temperatures)
    ]
    pairs = [pair for some in drawn for pair in some.pairs]
    sources, texts = [pair.source for pair in pairs], pad([pair.target for pair in pairs])
    texts = texts.to(device_of(checkpoint.discriminator))
    logits, _ = writing.judge(checkpoint, sources, texts)
    chooser.fit(
        sources,
        texts,
        logits,
        torch.cat([some.fluency for some in drawn]),
        [people[brief] for _ in drawn for brief in briefs],
    )


def _fill(
    checkpoint: Checkpoint, judge: Judge, probe: Probe, chance: random.Random, *, size: int
) -> None:
    """Sample texts for the judge to warm up on, as they are used and as the game draws them."""
    sources = [pair.source for pair in chance.choices(judge.real, k=ranks.part(size))]
    use = checkpoint.sampling
    draws = [Draw(use.temperature, use.top_k, use.top_p), *map(Draw, judge.config.temperatures)]
    for at, draw in enumerate(draws):
        judge.negatives.sampled += sampled_pairs(
            checkpoint.generator,
            checkpoint.vocabulary,
            sources[at :: len(draws)],
            seed=chance.getrandbits(30),
            draw=draw,
        )
    probe.write(checkpoint.generator)
