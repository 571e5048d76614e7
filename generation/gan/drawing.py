"""One way to draw texts for briefs, whoever writes them.

Training, writing and comparing all draw here, so what they draw keeps the same rules. Letters:
B briefs, K texts for each, S source tokens, T target tokens, Z noise width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from generation.gan.backbones.pretrained import PretrainedGenerator
from generation.gan.batches import pad
from generation.gan.devices import device_of, half_precision
from generation.gan.generator import Generator
from generation.gan.limits import Limits
from generation.gan.sampling import Draw, draws, rules_for, sample
from generation.gan.vocabulary import PAD, Vocabulary


@dataclass(frozen=True)
class Drawn:
    """Texts as they were drawn; those of one brief stand together.

    Args:
        texts: ids, shape (B * K, T), each closed by </s> and padded with 0.
        log_probs: the generator's log-probability of each token, 0 on padding, shape (B * K, T).
        noise: what they were written with, shape (B * K, Z).
    """

    texts: Tensor
    log_probs: Tensor
    noise: Tensor

    @property
    def fluency(self) -> Tensor:
        """The mean log-probability of a token of each text, shape (B * K,)."""
        return self.log_probs.sum(1) / (self.texts != PAD).sum(1)


def draw_texts(  # noqa: PLR0913 - all that decides what is drawn
    generator: Generator | PretrainedGenerator,
    vocabulary: Vocabulary,
    sources: Sequence[Sequence[int]],
    *,
    seeds: Sequence[int],
    limits: Limits,
    draw: Draw,
    copies: int = 1,
) -> Drawn:
    """Write `copies` texts for each brief, each by the chance of its own seed.

    Args:
        generator: who writes.
        vocabulary: whose ids the briefs and the texts are.
        sources: ids of the briefs.
        seeds: one for each text.
        limits: what the texts keep to.
        draw: how each token is drawn.
        copies: K.
    """
    if isinstance(generator, PretrainedGenerator):
        noise, uniforms = draws(seeds, generator.max_steps, generator.noise_width)
        texts, log_probs = generator.write(
            sources, noise=noise, uniforms=uniforms, limits=limits, copies=copies, draw=draw
        )
        return Drawn(texts, log_probs, noise)
    device = device_of(generator)
    noise, uniforms = draws(seeds, generator.max_target, generator.noise_width)
    rules = rules_for(
        vocabulary,
        sources,
        minimum=limits.minimum,
        maximum=min(limits.maximum, generator.max_target),
        device=device,
        copies=copies,
        required=limits.required,
        words=limits.words,
        repeats=limits.repeats,
    )
    with half_precision(device):
        texts, log_probs = sample(
            generator,
            pad(sources).to(device),
            noise=noise.to(device),
            uniforms=uniforms.to(device),
            rules=rules,
            draw=draw,
        )
    return Drawn(texts, log_probs, noise)
