"""Figures such as the writer gives, small enough to know by heart."""

from __future__ import annotations

from typing import Any

PEOPLE = {
    "coverage": 0.4,
    "coverage_parts": 0.5,
    "values": 10,
    "unsupported_rate": 0.25,
    "unsupported_words_rate": 0.5,
    "texts": 4,
    "mean_length": 80.0,
    "distinct_2": 0.8,
    "distinct_4": 0.95,
    "repetition_4": 0.1,
    "self_bleu_4": 0.15,
    "frechet": 30.5,
    "fool_rate": 0.5,
}
WRITER = PEOPLE | {
    "bleu_4": 4.04,
    "rouge_l": 21.18,
    "chatglm_bleu_4": 2.56,
    "chatglm_bleu_4_capped": 3.48,
    "coverage": 0.954,
    "unsupported_rate": 0.0,
    "fool_rate": 0.183,
    "frechet": None,
}


def evaluated(*, texts: int = 4, **changes: float) -> dict[str, Any]:
    """An evaluation of one language and kind, Chinese descriptions."""
    return {
        "measures": 1,
        "seed": 1,
        "briefs": texts,
        "groups": [
            {
                "language": "zh",
                "kind": "description",
                "briefs": texts,
                "unwritten": 0,
                "below_floor": 2,
                "references": 9,
                "rouge_words": "words",
                "rows": {"generated": WRITER | changes, "human": PEOPLE},
                "ceiling": {
                    "briefs": 36,
                    "human": {"bleu_4": 30.27, "rouge_l": 31.3},
                    "generated": {"bleu_4": 6.0, "rouge_l": 21.79},
                },
                "samples": [
                    {
                        "title": "榉木托盘",
                        "attributes": [["材质", "榉木"]],
                        "text": "榉木做的托盘。",
                        "human": "托盘放得下早餐 🍳，<b>很轻</b>。",
                    }
                ],
            }
        ],
    }


def cell(system: str, temperature: float, seed: int, alike: float, bleu: float) -> dict[str, Any]:
    return {
        "system": system,
        "temperature": temperature,
        "seed": seed,
        "bleu_4": bleu,
        "self_bleu_4": alike,
        "coverage": 0.9,
        "unsupported_rate": 0.0,
        "frechet": 60.0 - bleu,
        "distinct_4": 0.9,
        "mean_length": 88.0,
    }


def difference(figure: str, mean: float, low: float, high: float) -> dict[str, Any]:
    return {
        "first": "judged",
        "second": "plain",
        "figure": figure,
        "mean": mean,
        "low": low,
        "high": high,
        "start": 0.2,
        "end": 0.3,
        "by_seed": [mean, None],
        "resamples": 1000,
    }


def compared() -> dict[str, Any]:
    """A comparison of two systems at two temperatures with two seeds, without a critic."""
    return {
        "measures": 1,
        "data": ["corpus/dev"],
        "seed": 1,
        "temperatures": [0.6, 1.0],
        "seeds": [1, 2],
        "sweeps": [
            {
                "language": "zh",
                "kind": "description",
                "briefs": 60,
                "references": 70,
                "systems": [
                    {"name": "plain", "decoding": "plain", "digests": ["d1"]},
                    {"name": "judged", "decoding": "best of 4 by a judge", "digests": ["d1"]},
                ],
                "cells": [
                    cell("plain", 0.6, 1, 0.3, 5.0),
                    cell("plain", 1.0, 1, 0.2, 4.0),
                    cell("plain", 0.6, 2, 0.32, 5.2),
                    cell("plain", 1.0, 2, 0.22, 4.2),
                    cell("judged", 0.6, 1, 0.35, 6.0),
                    cell("judged", 1.0, 1, 0.25, 5.0),
                    cell("judged", 0.6, 2, 0.35, 6.0),
                    cell("judged", 1.0, 2, 0.25, 5.0),
                ],
                "human": {
                    "bleu_4": 12.0,
                    "self_bleu_4": 0.1,
                    "frechet": 30.0,
                    "coverage": 0.3,
                    "unsupported_rate": 0.2,
                    "distinct_4": 0.97,
                    "mean_length": 90.0,
                    "briefs_with_several": 30,
                },
                "differences": [
                    difference("bleu_4", 0.8, 0.3, 1.2),
                    difference("frechet", -2.0, -3.0, 0.5),
                    difference("unsupported_rate", 0.02, 0.01, 0.03),
                ],
                "samples": [
                    {
                        "title": "榉木托盘",
                        "attributes": [["材质", "榉木"]],
                        "human": "托盘放得下早餐。",
                        "texts": {"plain": "榉木做的托盘。", "judged": "榉木托盘，很轻。"},
                    }
                ],
            }
        ],
    }
