"""A judge that had no part in any training: can a stranger tell the texts from people's?

A classifier two-sample test (Lopez-Paz and Oquab 2017). The critic reads characters, knows no
brief, shares no weight, token or layer with the discriminator, and is made anew for each question.
Letters: B texts, C characters, E width.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

_WIDTH = 48
_RATE = 3e-3
_EPOCHS = 14
_BATCH = 32
_LONGEST = 320  # characters that are read
_PAD, _RARE = 0, 1


@dataclass(frozen=True)
class Verdict:
    """What the critic made of texts that it had not learnt from.

    It is told that half of the texts are people's, and takes the likelier half for them. So a
    rate of 0.5 is chance, whichever way the critic leans (with a threshold of its own, two sets
    of people's texts gave rates from 0.47 to 0.61).

    Args:
        fooled: for each generated text whether it was taken for one of people's.
    """

    fooled: tuple[bool, ...]

    @property
    def texts(self) -> int:
        """How many generated texts there were, and as many of people."""
        return len(self.fooled)

    @property
    def fool_rate(self) -> float:
        """Share of the generated texts that it takes for people's; 0.5 is indistinguishable."""
        return sum(self.fooled) / len(self.fooled)

    @property
    def accuracy(self) -> float:
        """Share of all texts that it takes for what they are; 0.5 is indistinguishable."""
        return 1 - self.fool_rate


class Critic(nn.Module):
    """Convolutions over characters, one wider than the other, read out by their maxima.

    Args:
        size: how many characters it knows; id 0 is padding, 1 any other character.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(size, _WIDTH, padding_idx=_PAD)
        self.near = nn.Conv1d(_WIDTH, _WIDTH, 3, padding=1)
        self.far = nn.Conv1d(_WIDTH, _WIDTH, 3, padding=3, dilation=3)
        self.judge = nn.Linear(3 * _WIDTH, 1)

    def forward(self, texts: Tensor) -> Tensor:
        """Give logits (B,) of characters (B, C); above 0 it takes a text for a person's."""
        real = (texts != _PAD).unsqueeze(1)  # (B, 1, C)
        lanes = functional.dropout(self.embed(texts), 0.2, self.training).transpose(1, 2) * real
        near = functional.gelu(self.near(lanes)) * real  # (B, E, C)
        far = functional.gelu(self.far(near)) * real
        average = (near + far).sum(2) / real.sum(2)
        most = [found.masked_fill(~real, -1.0).amax(2) for found in (near, far)]  # GELU > -0.2
        read = torch.cat([*most, average], dim=1)  # (B, 3E)
        return self.judge(functional.dropout(read, 0.3, self.training)).squeeze(-1)


def ask_critic(real: Sequence[str], generated: Sequence[str], *, seed: int) -> Verdict | None:
    """Let a critic learn on one half of the briefs and judge the other, then the other way round.

    Args:
        real: for each brief a text that a person wrote.
        generated: for each brief, in the same order, the text to be judged. Both texts of a brief
            are in one half, so that what a brief is about gives nothing away.
        seed: of the halves and of the training.

    Returns:
        None for fewer than eight briefs: nobody could learn anything.
    """
    if len(real) != len(generated):
        raise ValueError("The critic needs one text of each kind for every brief.")
    if len(real) < 8:
        return None
    order = random.Random(seed).sample(range(len(real)), len(real))  # noqa: S311 - a measurement
    halves = order[::2], order[1::2]
    fooled: dict[int, bool] = {}
    for learnt, asked in (halves, halves[::-1]):
        reader = _Reader([text for at in learnt for text in (real[at], generated[at])])
        critic = _taught(reader, [(real[at], generated[at]) for at in learnt], seed=seed)
        on_real = _logits(critic, reader, [real[at] for at in asked])
        on_generated = _logits(critic, reader, [generated[at] for at in asked])
        middle = statistics.median([*on_real, *on_generated])
        fooled |= {at: logit > middle for at, logit in zip(asked, on_generated, strict=True)}
    return Verdict(tuple(fooled[at] for at in range(len(real))))


class _Reader:
    """Characters to ids: those that occur twice in what was learnt from; others are one."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = Counter(letter for text in texts for letter in text)
        known = sorted(letter for letter, count in counts.items() if count > 1)
        self.ids = {letter: at for at, letter in enumerate(known, start=2)}
        self.size = len(known) + 2

    def __call__(self, texts: Sequence[str]) -> Tensor:
        rows = [
            [self.ids.get(letter, _RARE) for letter in text[:_LONGEST] or " "] for text in texts
        ]
        longest = max(map(len, rows))
        return torch.tensor([[*row, *([_PAD] * (longest - len(row)))] for row in rows])


def _taught(reader: _Reader, pairs: Sequence[tuple[str, str]], *, seed: int) -> Critic:
    """Teach a new critic; the caller's own chance is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = Critic(reader.size).train()
        optimizer = torch.optim.AdamW(critic.parameters(), lr=_RATE, weight_decay=0.05)
        chance = random.Random(seed)  # noqa: S311 - a measurement
        labelled = [(text, float(at == 0)) for pair in pairs for at, text in enumerate(pair)]
        for _ in range(_EPOCHS):
            chance.shuffle(labelled)
            for start in range(0, len(labelled), _BATCH):
                some = labelled[start : start + _BATCH]
                logits = critic(reader([text for text, _ in some]))
                labels = torch.tensor([label for _, label in some])
                loss = functional.binary_cross_entropy_with_logits(logits, labels)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
    return critic.eval()


@torch.no_grad()
def _logits(critic: Critic, reader: _Reader, texts: Sequence[str]) -> list[float]:
    values: list[float] = []
    for start in range(0, len(texts), 64):
        values += critic(reader(texts[start : start + 64])).tolist()
    return values
