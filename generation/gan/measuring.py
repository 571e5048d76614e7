"""What a checkpoint can do, measured on texts that it never learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generation.gan import metrics, writing
from generation.gan.checkpoint import Checkpoint
from generation.gan.judging import held_out_accuracy, token_quantiles
from generation.gan.lessons import Encoder
from generation.gan.likelihood import held_out_loss
from generation.gan.records import Record
from generation.gan.rollouts import sampled_pairs
from generation.gan.sampling import Draw

_HELD_OUT = 400


def measure(
    checkpoint: Checkpoint, records: Sequence[Record], *, seed: int, most: int = _HELD_OUT
) -> dict[str, Any]:
    """Held-out figures: likelihood, the judge's accuracy, the diversity and surety of new texts.

    Args:
        checkpoint: is measured.
        records: held-out texts.
        seed: of new texts.
        most: held-out texts that are used.
    """
    some = encoder_of(checkpoint).pairs(records)[:most]
    if not some:
        return {"held_out_texts": 0}
    draw = Draw(
        checkpoint.sampling.temperature, checkpoint.sampling.top_k, checkpoint.sampling.top_p
    )
    fake = sampled_pairs(
        checkpoint.generator,
        checkpoint.vocabulary,
        [pair.source for pair in some],
        seed=seed + 7,
        draw=draw,
    )
    accuracy, area = held_out_accuracy(checkpoint.discriminator, some, fake)
    figures: dict[str, Any] = {
        "held_out_texts": len(some),
        "held_out_nll": round(held_out_loss(checkpoint.generator, some, seed=seed), 4),
        "discriminator_accuracy": round(accuracy, 4),
        "discriminator_auc": round(area, 4),
        "token_quantiles": token_quantiles(checkpoint.discriminator, some),
        "fluency_floors": writing.fluency_floors(checkpoint, records, seed=seed, most=most),
    }
    decode = checkpoint.vocabulary.decode
    for language, mark in (("zh", "<zh>"), ("en", "<en>")):
        wanted = checkpoint.vocabulary.tokenizer.token_to_id(mark)
        written = [decode(pair.target) for pair in fake if pair.source[0] == wanted]
        human = [decode(pair.target) for pair in some if pair.source[0] == wanted]
        for name, texts in (("generated", written), ("human", human)):
            split = [metrics.units(text, language) for text in texts[:120]]
            figures[f"distinct_4_{language}_{name}"] = round(metrics.distinct(split, 4), 4)
            figures[f"self_bleu_4_{language}_{name}"] = round(metrics.self_bleu(split), 4)
    return figures


def encoder_of(checkpoint: Checkpoint) -> Encoder:
    """What makes pairs of ids for a checkpoint's networks."""
    sizes = checkpoint.generator_config
    return Encoder(checkpoint.vocabulary, max_source=sizes.max_source, max_target=sizes.max_target)
