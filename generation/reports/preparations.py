"""What a preparation left out, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS = {
    "third language": gettext_lazy("neither Chinese nor English"),
    "another language": gettext_lazy("not in the language that it is said to be in"),
    "no text": gettext_lazy("no words"),
    "unreadable": gettext_lazy("broken characters"),
    "too short": gettext_lazy("too short, or too short without its claims"),
    "numbers without a fact": gettext_lazy("numbers that stand in no fact"),
    "duplicate": gettext_lazy("there already"),
    "near duplicate": gettext_lazy("nearly the same as another text"),
}
_NUMBERS = {"read", "kept", "cleaned", "shortened"}


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """One corpus as lines of a terminal."""
    yield _("%(corpus)s: %(kept)d of %(read)d texts are worth learning from") % found
    yield "  " + _("cleaned: %(cleaned)d; shortened: %(shortened)d") % found
    for reason, left_out in found["dropped"].items():
        yield f"  {REASONS.get(reason, reason)}: {left_out['texts']}"
        for shown in left_out["examples"]:
            like = f" ({_('like')} {shown['like']})" if "like" in shown else ""
            yield f"    {shown['id']}{like}: {shown['text']}"


def rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a checkpoint's card says of the corpora that it learnt from."""
    return [
        {
            "corpus": name,
            **{number: counts.get(number, 0) for number in _NUMBERS},
            "dropped": [
                (REASONS.get(reason, reason), count)
                for reason, count in sorted(counts.items(), key=lambda item: -item[1])
                if reason not in _NUMBERS
            ],
        }
        for name, counts in metrics.get("prepared", {}).items()
    ]
