"""The discriminator learns what to refuse, before the game, in it, and once more after it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from generation.gan import losses, metrics, ranks
from generation.gan.batches import Pair, alike, pad, regathered
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.discriminator import Discriminator
from generation.gan.history import Reporter
from generation.gan.keeping import State, optimizer_state, restore_optimizer
from generation.gan.lessons import corrupted, mismatched
from generation.gan.precedents import Precedents
from generation.gan.repetition import Repetition
from generation.gan.training import Clock, linear, optimizer_for, set_rate, update, warmed
from generation.gan.vocabulary import PAD

_WRONG, _BROKEN = 0.2, 0.2  # of what is refused: real texts for other briefs, and damaged ones
_REWRITTEN = 0.5  # what the draft before an edit counts as a refusal
_LATELY = 480  # texts that say what a writer says too often
_PAIRED = 24  # approved and refused texts of one step
_TOGETHER = 8  # texts of like length that are judged at once
_WARM_STEPS = 20  # in which the rate of a warm-up rises


@dataclass
class Negatives:
    """What the discriminator learns to refuse, by where it comes from.

    Args:
        sampled: the present generator's texts.
        replayed: texts of its earlier selves.
        lately: what it wrote last at each temperature, to know what it says too often.
        rejected: texts that editors refused, with their weights.
        facts: ids of the plan tokens, which turn to an attribute.
    """

    sampled: list[Pair] = field(default_factory=list)
    replayed: list[Pair] = field(default_factory=list)
    rejected: list[tuple[Pair, float]] = field(default_factory=list)
    facts: frozenset[int] = frozenset()
    lately: dict[float, list[Pair]] = field(default_factory=dict)

    def state(self) -> State:
        """The texts that were sampled; the rejections are told anew."""
        return {
            "sampled": _ids(self.sampled),
            "replayed": _ids(self.replayed),
            "lately": {at: _ids(pairs) for at, pairs in self.lately.items()},
        }

    def restore(self, state: State) -> None:
        """Hold what was held where `state` was taken."""
        self.sampled = [Pair(*pair) for pair in state["sampled"]]
        self.replayed = [Pair(*pair) for pair in state["replayed"]]
        self.lately = {  # JSON knows no keys but words
            float(at): [Pair(*pair) for pair in some] for at, some in state["lately"].items()
        }

    def renew(self, sampled: list[Pair], temperature: float, *, keep: int = 2000) -> None:
        """Take new samples in, drawn at a temperature; the old ones become the replay."""
        self.replayed = (self.replayed + self.sampled)[-keep:]
        self.sampled = sampled
        self.lately[temperature] = (self.lately.get(temperature, []) + sampled)[-_LATELY:]

    def draw(
        self, real: Sequence[Pair], size: int, chance: random.Random, *, rejection_share: float
    ) -> tuple[list[Pair], list[float], int]:
        """Draw a batch of texts to refuse.

        The rejections among them are never more than `rejection_share` of it, by number and by
        weight.

        Returns:
            The texts; what each weighs, the mean being 1; and how many of them, at the end, are
            the present generator's.
        """
        pairs, weights = [], []
        human = min(len(self.rejected), round(size * rejection_share))
        for pair, weight in chance.sample(self.rejected, human):
            pairs.append(pair)
            weights.append(weight)
        rest = size - human
        replayed = round(rest * 0.15) if self.replayed else 0
        wrong, broken = round(rest * _WRONG), round(rest * _BROKEN)
        if replayed:
            pairs += chance.choices(self.replayed, k=replayed)
        pairs += mismatched(chance.choices(real, k=wrong), chance) if wrong else []
        pairs += [corrupted(pair, chance, self.facts) for pair in chance.choices(real, k=broken)]
        own = rest - replayed - wrong - broken
        pairs += chance.choices(self.sampled, k=own)
        scale = min(1.0, human / sum(weights)) if weights else 1.0
        weights = [weight * scale for weight in weights] + [1.0] * (len(pairs) - len(weights))
        mean = sum(weights) / len(weights)
        return pairs, [weight / mean for weight in weights], own


def _ids(pairs: Sequence[Pair]) -> list[list[list[int]]]:
    return [[pair.source, pair.target] for pair in pairs]


@dataclass
class Judge:
    """The discriminator with its optimiser and what it has to refuse."""

    discriminator: Discriminator
    real: list[Pair]
    negatives: Negatives
    config: TrainingConfig
    edits: list[tuple[Pair, Pair, float]] = field(default_factory=list)  # (better, worse, weight)
    approved: list[tuple[Pair, float]] = field(default_factory=list)  # by editors, with weights
    free: frozenset[int] = frozenset()  # ids that a text may say again
    played: list[Pair] = field(default_factory=list)  # whose briefs the game is for; else all real
    # How often a real text stands above one of the generator's: an average that fades over steps.
    # Where both stand against 0 says little: what is refused besides moves that, and the game's
    # advantages do not know it.
    accuracy: float = 0.5

    def __post_init__(self) -> None:
        self.played = self.played or self.real
        self._by_brief: dict[tuple[int, ...], list[Pair]] = {}
        for pair in self.real:
            self._by_brief.setdefault(tuple(pair.source), []).append(pair)
        self.optimizer = optimizer_for(
            self.discriminator,
            self.config.discriminator_rate,
            self.config,
            new=self.discriminator.heads,
            new_rate=self.config.heads_rate,
        )

    @cached_property
    def precedents(self) -> Precedents:
        """What people's texts say of how they write; which of a title's texts is no choice."""
        return Precedents.of(self.real, random.Random(0))  # noqa: S311 - training, not secrets

    @cached_property
    def repetition(self) -> Repetition:
        """How often people's texts say a thing again."""
        return Repetition(self.real, self.free)

    def state(self) -> State:
        """What it takes to go on, besides the discriminator and the negatives."""
        return {"accuracy": self.accuracy, "optimizer": optimizer_state(self.optimizer)}

    def restore(self, state: State) -> None:
        """Stand where `state` was taken."""
        self.accuracy = state["accuracy"]
        restore_optimizer(self.optimizer, state["optimizer"])

    def pace(self, share: float) -> None:
        """Take this share of the full rate from now on."""
        set_rate(self.optimizer, self.config.discriminator_rate * share)

    def learn(self, chance: random.Random, *, size: int = 32) -> dict[str, float]:
        """One step on L_D over texts and tokens, and on the editors' pairs.

        Args:
            chance: of the batch.
            size: real texts, and texts to refuse, of all processes together.
        """
        self.discriminator.train()
        size = ranks.part(size)
        fake, weights, own = self.negatives.draw(
            self.real, size, chance, rejection_share=self.config.rejection_share
        )
        real = self._beside(fake[size - own :], chance)
        real += chance.choices(self.real, k=size - len(real))
        device = device_of(self.discriminator)
        on_real, real_tokens, real_ids = self.judged(real, device)
        on_fake, fake_tokens, fake_ids = self.judged(fake, device)
        loss = losses.discriminator_loss(
            on_real,
            on_fake,
            real_label=self.config.real_label,
            fake_weights=torch.tensor(weights, device=device),
        )
        loss = loss + 0.5 * losses.token_loss(real_tokens, fake_tokens, real_ids, fake_ids)
        if self.edits:
            some = chance.choices(self.edits, k=min(16, 2 * len(self.edits)))
            better = self.judged([pair for pair, _, _ in some], device)[0]
            worse = self.judged([pair for _, pair, _ in some], device)[0]
            loss = loss + losses.pair_loss(better, worse)
        if self.approved and self.negatives.rejected:
            loss = loss + self._taste(chance, device)
        norm = update(self.optimizer, loss, self.discriminator, self.config.clip_norm)
        right = (on_real.unsqueeze(1) > on_fake[size - own :]).float().mean().item()
        self.accuracy += 0.05 * (ranks.mean(right) - self.accuracy)
        return {"discriminator_loss": loss.item(), "gradient_norm": norm}

    def _beside(self, written: Sequence[Pair], chance: random.Random) -> list[Pair]:
        """Real texts for the same briefs: what differs then is the writing, not the product."""
        return [
            chance.choice(self._by_brief[tuple(pair.source)])
            for pair in written
            if tuple(pair.source) in self._by_brief
        ]

    def _taste(self, chance: random.Random, device: torch.device) -> Tensor:
        """What an editor approved above what one refused.

        Both are the writer's own, so that real against generated says nothing of either, and the
        texts that keep the judge in practice may show what the editor minds. This loss is a smooth
        form of one less the area under the ROC curve between them, which is what matters.
        """

        def some(judged: Sequence[tuple[Pair, float]]) -> list[Pair]:
            pairs, weights = zip(*judged, strict=True)
            return chance.choices(pairs, weights=weights, k=_PAIRED)

        better = self.judged(some(self.approved), device)[0]
        worse = self.judged(some(self.negatives.rejected), device)[0]
        return losses.pair_loss(better, worse)

    def like(self) -> None:
        """Fit, word by word, what editors let pass and what they refused; see `Liking`.

        A rewritten draft is half a refusal, or less where less was changed: something in it had to
        go, and the rest stayed.
        """
        refused = self.negatives.rejected + [
            (draft, _REWRITTEN * weight) for _, draft, weight in self.edits
        ]
        if not self.approved or not refused:
            return
        sides = self.approved, refused
        texts = [[pair for pair, _ in side] for side in sides]
        better, worse = (torch.tensor([weight for _, weight in side]) for side in sides)
        device = device_of(self.discriminator)
        self.discriminator.eval()
        self.discriminator.liking.weights.zero_()
        with torch.no_grad():
            logits = [
                torch.cat(
                    [
                        self.judged(some[start : start + 64], device)[0]
                        for start in range(0, len(some), 64)
                    ]
                )
                for some in texts
            ]
        self.discriminator.liking.fit(*texts, weights=(better, worse), known=(logits[0], logits[1]))

    def judged(self, pairs: Sequence[Pair], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """D's logits of texts (B,) and of their tokens (B, T), and the tokens' ids (B, T)."""
        longest = self.discriminator.max_target  # a text that says a stretch twice may be longer
        groups = alike(pairs, size=_TOGETHER)
        judged = []
        for group in groups:
            texts = pad([pairs[at].target[:longest] for at in group], multiple=16).to(device)
            sources = pad([pairs[at].source for at in group], multiple=16).to(device)
            with half_precision(device):
                judged.append((*self.discriminator(sources, texts), texts))
        logits, tokens, ids = (regathered(parts, groups) for parts in zip(*judged, strict=True))
        return logits, tokens, ids


class WarmUp:
    """The discriminator alone learns from texts of a generator that stands still.

    In the end it takes in what editors like.

    Args:
        judge: learns.
        steps: of it, at most; fewer where the time is up.
        name: of the phase in its lines.
        fill: gives the judge its texts.
        chance: of the batches.
        look: further figures, taken of every hundredth step and of the last.
        least: the share of the full rate at the end; it falls along a line.
    """

    def __init__(  # noqa: PLR0913 - one phase with all it needs
        self,
        judge: Judge,
        steps: int,
        *,
        name: str,
        fill: Callable[[random.Random], None],
        chance: random.Random,
        look: Callable[[], dict[str, Any]] = dict,
        least: float = 1.0,
    ) -> None:
        self.judge, self.steps, self.name = judge, steps, name
        self.fill, self.look, self.least = fill, look, least
        self.chance = ranks.apart(chance)
        self.step = 0

    def state(self) -> State:
        """Where it stands."""
        return {"step": self.step}

    def restore(self, state: State) -> None:
        """Stand where `state` was taken."""
        self.step = state["step"]

    def run(self, clock: Clock, report: Reporter, rest: Callable[[], None]) -> None:
        """Learn step after step."""
        if not self.step:
            self.fill(self.chance)
        while self.step < self.steps:
            share = ranks.agree(max((self.step + 1) / self.steps, clock.share))
            rate = linear(share, least=self.least)
            self.judge.pace(rate * warmed(self.step, _WARM_STEPS))
            figures = self.judge.learn(self.chance)
            is_last = share >= 1
            if self.step % 25 == 0 or is_last:
                checked = self.look() if self.step % 100 == 0 or is_last else {}
                report(self._line(figures | checked))
            self.step += 1
            if is_last:
                break
            rest()
        self.judge.like()

    def result(self) -> dict[str, float]:
        """The share of the last texts judged right, and how many steps were taken."""
        return {"accuracy": self.judge.accuracy, "steps": self.step}

    def _line(self, figures: dict[str, Any]) -> dict[str, Any]:
        loss, accuracy = figures["discriminator_loss"], self.judge.accuracy
        return {
            "phase": self.name,
            "step": self.step,
            "loss": loss,
            "accuracy": accuracy,
            **figures,
        }


@torch.no_grad()
def held_out_accuracy(
    discriminator: Discriminator, real: Sequence[Pair], fake: Sequence[Pair]
) -> tuple[float, float]:
    """Share of texts judged right, and the area under the ROC curve, on texts never trained on."""
    discriminator.eval()
    device = device_of(discriminator)

    def logits(pairs: Sequence[Pair]) -> list[float]:
        values: list[float] = []
        for start in range(0, len(pairs), 64):
            some = pairs[start : start + 64]
            sources = pad([pair.source for pair in some]).to(device)
            texts = pad([pair.target for pair in some]).to(device)
            values += discriminator(sources, texts)[0].tolist()
        return values

    on_real, on_fake = logits(real), logits(fake)
    right = sum(value > 0 for value in on_real) + sum(value < 0 for value in on_fake)
    return right / (len(real) + len(fake)), metrics.auc(on_real, on_fake)


@torch.no_grad()
def token_quantiles(discriminator: Discriminator, real: Sequence[Pair]) -> list[float]:
    """D's probability of a token of real copy at 5 %, 10 % ... 95 %: what its doubts mean."""
    discriminator.eval()
    device = device_of(discriminator)
    values: list[float] = []
    for start in range(0, len(real), 64):
        texts = pad([pair.target for pair in real[start : start + 64]]).to(device)
        sources = pad([pair.source for pair in real[start : start + 64]]).to(device)
        values += discriminator(sources, texts)[1].sigmoid()[texts != PAD].tolist()
    values.sort()
    return [round(values[len(values) * step // 20], 4) for step in range(1, 20)] if values else []
