"""Whether a clause speaks of its fact in words that fit it.

A plan token says which attribute a clause turns to; what stands in the clause is then that
attribute's. The words round it are learnt, and sometimes they are another attribute's: "it weighs
22 litres". Such clauses are counted, so that a candidate without them is preferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generation.gan.slots import HELD_TOKENS, PLAN_TOKENS, Facts

# Words before or after a fact, and what its key has to say for them to fit.
_FITTING = {
    "en": (
        (r"\bweighs?\b", r"weight"),
        (r"\bmeasures?\b", r"size|height|length|width|depth|diameter|dimension|thick|across|long"),
        (r"\bcomes? in\b|^\W*in (?!the\b)", r"colou?r|sizes?\b|finish"),
        (r"\bcolou?rs?\b", r"colou?r"),
        (r"\bholds?\b", r"capacity|volume|holds?"),
        (r"\bcare\b", r"care|clean|wash"),
        (r"\bmade (?:of|from)\b|\bmaterial\b", r"^(?!.*(?:size|weight|colou?r|care|load|height))"),
        (r"\bmade in\b", r"made|origin|woven"),
        (r"\bfor\W*$", r"use|suit|room|for"),
    ),
    "zh": (
        (r"打理|即可|就好", r"洗|护|保养|清洁|打理|收纳"),
        (r"颜色", r"色"),
        (r"重量|^\W*重", r"重"),
        (r"容量|装得下", r"容|量"),
        (r"做成|制成|选用|材质", r"^(?!.*(?:尺|重量|颜色|洗|保养|容量|承重|数量|码))"),
        (r"尺码", r"码"),
    ),
}


def misspoken(pieces: Iterable[str], facts: Facts, language: str) -> int:
    """Count the clauses of masked copy whose words do not fit the fact that they state."""
    return sum(
        bool(re.search(words, around, re.IGNORECASE)) and not re.search(fitting, key, re.IGNORECASE)
        for key, around in _clauses(pieces, facts)
        for words, fitting in _FITTING[language]
    )


def _clauses(pieces: Iterable[str], facts: Facts) -> Iterator[tuple[str, str]]:
    """Each fact's key, with the words before its first slot and after its last one."""
    key, words, slots = "", "", 0
    for piece in [*pieces, PLAN_TOKENS[0]]:
        if piece in PLAN_TOKENS:
            if key and slots:
                yield key, words
            index = PLAN_TOKENS.index(piece)
            key = facts.attributes[index].key if index < len(facts.attributes) else ""
            words, slots = "", 0
        elif piece in HELD_TOKENS:
            slots += 1
        elif not slots or re.search(r"即可|就好", piece):
            words += piece
