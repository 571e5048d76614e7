"""The adversarial game: alternate updates of discriminator and generator, round by round."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from generation.gan import losses, metrics, ranks
from generation.gan.batches import Pair, alike, collate, pad, regathered
from generation.gan.checkpoint import Checkpoint
from generation.gan.config import TrainingConfig
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import Generator
from generation.gan.history import Reporter
from generation.gan.judging import Judge
from generation.gan.keeping import State, optimizer_state, restore_optimizer
from generation.gan.likelihood import held_out_loss, likelihood_of
from generation.gan.probing import Probe
from generation.gan.records import LANGUAGES
from generation.gan.repetition import Repetition
from generation.gan.rollouts import Rollouts, rolled_out, sampled_pairs
from generation.gan.sampling import Draw
from generation.gan.training import (
    Clock,
    Collapsed,
    blend,
    copied,
    linear,
    optimizer_for,
    set_rate,
    update,
    warmed,
)
from generation.gan.vocabulary import BEGIN, END, PAD, Vocabulary

_FAILURES = 2  # of the gate in a row that end the game
_TOGETHER = 16  # texts of like length that are looked at at once
_WORST = 12  # -log D of one text; a bound where D is sure of most would leave nothing to learn
_REPETITION = 2.0  # what saying a thing again weighs beside a precedent; 1 left a third of it
_CHECKED = 96  # texts that are looked at for collapse


class Game:
    """Plays rounds until time or rounds are used up, or until the gate closes twice in a row.

    The average of the generator's weights is what ships. Every few rounds it has to pass a gate
    (`gate`) against the generator that the game began with, the anchor; the average that passed
    last stays, or the anchor itself.

    Args:
        checkpoint: whose generator plays.
        judge: plays against it.
        config: rates and lengths.
        probe: held-out briefs to write for at each check.
        seed: of every choice.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        judge: Judge,
        config: TrainingConfig,
        *,
        probe: Probe,
        seed: int,
    ) -> None:
        self.checkpoint, self.judge, self.config = checkpoint, judge, config
        self.probe, self.seed = probe, seed
        self.chance = ranks.apart(random.Random(seed))  # noqa: S311 - training, not secrets
        generator = checkpoint.generator
        self.anchor = copy.deepcopy(generator).requires_grad_(requires_grad=False).eval()
        self.average = copy.deepcopy(generator).requires_grad_(requires_grad=False)
        self.optimizer = optimizer_for(
            generator,
            config.generator_rate,
            config,
            new=generator.single,
            new_rate=config.single_rate,
        )
        self.step = self.failures = self.kept_round = 0
        self.kept = copied(generator)
        self.before: dict[str, float] = {}  # the anchor's figures
        self.figures: dict[str, float] = {}  # the last round's

    def state(self) -> State:
        """Where it stands: anchor, average, the weights that passed last, the optimiser."""
        return {
            "step": self.step,
            "failures": self.failures,
            "kept_round": self.kept_round,
            "before": self.before,
            "figures": self.figures,
            "anchor": self.anchor.state_dict(),
            "average": self.average.state_dict(),
            "kept": self.kept if self.kept_round else None,  # else the anchor's
            "optimizer": optimizer_state(self.optimizer),
        }

    def restore(self, state: State) -> None:
        """Stand where `state` was taken."""
        self.step, self.failures = state["step"], state["failures"]
        self.kept_round, self.kept = state["kept_round"], state["kept"] or state["anchor"]
        self.before, self.figures = state["before"], state["figures"]
        self.anchor.load_state_dict(state["anchor"])
        self.average.load_state_dict(state["average"])
        restore_optimizer(self.optimizer, state["optimizer"])

    def run(self, clock: Clock, report: Reporter, rest: Callable[[], None]) -> None:
        """Play to the end; the weights that passed the gate last stay.

        Raises:
            Collapsed: the texts of those weights became alike.
        """
        if not self.step:
            self.before = self._looked_at(self.anchor)
        rounds = self.config.adversarial_rounds
        while self.step < rounds and self.failures < _FAILURES:
            share = ranks.agree(max((self.step + 1) / rounds, clock.share))
            self._play(share)
            is_last = share >= 1
            is_due = is_last or self.step % self.config.gate_rounds == 0
            checked = self._check() if is_due else {}
            report({"phase": "adversarial", "step": self.step, **self.figures, **checked})
            if is_last:
                break
            rest()
        self.checkpoint.generator.load_state_dict(self.kept)
        self._refuse_collapse()

    def result(self) -> dict[str, float]:
        """The last round's figures, how many were played, and which of them ships (0: none)."""
        return {**self.figures, "rounds": self.step, "kept_round": self.kept_round}

    def _play(self, share: float) -> None:
        """One round at the pace of this share of the game."""
        pace = linear(share) * warmed(self.step, self.config.warmup_rounds)
        set_rate(self.optimizer, self.config.generator_rate * pace)
        self.judge.pace(pace)
        self.figures = adversarial_round(
            self.checkpoint.generator,
            self.anchor,
            self.judge,
            self.checkpoint.vocabulary,
            self.optimizer,
            self.config,
            temperature=self.config.temperatures[self.step % len(self.config.temperatures)],
            chance=self.chance,
        )
        blend(self.average, self.checkpoint.generator, self.config.average_decay)
        self.step += 1

    def _check(self) -> dict[str, Any]:
        """Try the average at the gate, and keep it if it passes."""
        now = self._looked_at(self.average)
        has_passed = bool(ranks.agree(gate(now, self.before, self.config)))
        if has_passed:
            self.kept, self.kept_round, self.failures = copied(self.average), self.step, 0
        else:
            self.failures += 1
        return {**now, **self.probe.accuracy(), "passed": has_passed}

    def _looked_at(self, generator: Generator) -> dict[str, Any]:
        figures = self.probe.figures(generator)
        if self.probe.real:
            figures["held_out"] = held_out_loss(generator, self.probe.real, seed=self.seed)
        return figures

    def _refuse_collapse(self) -> None:
        """Compare new texts at temperature 1 with the real ones for the same briefs.

        Each language by itself: in one whose texts stayed varied nobody would see the other's fall.
        """
        briefs = self.judge.real[: min(_CHECKED, self.config.measured)]
        texts = sampled_pairs(
            self.checkpoint.generator,
            self.checkpoint.vocabulary,
            [pair.source for pair in briefs],
            seed=self.seed,
            draw=Draw(),
        )
        fallen = []
        for language in LANGUAGES:
            written, real = [], []
            for brief, text in zip(briefs, texts, strict=True):
                if self.checkpoint.vocabulary.language(brief.source) == language:
                    written.append([str(index) for index in text.target])
                    real.append([str(index) for index in brief.target])
            if real:
                fallen.append(metrics.collapsed(written, metrics.distinct(real, 2)))
        if ranks.agree(any(fallen)):
            raise Collapsed("The writer's texts became alike; the checkpoint was not kept.")


def gate(now: dict[str, Any], before: dict[str, Any], config: TrainingConfig) -> bool:
    """Whether a generator may take its anchor's place: as likely, as varied, as free of repetition.

    Args:
        now: figures of `Probe.figures` with the held-out loss; empty where nothing is held out.
        before: the anchor's.
        config: how much of each may be lost.
    """
    if not now:
        return True
    return (
        now["held_out"] <= before["held_out"] * (1 + config.gate_loss)
        and now["distinct_4"] >= before["distinct_4"] * config.gate_distinct
        and now["repeated_4"] <= before["repeated_4"] + config.gate_repetition
    )


def adversarial_round(  # noqa: PLR0913 - the two players and the anchor
    generator: Generator,
    anchor: Generator,
    judge: Judge,
    vocabulary: Vocabulary,
    optimizer: torch.optim.Optimizer,
    config: TrainingConfig,
    *,
    temperature: float,
    chance: random.Random,
) -> dict[str, float]:
    """One alternate update: the discriminator on new samples, then the generator on its verdict.

    The player is the generator as it draws at `temperature`: what is drawn coolly has faults of
    its own, such as texts that end too soon, which likelihood cannot cure and D sees.

    The generator's reward for a text is log D (the negative of L_G), bounded below, less a pull
    towards the anchor and a fine for repeating itself; the baseline of a text is its siblings for
    the same brief. Each of its tokens is praised besides for what it gives by precedent, and for
    what saying a thing again is worth, both against what the generator wrote lately at this
    temperature: that says where in a text people's words are, as log D of the whole does not. The
    generator sits out while D is no better than chance; D learns a single time in a round while it
    is nearly always right, so that it still sees where the generator goes.
    """
    rehearsal = chance.choices(judge.real, k=ranks.part(config.rehearsal))
    briefs = chance.choices(judge.played, k=ranks.part(config.briefs_per_round))
    drawn = rolled_out(
        generator,
        vocabulary,
        [pair.source for pair in briefs],
        seed=chance.getrandbits(40),
        draw=Draw(temperature),
        copies=config.samples_per_brief,
    )
    judge.negatives.renew(drawn.pairs, temperature)
    figures = {"discriminator_accuracy": judge.accuracy}
    for _ in range(config.discriminator_updates if judge.accuracy < 0.9 else 1):
        figures["discriminator_loss"] = judge.learn(chance)["discriminator_loss"]
    if judge.accuracy > 0.55:
        figures |= _reinforce(
            generator, anchor, judge, optimizer, config, drawn, rehearsal, temperature
        )
    return figures


def _reinforce(  # noqa: PLR0913, PLR0917 - the two players and the anchor
    generator: Generator,
    anchor: Generator,
    judge: Judge,
    optimizer: torch.optim.Optimizer,
    config: TrainingConfig,
    drawn: Rollouts,
    rehearsal: Sequence[Pair],
    temperature: float,
) -> dict[str, float]:
    device = device_of(generator)
    generator.eval()  # no dropout: the ratio to what was sampled stays exact
    judge.discriminator.eval()
    samples = drawn.pairs
    groups = alike(samples, size=_TOGETHER)
    seen = [
        _seen(
            generator,
            anchor,
            judge,
            [samples[at] for at in group],
            drawn.noise[group].to(device),
            temperature,
        )
        for group in groups
    ]
    verdict, before, chosen = (regathered(parts, groups) for parts in zip(*seen, strict=True))
    lengths = torch.tensor([len(pair.target) for pair in samples], device=device)
    token_drift = chosen.detach() - before
    drift = token_drift.sum(1)
    fine = torch.tensor(
        [0.3 * metrics.repeats([str(i) for i in pair.target]) for pair in samples], device=device
    )
    rewards = -nn.functional.softplus(-verdict).clamp(0, _WORST) - config.kl_weight * drift - fine
    copies = config.samples_per_brief
    likely = before.sum(1) / lengths  # to write more or less likely texts is for a temperature
    of_texts = losses.leave_one_out(rewards.view(-1, copies), likely.view(-1, copies))
    advantages, praised = of_texts.view(-1, 1), {}
    if config.precedent_weight:
        of_tokens, gains = _praise(judge, samples, before, temperature, copies=copies)
        of_tokens = of_tokens - config.token_pull * token_drift
        advantages = advantages + config.precedent_weight * of_tokens
        praised = {"precedent": (gains / lengths).mean().item()}
    loss = losses.policy_gradient_loss(chosen, advantages, lengths)
    generator.train()
    loss = loss + config.likelihood_weight * likelihood_of(generator, collate(rehearsal))
    norm = update(optimizer, loss, generator, config.clip_norm)
    return {
        "generator_loss": losses.generator_loss(verdict).item(),
        "reward": rewards.mean().item(),
        **praised,
        "drift": drift.mean().item(),
        "repeating": (fine > 0).float().mean().item(),
        "gradient_norm": norm,
    }


def _praise(
    judge: Judge, samples: Sequence[Pair], before: Tensor, temperature: float, *, copies: int
) -> tuple[Tensor, Tensor]:
    """Advantages of tokens, (B, T), and what all those of a text give, (B,), in nats.

    How long a text is, D says of the whole: an end is not praised, and what stands where a text
    may end, after a mark or a fact, is held against its like alone.
    """
    texts = pad([pair.target for pair in samples], multiple=16).to(before.device)
    sources, lately = [pair.source for pair in samples], judge.negatives.lately[temperature]
    given = judge.precedents.credits(sources, texts, against=lately)
    theirs = Repetition(lately, judge.free)
    given += _REPETITION * judge.repetition.credits(sources, texts, against=theirs)
    words = (texts != PAD) & (texts != END)
    pauses = torch.isin(texts, texts.new_tensor(sorted(judge.free)))
    may_end = nn.functional.pad(pauses, (1, 0))[:, :-1]
    return losses.token_advantages(given, before, words, may_end, copies=copies), given.sum(1)


def _seen(
    generator: Generator,
    anchor: Generator,
    judge: Judge,
    samples: Sequence[Pair],
    noise: Tensor,
    temperature: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """What the three think of samples: D's logits (B,), and two log pi of tokens, (B, T).

    Those are the anchor's and the generator's own, which alone has a gradient. The anchor has the
    generator's patience and restraint: it holds the weights, and those numbers are free to go where
    the texts are as long, and say as little again, as people's.
    """
    device = noise.device
    source = pad([pair.source for pair in samples], multiple=16).to(device)
    targets = pad([pair.target for pair in samples], multiple=16).to(device)
    inputs = torch.cat([torch.full_like(targets[:, :1], BEGIN), targets[:, :-1]], dim=1)
    with torch.no_grad(), half_precision(device):
        verdict = judge.discriminator(source, targets)[0]
        before = anchor.log_likelihood(
            source, inputs, targets, noise, temperature, cooled_as=generator
        )
    with half_precision(device):
        chosen = generator.log_likelihood(source, inputs, targets, noise, temperature)
    return verdict, before, chosen
