"""Briefs and masked copy as plain text that a language model knows how to read.

A slot is spelled as the name of what it holds, in brackets: where the vocabulary has
`<a3><p0>`, a backbone reads and writes `[material]`. A brief is the list of those names with what
stands there:

    Product description, calm, long.
    [title] oak tray
    [who] people who eat in bed
    [material] oak; [material 2] cork
    [size] [size #1]
    Text:

So every tokenizer can spell every slot, the model sees what a slot means, and no value has to be
written by it: numbers, sizes and names come from the brief here too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tokenizers import Tokenizer

from generation.gan.slots import BRAND, HELD_TOKENS, NAME, NAMES, PLAN_TOKENS, TITLE, WHO, planned
from generation.gan.vocabulary import BEGIN, END, KEY, PAD, SEPARATOR, UNKNOWN, VALUE, Vocabulary

_WORDS = {
    "en": {
        "description": "Product description",
        "ad": "Advertisement",
        "seo": "Search summary",
        "review": "Buyer's review",
        "calm": "calm",
        "lively": "lively",
        "market": "as on a market",
        "short": "short",
        "middle": "of middle length",
        "long": "long",
        "longer": "very long",
        TITLE: "title",
        WHO: "who",
        BRAND: "brand",
        "m": "bare",
        "w": "in words",
        NAME: "name",
        "fact": "fact",
    },
    "zh": {
        "description": "商品描述",
        "ad": "广告语",
        "seo": "搜索摘要",
        "review": "买家评价",
        "calm": "平实",
        "lively": "活泼",
        "market": "电商口吻",
        "short": "短",
        "middle": "中等长度",
        "long": "长",
        "longer": "很长",
        TITLE: "品名",
        WHO: "人群",
        BRAND: "品牌",
        "m": "数字",
        "w": "汉字",
        NAME: "名称",
        "fact": "特点",
    },
}
_CLOSING = {"en": ("{}, {}, {}.", "Text:"), "zh": ("{}，{}，{}。", "正文：")}
_LONGEST_NAME = 24  # code points
_BRACKETS = "[]"
_SILENT = (UNKNOWN, SEPARATOR, VALUE)
_BARRED = re.compile(r"[\[\]\s#*]+")  # in names: what tells slots apart

# An attribute's index, -1 for what belongs to the whole brief, with the slot's token.
Slot = tuple[int, str]


@dataclass
class _Field:
    """A part of a brief: where its slots belong, and its text with them."""

    attribute: int
    parts: list[list[str | Slot]] = field(default_factory=lambda: [[]])

    def add(self, piece: str | Slot) -> None:
        self.parts[-1].append(piece)

    @property
    def words(self) -> str:
        return "".join(piece for piece in self.parts[0] if isinstance(piece, str)).strip()


class Spelling:
    """Translates between a vocabulary's ids and a backbone's tokens.

    Args:
        tokenizer: the backbone's.
        vocabulary: whose ids briefs and texts are.
        begin: what the backbone's texts begin with.
        end: the token that ends a text.
    """

    def __init__(
        self, tokenizer: Tokenizer, vocabulary: Vocabulary, *, begin: Sequence[int], end: int
    ) -> None:
        self.tokenizer, self.vocabulary = tokenizer, vocabulary
        self.begin, self.end = list(begin), end
        self._spelled: dict[str, list[int]] = {}

    def prompt(self, source: Sequence[int]) -> list[int]:
        """A brief as the backbone's tokens, up to where the text begins."""
        return [*self.begin, *self._ids(self._brief(source), self._names(source))]

    def text(self, source: Sequence[int], target: Sequence[int]) -> list[int]:
        """A text for a brief as the backbone's tokens, closed by its end."""
        return [*self._ids(self.pieces_of(target), self._names(source)), self.end]

    def marks(self, source: Sequence[int]) -> dict[Slot, list[list[int]]]:
        """The slots that a brief fills, each as the tokens that spell it, bare and after a space.

        Those of the title, the audience and the brand are there if the brief has them.
        """
        named = set(source)
        slots: list[Slot] = [
            (-1, token) for token in NAMES if self.vocabulary.tokenizer.token_to_id(token) in named
        ]
        for attribute, tokens in self.vocabulary.held(source).items():
            slots += [(attribute, token) for token in HELD_TOKENS if token in tokens]
        names = self._names(source)
        return {
            slot: [self._mark(names[slot]), self._mark(f" {names[slot]}")]
            for slot in slots
            if slot in names
        }

    def read(self, written: Iterable[str | Slot], *, limit: int) -> list[int]:
        """What a backbone has written as ids of the vocabulary, closed by </s>."""
        masked = "".join(
            piece if isinstance(piece, str) else _placed(*piece) for piece in written
        ).strip()
        return [*self.vocabulary.tokenizer.encode(planned(masked)).ids[: limit - 1], END]

    def letters(self, language: str) -> frozenset[str]:
        """The characters that copy of a language may be made of: no digit and no foreign script.

        They are those that the vocabulary knows, so that the discriminator can read every text.
        """
        barred = {*self.vocabulary.forbidden_ids, *self.vocabulary.foreign_ids[language]}
        known = {
            token.replace("\u2581", " ")
            for token, index in self.vocabulary.tokenizer.get_vocab().items()
            if len(token) == 1 and index not in barred
        }
        return frozenset(
            letter
            for letter in known
            if letter.isprintable()
            and letter not in _BRACKETS
            and not unicodedata.category(letter).startswith("N")
        )

    def _mark(self, spelled: str) -> list[int]:
        if spelled not in self._spelled:
            self._spelled[spelled] = self._plain(spelled)
        return self._spelled[spelled]

    def _plain(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids if text else []

    def _ids(self, pieces: Iterable[str | Slot], names: dict[Slot, str]) -> list[int]:
        """Cut words and slots apart, so that a slot is always spelled by the same tokens.

        A space before a slot belongs to it, as it does before a word.
        """
        ids: list[int] = []
        plain = ""
        for piece in pieces:
            if isinstance(piece, str):
                plain += piece
                continue
            has_space = plain.endswith(" ")
            ids += self._plain(plain.removesuffix(" ") if has_space else plain)
            ids += self._mark(f"{' ' * has_space}{names.get(piece, '')}")
            plain = ""
        return ids + self._plain(plain)

    def pieces_of(self, target: Sequence[int]) -> Iterator[str | Slot]:
        """Masked copy without its plan tokens: what a slot is of stands in its name."""
        spoken_of = -1
        kept = [index for index in target if index not in (PAD, BEGIN, END)]
        for index, piece in zip(kept, self.vocabulary.pieces(kept), strict=True):
            token = self.vocabulary.slots.get(index)
            if token is None:
                yield piece
            elif token in PLAN_TOKENS:
                spoken_of = PLAN_TOKENS.index(token)
            else:
                yield (-1 if token in NAMES else spoken_of, token)

    def _brief(self, source: Sequence[int]) -> Iterator[str | Slot]:
        language = self.vocabulary.language(source)
        words, (opening, closing) = _WORDS[language], _CLOSING[language]
        controls = [
            words[self.vocabulary.tokenizer.id_to_token(index).strip("<>")] for index in source[1:4]
        ]
        yield opening.format(*controls) + "\n"
        for name, part in self._fields(source):
            if name == "category" and part.words:
                yield f"{part.words}\n"
            elif name in NAMES:
                yield (-1, name)
                yield from _sentence(part.parts[0])
            elif name == "value":
                told = [(place, pieces) for place, pieces in enumerate(part.parts) if pieces]
                for number, (place, pieces) in enumerate(told):
                    yield "; " if number else ""
                    yield (part.attribute, f"<p{place}>")
                    yield from _sentence(pieces, end="")
                yield "\n"
        yield f"{closing}\n"

    def _fields(self, source: Sequence[int]) -> list[tuple[str, _Field]]:
        """The parts of a brief in their order, read back from its ids."""
        fields: list[tuple[str, _Field]] = [("category", _Field(-1))]
        for index, piece in zip(source[4:], self.vocabulary.pieces(source[4:]), strict=True):
            token = self.vocabulary.slots.get(index, "")
            name, part = fields[-1]
            begun = _begun(index, token, name)
            if begun is not None:
                fields.append(begun)
            elif index == SEPARATOR and name == "value":
                part.parts.append([])
            elif token in HELD_TOKENS:
                part.add((part.attribute, token))
            elif index not in _SILENT and not token:
                part.add(piece)
        return fields

    def _names(self, source: Sequence[int]) -> dict[Slot, str]:
        """How each slot of a brief is spelled; no two alike."""
        words = _WORDS[self.vocabulary.language(source)]
        keys, taken = {0: words[TITLE]}, {words[name] for name in NAMES}
        for (_, key), (name, value) in pairwise(self._fields(source)):
            if name == "value":
                plain = _BARRED.sub(" ", key.words)[:_LONGEST_NAME].strip() or words["fact"]
                keys[value.attribute] = f"{plain}*{value.attribute}" if plain in taken else plain
                taken.add(plain)
        names = {(-1, name): f"[{words[name]}]" for name in NAMES}
        for attribute, key in keys.items():
            for token in HELD_TOKENS:
                names[attribute, token] = f"[{key}{_suffix(token, words)}]"
        return names


def _begun(index: int, token: str, within: str) -> tuple[str, _Field] | None:
    """The part of a brief that begins with an id, if one does."""
    if index == KEY:
        return "key", _Field(-1)
    if token in NAMES:
        return token, _Field(0 if token == TITLE else -1)
    if token in PLAN_TOKENS and within == "key":
        return "value", _Field(PLAN_TOKENS.index(token))
    return None


def _suffix(token: str, words: dict[str, str]) -> str:
    """What tells the slots of one attribute apart: <p0> is it, <p1> its second part."""
    if token == NAME:
        return f" {words[NAME]}"
    form, place = token[1], int(token[2:-1]) + 1
    if form == "p":
        return f" {place}" if place > 1 else ""
    return f" #{place}" if form == "n" else f" #{place} {words[form]}"


def _placed(attribute: int, token: str) -> str:
    """A slot as `slots.planned` reads it."""
    if attribute < 0:
        return token
    if token == NAME:
        return f"<k{attribute}.0>"
    return f"<{token[1]}{attribute}.{token[2:-1]}>"


def _sentence(pieces: Sequence[str | Slot], end: str = "\n") -> Iterator[str | Slot]:
    """What stands behind a slot's name."""
    yield " " if pieces else ""
    yield from pieces
    yield end
