"""What an editor changed of a text: English word by word, Chinese character by character.

Chinese has no spaces, so a diff over characters finds a few that two clauses happen to share and
makes confetti of them. Clauses are compared first; within one, characters are, as long as most of
it stayed. A clause that was written anew is shown as what it is: one that went, and one that came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diff_match_patch import diff_match_patch

Change = tuple[int, str]  # -1 gone, 0 kept, 1 new; and the stretch

_WORD = re.compile(r"[A-Za-z0-9'-]+|\s+|.", re.DOTALL)
_CLAUSE = re.compile(r"[^，。！？；：\n]*[，。！？；：\n]+|[^，。！？；：\n]+")
_STAYED = 0.5  # of the longer of two clauses, from which on one is the other, changed


def changes_of(before: str, after: str, language: str) -> list[Change]:
    """Tell two texts apart, in the order in which they are read.

    What was there before are the stretches that are kept or gone, joined; what is there now, those
    that are kept or new.

    Args:
        before: the text that was changed.
        after: what it became.
        language: of both; its beginning says how they are read ("zh-hans", "en").
    """
    if not language.startswith("zh"):
        return _over(_WORD.findall(before), _WORD.findall(after))
    found: list[Change] = []
    for gone, new in _runs(_over(_CLAUSE.findall(before), _CLAUSE.findall(after))):
        if gone == new:
            found.append((0, gone))
        else:
            found += _within(gone, new)
    return _joined(found)


def edit_ratio(before: str, after: str) -> float:
    """How much of a text was changed: 0 for nothing, 1 for all of it.

    The characters that were put in, taken out or replaced (Levenshtein 1966), over the longer text.
    """
    differ = diff_match_patch()
    changed = differ.diff_levenshtein(differ.diff_main(before, after, checklines=False))
    return min(1.0, changed / max(len(before), len(after), 1))


def _over(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """A diff over pieces: each becomes one character of a private alphabet."""
    known: dict[str, str] = {}

    def coded(pieces: Sequence[str]) -> str:
        return "".join(known.setdefault(piece, chr(0xE000 + len(known))) for piece in pieces)

    differ = diff_match_patch()
    changes = differ.diff_main(coded(before), coded(after), checklines=False)
    differ.diff_cleanupSemantic(changes)
    pieces = {letter: piece for piece, letter in known.items()}
    return [(kind, "".join(pieces[letter] for letter in part)) for kind, part in changes]


def _runs(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """What stands between two places at which nothing changed: what went, and what came."""
    gone = new = ""
    for kind, part in changes:
        if kind == 0:
            yield from _paired(gone, new)
            yield part, part
            gone = new = ""
        elif kind < 0:
            gone += part
        else:
            new += part
    yield from _paired(gone, new)


def _paired(gone: str, new: str) -> Iterator[tuple[str, str]]:
    """Clause by clause where as many came as went, else as one."""
    first, second = _CLAUSE.findall(gone), _CLAUSE.findall(new)
    if len(first) == len(second):
        yield from zip(first, second, strict=True)
    else:
        yield gone, new


def _within(gone: str, new: str) -> list[Change]:
    differ = diff_match_patch()
    changes = differ.diff_main(gone, new, checklines=False)
    differ.diff_cleanupSemantic(changes)
    stayed = sum(len(part) for kind, part in changes if kind == 0)
    if stayed < _STAYED * max(len(gone), len(new)) and gone and new:
        return [(-1, gone), (1, new)]
    return changes


def _joined(changes: Sequence[Change]) -> list[Change]:
    """Stretches of one kind that stand together, as one; what went stands before what came."""
    found: list[Change] = []
    gone = new = ""
    for kind, part in [*changes, (0, "")]:
        if kind < 0:
            gone += part
        elif kind > 0:
            new += part
        else:
            found += [(-1, gone)] if gone else []
            found += [(1, new)] if new else []
            gone = new = ""
            if found and found[-1][0] == 0 and part:
                found[-1] = (0, found[-1][1] + part)
            elif part:
                found.append((0, part))
    return found
