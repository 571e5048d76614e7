"""The course of one training: its phases in order, each of which goes on where it was cut off."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import ranks
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import DiscriminatorConfig, GeneratorConfig, TrainingConfig
from generation.gan.history import History, Reporter
from generation.gan.judging import Judge
from generation.gan.keeping import Keeper, State, chance_of, chance_state
from generation.gan.measuring import encoder_of, measure
from generation.gan.practice import Practice, forget
from generation.gan.records import Record
from generation.gan.training import Clock, Phase
from generation.gan.vocabulary import Vocabulary

_FEWEST = 16  # texts that a training makes sense with
# Of a training's time, what is kept for its end: learning to choose among drafts, and the figures.
_END_SHARE = 0.15


@dataclass
class Course:
    """A training on its way.

    Args:
        checkpoint: what is trained.
        keeper: keeps its place.
        history: hears its lines.
        seconds: for all phases together.
        judge: the discriminator's side, once there is one.
        results: of the phases that are over, by name.
    """

    checkpoint: Checkpoint
    keeper: Keeper
    history: History
    seconds: float
    judge: Judge | None = None
    results: dict[str, dict[str, float]] = field(default_factory=dict)
    _found: State | None = None  # the place to go on from, until the phase there goes on

    @classmethod
    def begin(
        cls,
        checkpoint: Checkpoint,
        keeper: Keeper,
        *,
        minutes: float,
        device: torch.device,
        report: Reporter,
        begun: float | None = None,
    ) -> Course:
        """Bring the networks to their device, and every process to where the training stands.

        Args:
            checkpoint: what is trained.
            keeper: keeps its place.
            minutes: for all of the training.
            device: where the networks go.
            report: hears how it goes.
            begun: when its minutes began, as `time.monotonic` tells it; now, where nothing went
                before.
        """
        history = History(report if ranks.is_first() else _unheard)
        now = time.monotonic()
        spent = now - (now if begun is None else begun)
        seconds = max(minutes * 60 * (1 - _END_SHARE) - spent, 0.0)
        course = cls(checkpoint, keeper, history, seconds)
        found = keeper.found
        if found is not None:
            checkpoint.generator.load_state_dict(found["generator"])
            checkpoint.discriminator.load_state_dict(found["discriminator"])
            history.curves.update(found["curves"])
            course.results, course._found = found["results"], found
        for network in (checkpoint.generator, checkpoint.discriminator):
            ranks.level(network.to(device))
        return course

    def set_judge(self, judge: Judge) -> None:
        """Let the discriminator's side in, as it stood if it took part before the cut."""
        self.judge = judge
        if self._found is not None and self._found["judge"] is not None:
            judge.restore(self._found["judge"])
            judge.negatives.restore(self._own["negatives"])

    def run(self, name: str, begin: Callable[[], Phase], *, share: float) -> dict[str, float]:
        """Run a phase to its end, for at most this share of the time for all of them.

        The place is kept every so often, and where the phase ends. A phase that was over before
        the training was cut off is not begun again.

        Returns:
            What came of it.
        """
        if name not in self.results:
            phase, clock = begin(), Clock(self.seconds * share)
            if self._found is not None:
                self._go_on(phase, clock)

            def rest() -> None:
                if ranks.agree(self.keeper.is_due):
                    self.keep(phase, clock)

            phase.run(clock, self.history, rest)
            self.results[name] = phase.result()
            self.keep(None, clock)
        return self.results[name]

    def conclude(
        self,
        figures: dict[str, Any],
        held_out: Sequence[Record],
        *,
        into: Path,
        seed: int,
        practice: Practice | None = None,
    ) -> Checkpoint:
        """Measure and save what was trained; its place is not needed any more.

        `figures` go on its card; of those of its training it is read how much is measured. The
        `practice` is kept beside it.
        """
        checkpoint = self.checkpoint
        for network in (checkpoint.generator, checkpoint.discriminator):
            network.to("cpu").eval()
        if ranks.is_first():
            game = self.results["adversarial"]
            checkpoint.metrics = {
                **figures,
                "adversarial": {name: round(value, 4) for name, value in game.items()},
                "history": self.history.curves,
                **measure(checkpoint, held_out, seed=seed, most=figures["training"]["measured"]),
            }
            checkpoints.save(checkpoint, into, practice=practice)
            if practice is None:
                forget(into)  # what another training left there
            self.keeper.clear()
        told = ranks.told((checkpoint.metrics, checkpoint.digest))
        checkpoint.metrics, checkpoint.digest = told
        return checkpoint

    @property
    def _own(self) -> State:
        """What this process alone held."""
        return self._found["own"][ranks.rank()]

    def _go_on(self, phase: Phase, clock: Clock) -> None:
        """Put phase, clock and chance where they were."""
        if self._found["phase"] is not None:
            phase.chance.setstate(chance_of(self._own["chance"]))
            phase.restore(self._found["phase"])  # may go back to where an epoch began
            clock.before = self._found["seconds"]
        torch.set_rng_state(self._own["torch"])
        if torch.cuda.is_available() and self._own["cuda"] is not None:
            torch.cuda.set_rng_state(self._own["cuda"])
        self._found = self.keeper.found = None  # hundreds of megabytes

    def keep(self, phase: Phase | None, clock: Clock) -> None:
        """Keep the place, within a phase or between two."""
        own = ranks.gathered(
            {
                "torch": torch.get_rng_state(),
                "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
                "chance": chance_state(phase.chance.getstate()) if phase else None,
                "negatives": self.judge.negatives.state() if self.judge else None,
            }
        )
        if ranks.is_first():
            self.keeper.keep(
                {
                    "vocabulary": self.checkpoint.vocabulary.tokenizer.to_str(),
                    "generator": self.checkpoint.generator.state_dict(),
                    "discriminator": self.checkpoint.discriminator.state_dict(),
                    "judge": self.judge.state() if self.judge else None,
                    "curves": self.history.curves,
                    "results": self.results,
                    "phase": phase.state() if phase else None,
                    "seconds": clock.used,
                    "own": own,
                }
            )
        ranks.wait()  # until the place is on the disk: all must find the same one


def untrained(
    records: Sequence[Record],
    config: TrainingConfig,
    generator: dict[str, Any],
    keeper: Keeper,
) -> Checkpoint:
    """A pair of new networks; with the vocabulary that they had, if their training was cut off."""
    if keeper.found is None:
        trained = Vocabulary.train(records, size=config.vocab_size)
        text = ranks.told(trained.tokenizer.to_str())
    else:
        text = keeper.found["vocabulary"]
    vocabulary = Vocabulary.of(text)
    read = {"vocab_size": vocabulary.size, "copied": tuple(vocabulary.copied_ids)}
    sizes = GeneratorConfig.from_dict({**read, **generator})
    checkpoint = checkpoints.build(vocabulary, sizes, DiscriminatorConfig.like(sizes))
    encoder = encoder_of(checkpoint)
    usable = (pair for record in records if (pair := encoder.pair(record)) is not None)
    refuse_few(sum(1 for _ in islice(usable, _FEWEST)))
    return checkpoint


def refuse_few(texts: int) -> None:
    """Refuse a training on next to nothing, which would end in no writer."""
    if texts < _FEWEST:
        there = "is" if texts == 1 else "are"
        raise ValueError(
            f"A writer needs at least {_FEWEST} texts to learn from, and there {there} {texts} "
            "that it can use: add texts to the corpus."
        )


def _unheard(_: dict) -> None:
    """Where nobody listens: only the first process reports."""
