"""Systems side by side: the same briefs, the same chance, the same measures, swept temperature.

A writer that is more careful looks better and is more alike, so a figure at one temperature says
little (Caccia et al. 2020). Every system writes at several temperatures; `differences.py` then
compares where they are equally various. Letters: N briefs, F features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import torch
from torch import Tensor

from generation.gan import features, metrics, slots, truth, writing
from generation.gan.checkpoint import Checkpoint
from generation.gan.critic import ask_critic
from generation.gan.differences import Cell, Sweep
from generation.gan.discriminator import Discriminator
from generation.gan.drawing import Drawn, draw_texts
from generation.gan.figures import Case, Crowd, facts_told, given
from generation.gan.limits import Limits
from generation.gan.sampling import Draw
from generation.gan.vocabulary import length_of

_ROWS = 128  # texts that are written at once
_LEAST = 3  # tokens of a text
_COPIES = 64  # most texts for a brief; keeps the chance of one brief apart from the next

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class System:
    """A way to write: weights, and how one of several texts is chosen.

    Args:
        name: what it is called.
        writers: the weights of each seed in turn; one alone writes for all of them.
        copies: texts drawn for each brief, of which the best stays.
        judges: the discriminators that choose, one for each writer; where there is none, the
            writer's own mean log-probability of a token chooses.
    """

    name: str
    writers: tuple[Checkpoint, ...]
    copies: int = 1
    judges: tuple[Discriminator, ...] = ()

    def __post_init__(self) -> None:
        if not self.writers or not 1 <= self.copies <= _COPIES:
            raise ValueError(f"“{self.name}” needs weights and 1 to {_COPIES} texts a brief.")
        if self.judges and len(self.judges) != len(self.writers):
            raise ValueError(f"“{self.name}” needs one judge for each of its writers.")
        if self.judges and self.copies == 1:
            raise ValueError(f"“{self.name}” has a judge, but one text to choose from.")

    @property
    def decoding(self) -> str:
        """How a text is chosen, in words."""
        if self.copies == 1:
            return "plain"
        return f"best of {self.copies} by {'a judge' if self.judges else 'its own likelihood'}"


def sweep(
    systems: Sequence[System],
    cases: Sequence[Case],
    *,
    temperatures: Sequence[float],
    seeds: Sequence[int],
    with_critic: bool = True,
    report: Report = lambda line: None,
) -> Sweep:
    """Let every system write for every brief at every temperature, once for each seed.

    Args:
        systems: who writes. All are decoded by the same code from the same chance: plain sampling
            with neither top-k nor nucleus, and of several texts the first is the plain one.
        cases: briefs of one language and kind, with what people wrote for them.
        temperatures: of the sampling.
        seeds: each is one run of every system; the n-th writes with the n-th weights.
        with_critic: whether to ask the critic, which is most of the time of measuring.
        report: hears the figures of each cell.
    """
    groups = {case.group for case in cases}
    if len(groups) != 1:
        raise ValueError("Systems are compared on briefs of one language and kind at a time.")
    if len({system.name for system in systems}) < len(systems):
        raise ValueError("Two systems have the same name.")
    length = _usual_length(cases)
    people = Crowd.of(
        [[metrics.tokens(text, case.record.language) for text in case.references] for case in cases]
    )
    human = people.moments()
    cells = []
    for system in systems:
        for turn, seed in enumerate(seeds):
            for temperature in temperatures:
                texts = write(
                    system, cases, turn=turn, temperature=temperature, seed=seed, length=length
                )
                counted = measure(cases, texts, seed=seed, with_critic=with_critic)
                cell = replace(counted, system=system.name, temperature=temperature)
                cells.append(cell)
                report(cell.row(human))
    return Sweep(people, cells)


def write(
    system: System,
    cases: Sequence[Case],
    *,
    turn: int,
    temperature: float,
    seed: int,
    length: str,
) -> list[str]:
    """One text for each brief.

    Args:
        system: who writes.
        cases: the briefs.
        turn: which of its weights.
        temperature: of the sampling.
        seed: of the texts; a brief's chance depends on it and on the brief's place alone.
        length: the length class to ask for.
    """
    writer = system.writers[turn % len(system.writers)]
    if system.judges:
        writer = replace(writer, discriminator=system.judges[turn % len(system.judges)])
    size = max(1, _ROWS // system.copies)
    texts: list[str] = []
    for start in range(0, len(cases), size):
        some = cases[start : start + size]
        chances = [
            (seed * 1_000_003 + start + at) * _COPIES + copy
            for at in range(len(some))
            for copy in range(system.copies)
        ]
        texts += _written(system, writer, some, chances, Draw(temperature), length)
    return texts


def _written(
    system: System,
    writer: Checkpoint,
    cases: Sequence[Case],
    chances: Sequence[int],
    draw: Draw,
    length: str,
) -> list[str]:
    generator = writer.generator
    facts = [slots.facts_of(case.record) for case in cases]
    sources = [
        writer.vocabulary.encode_brief(case.record, held, limit=generator.max_source, length=length)
        for case, held in zip(cases, facts, strict=True)
    ]
    drawn = draw_texts(
        generator,
        writer.vocabulary,
        sources,
        seeds=chances,
        limits=Limits(minimum=[_LEAST] * len(sources), maximum=generator.max_target),
        draw=draw,
        copies=system.copies,
    )
    chosen = _chosen(system, writer, sources, drawn)
    return [
        _rendered(writer, drawn.texts[row], held, case)
        for row, held, case in zip(chosen, facts, cases, strict=True)
    ]


def _chosen(
    system: System,
    writer: Checkpoint,
    sources: Sequence[Sequence[int]],
    drawn: Drawn,
) -> list[int]:
    """The row of each brief's best text."""
    copies = system.copies
    if copies == 1:
        return list(range(len(sources)))
    worth = drawn.fluency
    if system.judges:
        read = [source for source in sources for _ in range(copies)]
        logits, _ = writing.judge(writer, read, drawn.texts)
        liking = writing.liking(writer, read, drawn.texts)
        worth = writing.worth(writer, read, drawn.texts, logits, worth, liking)
    best = worth.view(-1, copies).argmax(1)
    return [brief * copies + int(copy) for brief, copy in enumerate(best)]


def _rendered(writer: Checkpoint, ids: Tensor, facts: slots.Facts, case: Case) -> str:
    language = case.record.language
    pieces = slots.fill(writer.vocabulary.pieces(ids.tolist()), facts, language)
    return writing.render("".join(pieces), language)


def _usual_length(cases: Sequence[Case]) -> str:
    """The length class of the middle one of people's texts: for every brief the same."""
    language = cases[0].record.language
    texts = [text for case in cases for text in case.references]
    return length_of("x" * int(median(map(len, texts))), language)


def measure(
    cases: Sequence[Case],
    texts: Sequence[str],
    *,
    seed: int,
    with_critic: bool = True,
) -> Cell:
    """What a set of texts is worth, brief by brief, so that briefs can be drawn anew.

    Args:
        cases: the briefs.
        texts: one for each.
        seed: of the critic.
        with_critic: whether to ask it.
    """
    language = cases[0].record.language
    split = [metrics.tokens(text, language) for text in texts]
    values = [given(case.record)[0] for case in cases]
    fooled = None
    if with_critic:
        verdict = ask_critic([case.references[0] for case in cases], texts, seed=seed)
        fooled = verdict and torch.tensor(verdict.fooled)
    return Cell(
        system="",
        temperature=0.0,
        seed=seed,
        texts=tuple(texts),
        tokens=tuple(map(tuple, split)),
        counts=torch.tensor(
            [
                metrics.bleu_counts(
                    text, [metrics.tokens(other, language) for other in case.references]
                )
                for text, case in zip(split, cases, strict=True)
            ]
        ),
        alike=torch.tensor(metrics.self_bleus(split), dtype=torch.double),
        told=torch.tensor(
            [
                [sum(truth.covered(text, some, language)), len(some)]
                for text, some in zip(texts, values, strict=True)
            ]
        ),
        made_up=torch.tensor(
            [
                bool(truth.unsupported(text, facts_told(case.record), language))
                for text, case in zip(texts, cases, strict=True)
            ]
        ),
        features=features.features(split),
        fooled=fooled,
    )
