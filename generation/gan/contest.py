"""Two writers from one likelihood-trained base: one that played the game, and one that did not.

Whether the game helped is only known against a control that got as much: as many updates of the
generator, at the same rate, with the same averaging, on as many texts, by likelihood alone (Caccia
et al. 2020: without it, most of what looks like a gain is further likelihood training).
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import devices, ranks
from generation.gan.adversaries import fit_for_ranking, judge_of, play
from generation.gan.batches import Pair, collate
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import TrainingConfig
from generation.gan.course import Course
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.keeping import Keeper, State, fingerprint, optimizer_state, restore_optimizer
from generation.gan.lessons import Curriculum, written_by_people
from generation.gan.likelihood import likelihood_of
from generation.gan.measuring import encoder_of
from generation.gan.probing import Probe
from generation.gan.records import Record
from generation.gan.training import (
    Clock,
    blend,
    linear,
    optimizer_for,
    set_rate,
    update,
    warmed,
)

_HOURS = 24 * 60.0  # minutes: lengths are given in steps, not in time


class Continued:
    """The control: as many updates as the game has rounds, on as many texts, by likelihood.

    Args:
        generator: learns on.
        real: the texts that the game's discriminator would take for real.
        config: the game's rates and lengths.
        seed: of the batches.
    """

    def __init__(
        self, generator: Generator, real: Sequence[Pair], config: TrainingConfig, *, seed: int
    ) -> None:
        self.generator, self.real, self.config = generator, real, config
        self.chance = ranks.apart(random.Random(seed))  # noqa: S311 - training, not secrets
        self.average = copy.deepcopy(generator).requires_grad_(requires_grad=False)
        self.optimizer = optimizer_for(generator, config.generator_rate, config)
        self.step = 0

    def state(self) -> State:
        """Where it stands."""
        return {
            "step": self.step,
            "average": self.average.state_dict(),
            "optimizer": optimizer_state(self.optimizer),
        }

    def restore(self, state: State) -> None:
        """Stand where `state` was taken."""
        self.step = state["step"]
        self.average.load_state_dict(state["average"])
        restore_optimizer(self.optimizer, state["optimizer"])

    def run(self, clock: Clock, report: Reporter, rest: Callable[[], None]) -> None:
        """Learn to the end; the average stays, as in the game."""
        rounds = self.config.adversarial_rounds
        texts = ranks.part(self.config.briefs_per_round) * self.config.samples_per_brief
        while self.step < rounds:
            pace = linear((self.step + 1) / rounds)
            rate = self.config.generator_rate * pace
            set_rate(self.optimizer, rate * warmed(self.step, self.config.warmup_rounds))
            self.generator.train()
            loss = likelihood_of(self.generator, collate(self.chance.choices(self.real, k=texts)))
            norm = update(self.optimizer, loss, self.generator, self.config.clip_norm)
            blend(self.average, self.generator, self.config.average_decay)
            self.step += 1
            if self.step % 5 == 0:
                line = {"phase": "continued", "step": self.step, "seconds": clock.used}
                report(line | {"loss": loss.item(), "gradient_norm": norm})
            rest()
        self.generator.load_state_dict(self.average.state_dict())

    def result(self) -> dict[str, float]:
        """How many updates it got."""
        return {"steps": self.step}


def contest(  # noqa: PLR0913 - one experiment with all it needs
    base: Checkpoint,
    records: Sequence[Record],
    held_out: Sequence[Record],
    *,
    into: Path,
    seed: int,
    report: Reporter,
    config: TrainingConfig | None = None,
    work: Path | None = None,
    device: str = "auto",
) -> dict[str, Checkpoint]:
    """Train both from the base; leave them in the folders "continued" and "gan" of `into`.

    Lengths are those of the config in steps; there is no clock, so that a seed says everything.
    Both carry the discriminator that was fitted to rank in the end.

    Args:
        base: a checkpoint whose generator was trained by likelihood alone.
        records: texts to learn from.
        held_out: texts for the game's gate.
        into: folder for both.
        seed: of everything after the base.
        report: hears how it goes.
        config: rates and lengths.
        work: folder to keep the place in; what was cut off goes on from there.
        device: "cpu", "cuda", or "auto".
    """
    config, place = config or TrainingConfig(), devices.chosen(device)
    origin = {
        "base": base.digest,
        "corpus": fingerprint(list(records), list(held_out)),
        "settings": fingerprint(config),
        "seed": str(seed),
        "number of processes": str(ranks.size()),
    }
    encoder = encoder_of(base)
    real = Curriculum(records, encoder).real(random.Random(seed))  # noqa: S311
    left: dict[str, Checkpoint] = {}
    for name in ("continued", "gan"):
        torch.manual_seed(seed + ranks.rank())
        side = replace(
            base,
            generator=copy.deepcopy(base.generator),
            discriminator=copy.deepcopy(base.discriminator),
        )
        keeper = Keeper(work and work / name, origin | {"side": name})
        course = Course.begin(side, keeper, minutes=_HOURS, device=place, report=report)
        if name == "continued":
            course.run(
                name,
                lambda side=side: Continued(side.generator, real, config, seed=seed),
                share=1.0,
            )
        else:
            _play(course, real, held_out, config, seed=seed)
        for network in (side.generator, side.discriminator):
            network.to("cpu").eval()
        left[name] = side
    left["continued"].discriminator = left["gan"].discriminator
    if ranks.is_first():
        for name, side in left.items():
            side.metrics = {"contest": {"side": name, "seed": seed, "config": config.to_dict()}}
            checkpoints.save(side, into / name)
    return left


def _play(
    course: Course,
    real: list[Pair],
    held_out: Sequence[Record],
    config: TrainingConfig,
    *,
    seed: int,
) -> None:
    checkpoint = course.checkpoint
    encoder = encoder_of(checkpoint)
    played = written_by_people(real, checkpoint.vocabulary)
    judge = judge_of(checkpoint, real, encoder, (), config, played)
    course.set_judge(judge)
    probe = Probe(checkpoint, held_out, encoder, seed=seed)
    chance = random.Random(seed)  # noqa: S311 - training, not secrets
    play(course, judge, probe, chance=chance, seed=seed, shares=(1.0, 1.0), is_new=True)
    fit_for_ranking(course, judge, probe, seed=seed + 1, share=1.0)
