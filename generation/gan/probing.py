"""The same few held-out briefs, written again at every check of a training."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from generation.gan import metrics, slots
from generation.gan.batches import Pair
from generation.gan.checkpoint import Checkpoint
from generation.gan.generator import Generator
from generation.gan.judging import held_out_accuracy
from generation.gan.lessons import Encoder
from generation.gan.records import Record
from generation.gan.rollouts import sampled_pairs
from generation.gan.sampling import Draw
from generation.gan.slots import facts_of
from generation.gan.writing import render

_TEXTS = 48
_SAMPLES = 4


class Probe:
    """Writes for fixed briefs with fixed chance, so that two checks differ by the weights alone.

    Args:
        checkpoint: whose networks learn.
        records: held-out texts; some are chosen, the same ones for the same seed.
        encoder: makes ids of them.
        seed: of the choice and of the texts.
        texts: how many are chosen.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        records: Sequence[Record],
        encoder: Encoder,
        *,
        seed: int,
        texts: int = _TEXTS,
    ) -> None:
        self.checkpoint, self.seed = checkpoint, seed
        chance = random.Random(seed)  # noqa: S311 - evaluation, not secrets
        shuffled = chance.sample(list(records), len(records))
        pairs = ((record, encoder.pair(record)) for record in shuffled)
        known = [(record, pair) for record, pair in pairs if pair is not None]
        self.held_out = [pair for _, pair in known]
        self.records, self.real = [record for record, _ in known[:texts]], self.held_out[:texts]
        self.written: list[Pair] = []

    def write(self, generator: Generator) -> list[str]:
        """Write a text for each brief as a shop would draw it, with its facts filled in."""
        if not self.real:
            return []
        sampling = self.checkpoint.sampling
        self.written = sampled_pairs(
            generator,
            self.checkpoint.vocabulary,
            [pair.source for pair in self.real],
            seed=self.seed,
            draw=Draw(sampling.temperature, sampling.top_k, sampling.top_p),
        )
        return [
            self._filled(record, pair)
            for record, pair in zip(self.records, self.written, strict=True)
        ]

    def figures(self, generator: Generator) -> dict[str, Any]:
        """Diversity of what it writes, and the first few texts.

        `repetition_4` is the share of texts that hold a 4-gram twice, which longer texts do more
        often; `repeated_4` is the share of 4-grams that their own text holds already.
        """
        texts = self.write(generator)
        if not texts:
            return {}
        split = [
            metrics.units(text, record.language)
            for text, record in zip(texts, self.records, strict=True)
        ]
        return {
            "distinct_4": metrics.distinct(split, 4),
            "self_bleu_4": metrics.self_bleu(split),
            "repetition_4": metrics.repetition(split),
            "repeated_4": metrics.repeated(split),
            "samples": [
                {"ref": record.ref, "language": record.language, "text": text}
                for record, text in zip(self.records[:_SAMPLES], texts, strict=False)
            ],
        }

    def accuracy(self) -> dict[str, float]:
        """How often the discriminator judges right between the held-out texts and those written."""
        if not self.real:
            return {}
        if not self.written:
            self.write(self.checkpoint.generator)
        share, _ = held_out_accuracy(self.checkpoint.discriminator, self.real, self.written)
        return {"held_out_accuracy": share}

    def _filled(self, record: Record, pair: Pair) -> str:
        pieces = self.checkpoint.vocabulary.pieces(pair.target)
        return render(
            "".join(slots.fill(pieces, facts_of(record), record.language)), record.language
        )
