"""Every size and every rate of the writer, as frozen dataclasses that a checkpoint can carry."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class _Config:
    """Plain numbers that survive a round trip through JSON."""

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as a plain dictionary."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """Read the fields back; one that this version does not know is refused by name."""
        known = {field.name for field in dataclasses.fields(cls)}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise ValueError(f"{cls.__name__} does not know {', '.join(unknown)}.")
        return cls(**fields)


@dataclass(frozen=True)
class GeneratorConfig(_Config):
    """Sizes of the generator."""

    vocab_size: int
    width: int = 256
    heads: int = 4
    encoder_layers: int = 2
    decoder_layers: int = 4
    feedforward: int = 1024
    noise_width: int = 16
    noise_rate: float = 0.6  # gamma: how much of z the text decides while learning
    dropout: float = 0.1
    max_source: int = 192
    max_target: int = 144
    copied: tuple[int, ...] = ()  # ids that come from the brief alone: its facts


@dataclass(frozen=True)
class BackboneConfig(_Config):
    """Which language model writes, and the sizes of what learns on it."""

    name: str
    fingerprint: str  # of its weights, its sizes and its tokenizer
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    noise_width: int = 16
    noise_rate: float = 0.6
    max_source: int = 192
    max_target: int = 144


@dataclass(frozen=True)
class DiscriminatorConfig(_Config):
    """Sizes of the discriminator: the generator's, so that it can begin with its weights."""

    vocab_size: int
    width: int = 256
    heads: int = 4
    encoder_layers: int = 2
    decoder_layers: int = 4
    feedforward: int = 1024
    dropout: float = 0.2
    max_source: int = 192
    max_target: int = 144
    copied: tuple[int, ...] = ()  # ids that stand for facts of a brief

    @classmethod
    def like(cls, generator: GeneratorConfig) -> Self:
        """Give the sizes of the discriminator that can begin with this generator's weights."""
        shared = {field.name for field in dataclasses.fields(cls)} - {"dropout"}
        return cls(**{name: getattr(generator, name) for name in shared})


@dataclass(frozen=True)
class SamplingConfig(_Config):
    """How texts are drawn from the generator."""

    temperature: float = 0.6
    top_k: int = 40
    top_p: float = 0.92
    oversample: int = 6  # texts drawn for each brief; the discriminator keeps the best


@dataclass(frozen=True)
class TrainingConfig(_Config):
    """Rates and lengths of one training; the notes say where a number comes from."""

    vocab_size: int = 7000
    batch_tokens: int = 1600  # source and target tokens of one likelihood step of a process
    pretrain_epochs: float = 9.0
    learning_rate: float = 1e-3
    warmup_steps: int = 150
    patience: int = 4  # checks (of 16) without a better held-out likelihood that end the phase
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    discriminator_steps: int = 200  # warm-up on a fixed pool before the first adversarial round
    pool: int = 768  # of that pool, and of the one after the game
    adversarial_rounds: int = 60
    briefs_per_round: int = 24
    samples_per_brief: int = 4  # k of the leave-one-out baseline (RLOO)
    temperatures: tuple[float, ...] = (0.4, 0.6, 0.8, 1.0)  # of the game's texts, in turn
    generator_rate: float = 1e-4
    discriminator_rate: float = 2e-4  # at the generator's own rate it falls behind in ten rounds
    discriminator_updates: int = 3  # in a round, before the generator's one
    heads_rate: float = 10.0  # of what is new in the discriminator, in its rates
    single_rate: float = 6000.0  # of the generator's single numbers, in its rates
    kl_weight: float = 0.03  # beta: pull towards the likelihood-trained generator
    # Of what tokens give by precedent and by not repeating, beside D of the whole text.
    precedent_weight: float = 1.0
    token_pull: float = 0.5  # towards that writer, at each token, in spreads of what tokens give
    likelihood_weight: float = 0.3  # lambda: interleaved maximum likelihood (Caccia et al. 2020)
    average_decay: float = 0.96  # exponential average of the generator's weights, which ships
    real_label: float = 0.9  # one-sided label smoothing (Salimans et al. 2016)
    warmup_rounds: int = 4  # of the game, in which both rates rise
    gate_rounds: int = 10  # between two checks of the game's gate
    gate_loss: float = 0.02  # how much worse than the anchor's the held-out loss may be, relative
    gate_distinct: float = 0.9  # the least share of the anchor's distinct-4
    gate_repetition: float = 0.005  # 4-grams that their text holds already: more than the anchor's
    rejection_share: float = 0.25  # most of the fake loss that editors' rejections may weigh
    rehearsal: int = 24  # real texts of a round's interleaved likelihood
    checks: int = 16  # of the held-out likelihood in one training
    checked: int | None = None  # held-out texts that it is taken on; all of them
    probed: int = 48  # held-out briefs that are written for at each check
    drafts: int = 8  # for twice as many, at each temperature, that D learns to choose among
    measured: int = 400  # held-out texts of the figures at the end

    @classmethod
    def for_backbones(cls, **changed: Any) -> Self:
        """What tunes a language model: lower rates, and fewer texts where each one costs more.

        An adapter takes the rates that its authors use for models of a hundred million weights and
        more (Hu et al. 2021, appendix D); the game's ratio to it is the compact generator's.
        """
        usual = {
            "batch_tokens": 1600,
            "pretrain_epochs": 2.0,
            "learning_rate": 3e-4,
            "warmup_steps": 30,
            "discriminator_steps": 150,
            "pool": 192,
            "adversarial_rounds": 40,
            "briefs_per_round": 8,
            "generator_rate": 4e-5,
            "precedent_weight": 0.0,  # no token of the vocabulary has a probability of its own
            "rehearsal": 8,
            "checks": 8,
            "checked": 96,
            "probed": 24,
            "drafts": 2,
            "measured": 120,
        }
        return cls(**{**usual, **changed})
