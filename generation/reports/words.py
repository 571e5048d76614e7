"""What each figure is called, and how it is said: likeness as it is, a share in percent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

Figures = Mapping[str, Any]

_SCORES = "{:.2f}"
_SHARES = "{:.1%}"
_FORMS = {
    "bleu_4": _SCORES,
    "chatglm_bleu_4": _SCORES,
    "chatglm_bleu_4_capped": _SCORES,
    "rouge_l": _SCORES,
    "coverage": _SHARES,
    "coverage_parts": _SHARES,
    "unsupported_rate": _SHARES,
    "unsupported_words_rate": _SHARES,
    "fool_rate": _SHARES,
    "frechet": "{:.1f}",
    "self_bleu_4": "{:.3f}",
    "distinct_2": "{:.3f}",
    "distinct_4": "{:.3f}",
    "repetition_4": _SHARES,
    "greedy_distinct": "{:.1f}",
    "greedy_distinct_fewest": "{:.0f}",
    "mean_length": "{:.0f}",
}


def names() -> dict[str, str]:
    """What each figure is called, in the order in which they are shown."""
    return {
        "bleu_4": _("BLEU-4, all references"),
        "chatglm_bleu_4": _("BLEU-4 as ChatGLM takes it"),
        "chatglm_bleu_4_capped": _("the same, first 64 characters"),
        "rouge_l": _("ROUGE-L"),
        "coverage": _("facts told"),
        "coverage_parts": _("parts of facts told"),
        "unsupported_rate": _("texts with a number made up"),
        "unsupported_words_rate": _("texts with a number word made up"),
        "fool_rate": _("taken for a person's"),
        "frechet": _("Fréchet distance"),
        "self_bleu_4": _("Self-BLEU-4"),
        "distinct_2": _("distinct 2-grams"),
        "distinct_4": _("distinct 4-grams"),
        "repetition_4": _("texts that repeat a 4-gram"),
        "greedy_distinct": _("different texts by 16 z's, greedy"),
        "greedy_distinct_fewest": _("the same, brief with the fewest"),
        "mean_length": _("mean length"),
    }


def said(name: str, value: float | None) -> str:
    """A figure as it is read."""
    return "—" if value is None else _FORMS[name].format(value)


def group_name(group: Figures) -> str:
    """Which texts figures are of."""
    words = {
        ("zh", "description"): _("Chinese descriptions"),
        ("zh", "ad"): _("Chinese ads"),
        ("en", "description"): _("English descriptions"),
        ("en", "ad"): _("English ads"),
    }
    return words.get((group["language"], group["kind"]), f"{group['language']} {group['kind']}")


def signed(name: str, value: float) -> str:
    """A difference of a figure as it is read."""
    return _FORMS[name].replace("{:", "{:+").format(value)


def cells(figures: Figures, wanted: Sequence[str]) -> list[str]:
    """One row of a table."""
    return [said(name, figures.get(name)) for name in wanted]
