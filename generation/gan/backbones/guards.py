"""What a backbone may write next, token by token: the rules of every text in tokens of its own.

Letters: B texts, V tokens of the backbone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from generation.gan.backbones.spelling import Slot, Spelling
from generation.gan.records import LANGUAGES
from generation.gan.slots import NAME

_ROOM = 10  # tokens of the vocabulary that it takes to turn to an attribute and tell it
_LEAST_ROOM = 5  # to tell it at once, after a word of several
_MARKS = frozenset("，。！？；,.!?;")  # that end a clause
_LAST_SYMBOL = 0x10FFFF  # of Unicode
_SLOT_SIZE = 2  # tokens of the vocabulary: the plan token and the slot

# From a token to what may follow it, or to what it completes.
Tree = dict[int, Any]


class Script:
    """The tokens that plain copy of one language is made of.

    Args:
        spelling: of whose tokens and whose letters.
        pieces: what each token of the backbone stands for; "" where that is no text of its own.
        language: "zh" or "en".

    Attributes:
        plain: True for tokens of allowed letters alone, shape (V,); a space leads a word, so but
            for a space by itself none ends with one.
        first: those that a text may begin with, or what follows such a space, shape (V,).
        letters: the characters that take several tokens, as a tree.
        sizes: of each plain token, how many tokens of the vocabulary it is about.
    """

    def __init__(self, spelling: Spelling, pieces: Sequence[str], language: str) -> None:
        letters = spelling.letters(language)
        known = [
            index
            for index, piece in enumerate(pieces)
            if piece and letters.issuperset(piece) and (piece == " " or piece[-1] != " ")
        ]
        self.pieces, self.end, self.language = pieces, spelling.end, language
        self.plain = torch.zeros(len(pieces), dtype=torch.bool)
        self.plain[known] = True
        self.plain[self.end] = False
        self.first = self.plain.clone()
        self.first[[index for index in known if pieces[index].startswith(" ")]] = False
        counted = spelling.vocabulary.tokenizer.encode_batch([pieces[index] for index in known])
        self.sizes = {index: len(cut.ids) for index, cut in zip(known, counted, strict=True)}
        self.letters: Tree = {}
        single = {pieces[index] for index in known}
        for letter in sorted(letters - single):
            ids = spelling.tokenizer.encode(letter, add_special_tokens=False).ids
            if len(ids) > 1 and not self.plain[ids[0]]:
                grow(self.letters, ids, letter)


def grow(tree: Tree, ids: Sequence[int], meaning: str | tuple[str, Slot]) -> None:
    """Let a tree hold that these tokens, one after the other, mean something."""
    for index in ids[:-1]:
        tree = tree.setdefault(index, {})
    tree[ids[-1]] = meaning


class Pen:
    """One text on its way: what it holds, and what may come next.

    Args:
        script: of its language.
        marks: the slots of its brief, each with the ways to spell it.
        minimum: fewest tokens of the vocabulary before it may end.
        maximum: most of them.
        required: the attributes that it must tell.
        words: words that it may not hold, in any case.
        repeats: the shortest stretch that it may not hold twice, of Chinese characters or of
            English tokens; 0 allows all.
    """

    def __init__(  # noqa: PLR0913 - all that one text keeps to
        self,
        script: Script,
        marks: Mapping[Slot, Sequence[Sequence[int]]],
        *,
        minimum: int,
        maximum: int,
        required: Iterable[int] = (),
        words: Sequence[str] = (),
        repeats: int = 0,
    ) -> None:
        self.script, self.marks = script, dict(marks)
        self.minimum, self.maximum = minimum, maximum
        self.owed = {at for at in required if any(_is_fact(slot, at) for slot in self.marks)}
        self.words = [word.lower() for word in words if word.strip()]
        self.repeats, self._said = repeats, ""
        self.written: list[str | Slot] = []
        self.size, self.topic, self.is_done = 0, -1, False
        self._tail = ""
        self._longest = max(map(len, self.words), default=1)
        self._within: Tree = {}
        self._open()

    def allowed(self) -> Tensor:
        """True for the tokens that may come next, shape (V,)."""
        if self._within:
            return self._only(self._within)
        pressing = self._pressing()
        if pressing:
            return self._only(pressing)
        if self.is_done or self.size >= self.maximum - 1:
            return self._only([self.script.end])
        free = self._free.clone()
        can_end = self.size >= self.minimum and not self.owed and not self._is_after_space
        free[self.script.end] = can_end
        return free

    def refuses(self, token: int) -> bool:
        """Whether a token would complete a banned word, or a stretch that is there already."""
        longer = self._tail + self._piece(token)
        return any(word in longer for word in self.words) or self._repeated(token)

    def _repeated(self, token: int) -> bool:
        if not self.repeats or token == self.script.end:
            return False
        longer = self._said + self._symbols(token)
        return any(
            longer.find(longer[end - self.repeats : end]) < end - self.repeats
            for end in range(max(len(self._said) + 1, self.repeats), len(longer) + 1)
        )

    def _symbols(self, token: int) -> str:
        """What a token adds to the stretches: Chinese characters, or one symbol for the token."""
        meaning = self._meaning(token)
        if isinstance(meaning, dict):
            return ""
        if isinstance(meaning, tuple):
            return chr(_LAST_SYMBOL - len(self.written))  # stands in no stretch twice
        return meaning.replace(" ", "") if self.script.language == "zh" else chr(token)

    def take(self, token: int) -> None:
        """Write a token that is allowed."""
        if token == self.script.end:
            self.is_done = True
            return
        self._tail = (self._tail + self._piece(token))[-self._longest :]
        self._said += self._symbols(token)
        meaning = self._meaning(token)
        if isinstance(meaning, dict):
            self._within = meaning
            return
        self._within = {}
        was_at_word = not self.written or self._is_after_space
        if isinstance(meaning, str):
            self.written.append(meaning)
            self.size += self.script.sizes.get(token, 1)
        else:
            space, slot = meaning
            self.written += [space, slot]
            self.size += len(space) + _SLOT_SIZE
            self._told(slot)
        if was_at_word or self._is_after_space:
            self._open()

    def _meaning(self, token: int) -> Any:
        if self._within:
            return self._within[token]
        for tree in (self._pressing() or self._slots, self.script.letters):
            if token in tree:
                return tree[token]
        return self.script.pieces[token]

    def _piece(self, token: int) -> str:
        """What a token adds to the words that are watched for: a slot parts them."""
        meaning = self._meaning(token)
        if isinstance(meaning, dict):
            return ""
        return meaning.lower() if isinstance(meaning, str) else " "

    def _told(self, slot: Slot) -> None:
        """A slot stands once in a text, and an attribute that was left is not turned to again."""
        attribute, token = slot
        del self.marks[slot]
        if attribute >= 0:
            if self.topic not in (-1, attribute) and self.topic not in self.owed:
                self.marks = {key: ids for key, ids in self.marks.items() if key[0] != self.topic}
            self.topic = attribute
            if token != NAME:
                self.owed.discard(attribute)
        self._open()

    def _open(self) -> None:
        """Note which slots may be begun now."""
        self._slots = self._tree(self.marks)
        is_at_word = not self.written or self._is_after_space
        self._free = (self.script.first if is_at_word else self.script.plain).clone()
        self._free[[*self._slots, *self.script.letters]] = True

    def _pressing(self) -> Tree:
        """The slots of what must be told, if there is hardly room for more."""
        due, left = len(self.owed), self.maximum - self.size
        at_a_clause = bool(self.written) and str(self.written[-1])[-1:] in _MARKS
        if not due or left > due * (_ROOM if at_a_clause else _LEAST_ROOM):
            return {}
        return self._tree(
            slot for slot in self.marks if any(_is_fact(slot, attribute) for attribute in self.owed)
        )

    def _tree(self, slots: Iterable[Slot]) -> Tree:
        """The ways to spell some slots here: bare, and with the space before it.

        Each is cut as a tokenizer cuts it: where the space is a token by itself, it is written
        before a bare slot; where it is not, a bare slot never follows one.
        """
        tree: Tree = {}
        for slot in slots:
            bare, spaced = self.marks[slot]
            is_apart = bool(self.script.plain[spaced[0]])
            if is_apart or not self._is_after_space:
                grow(tree, bare, ("", slot))
            if self.written and not is_apart and not self._is_after_space:
                grow(tree, spaced, (" ", slot))
        return tree

    @property
    def _is_after_space(self) -> bool:
        last = self.written[-1] if self.written else ""
        return isinstance(last, str) and last.endswith(" ")

    def _only(self, tokens: Iterable[int]) -> Tensor:
        kept = torch.zeros_like(self.script.plain)
        kept[list(tokens)] = True
        return kept


def scripts(spelling: Spelling, pieces: Sequence[str]) -> dict[str, Script]:
    """The scripts of both languages."""
    return {language: Script(spelling, pieces, language) for language in LANGUAGES}


def _is_fact(slot: Slot, attribute: int) -> bool:
    return slot[0] == attribute and slot[1] != NAME
