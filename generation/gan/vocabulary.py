"""Text to ids and back, for Chinese and English in one vocabulary without digits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Metaspace, Split
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.trainers import BpeTrainer

from generation.gan.records import KINDS, LANGUAGES, STYLES, Record
from generation.gan.slots import (
    BRAND,
    HELD_TOKENS,
    NAME,
    NAMES,
    PLAN_TOKENS,
    TITLE,
    WHO,
    Attribute,
    Facts,
    facts_of,
    mask_source,
    mask_text,
    split,
)

PAD, UNKNOWN, BEGIN, END, SEPARATOR, KEY, VALUE = range(7)
_MARKS = ["<pad>", "<unk>", "<s>", "</s>", "<sep>", "<k>", "<v>"]
LENGTHS = ("short", "middle", "long", "longer")
BOUNDS = {"zh": (30, 70, 110), "en": (60, 160, 300)}  # code points between the length tokens
_CONTROL = [
    *(f"<{language}>" for language in LANGUAGES),
    *(f"<{kind}>" for kind in KINDS),
    *(f"<{style}>" for style in STYLES),
    *(f"<{length}>" for length in LENGTHS),
]
_SLOTS = (*PLAN_TOKENS, *HELD_TOKENS, *NAMES)
_FOREIGN = {
    "en": re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef/]"),
    "zh": re.compile(r"[A-Za-z,.!?:;/]"),
}
_HAN = re.compile("[\u4e00-\u9fff]")
_PART_LIMIT = 14  # tokens of a part that the writer reads; the slot stands for the whole
_PRIVATE = 0xF0000  # where Unicode leaves room for symbols of one's own
_WORDS = Regex(r"[，。！？；：、（）“”《》…—·,.!?;:()\"'/+&\u00d7\u2013-]")


class Vocabulary:
    """A trained tokenizer with the ids of the control and slot tokens.

    `forbidden_ids` may stand in no text, `foreign_ids` in none of that language. Ids never change
    once a checkpoint is released: a checkpoint carries its own vocabulary.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.size = tokenizer.get_vocab_size()
        self.slots = {tokenizer.token_to_id(token): token for token in _SLOTS}
        self.plan_ids = [tokenizer.token_to_id(token) for token in PLAN_TOKENS]
        self.held_ids = [tokenizer.token_to_id(token) for token in HELD_TOKENS]
        self.copied_ids = [*self.plan_ids, *(tokenizer.token_to_id(token) for token in NAMES)]
        self.control_ids = [tokenizer.token_to_id(token) for token in _CONTROL]
        self.calm_ids = [tokenizer.token_to_id(token) for token in ("<description>", "<calm>")]
        self.ad_id = tokenizer.token_to_id("<ad>")
        self.mark_ids = [
            index
            for token, index in tokenizer.get_vocab().items()
            if token.strip("\u2581") and set(token.strip("\u2581")) <= set("，。！？；,.!?;")
        ]
        # What a text has several of, whatever it says: its marks, and what stands for facts.
        self.free_ids = [*self.mark_ids, *self.slots]
        # Chinese words: English ones are articles and prepositions too, which have to recur.
        self.restrained_ids = [
            index for token, index in tokenizer.get_vocab().items() if _HAN.search(token)
        ]
        self.space_id = -1 if (space := tokenizer.token_to_id("\u2581")) is None else space
        self.fact_ids = [index for index in self.held_ids if self.slots[index] != NAME]
        self.lead_ids = [END, *self.plan_ids, *self.fact_ids]
        if self.space_id >= 0:
            self.lead_ids.append(self.space_id)
        self._completing: dict[tuple[str, int], dict[str, list[int]]] = {}
        self.forbidden_ids = self._forbidden()
        self.foreign_ids = {language: self._foreign(language) for language in LANGUAGES}

    @classmethod
    def train(cls, records: Iterable[Record], *, size: int) -> Vocabulary:
        """Learn byte-pair merges over the words of copy and briefs; a slot is no word."""
        tokenizer = Tokenizer(BPE(unk_token=_MARKS[UNKNOWN]))
        tokenizer.pre_tokenizer = PreTokenizers(
            [Split(_WORDS, "isolated"), Metaspace(prepend_scheme="never")]
        )
        special = [*_MARKS, *_CONTROL, *_SLOTS]
        trainer = BpeTrainer(
            vocab_size=size,
            special_tokens=[AddedToken(token, normalized=False) for token in special],
            show_progress=False,
            max_token_length=10,
        )
        tokenizer.train_from_iterator(_words_of(records), trainer=trainer)
        return cls(tokenizer)

    @classmethod
    def of(cls, text: str) -> Vocabulary:
        """The vocabulary of a tokenizer's JSON."""
        return cls(Tokenizer.from_str(text))

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read a vocabulary that `save` wrote."""
        return cls(Tokenizer.from_file(str(path)))

    def save(self, path: Path) -> None:
        """Write the vocabulary as one JSON file."""
        self.tokenizer.save(str(path))

    def encode_brief(
        self,
        record: Record,
        facts: Facts,
        *,
        limit: int,
        length: str = "",
        offered: Mapping[int, Collection[int]] | None = None,
    ) -> list:
        """Give the source ids of a brief: controls, title, audience, then keys with their parts.

        Args:
            record: the brief.
            facts: what its slots hold.
            limit: most ids.
            length: the class of length that is asked for; the text's own where none is.
            offered: the attributes that are told, by their index, each with the places of those of
                its parts that are; everything for None. All keep their index and place, so a text
                is as good for the whole brief.
        """
        wanted = length or length_of(record.text, record.language)
        ids = [
            self._id(f"<{record.language}>"),
            self._id(f"<{record.kind}>"),
            self._id(f"<{record.style}>"),
            self._id(f"<{wanted}>"),
            *self._ids(record.category),
            SEPARATOR,
            self._id(TITLE),
            self._id(PLAN_TOKENS[0]),
            *self._ids(mask_source(record.title, facts.attributes[0].numbers))[: 3 * _PART_LIMIT],
        ]
        if facts.who:
            ids += [SEPARATOR, self._id(WHO), *self._ids(mask_source(facts.who))]
        if facts.brand:
            ids += [SEPARATOR, self._id(BRAND)]
        for index, attribute in enumerate(facts.attributes[1:], start=1):
            if offered is None:
                ids += self._attribute(index, attribute, range(len(attribute.parts)))
            elif index in offered:
                ids += self._attribute(index, attribute, offered[index])
        return ids[:limit]

    def _attribute(self, index: int, attribute: Attribute, told: Collection[int]) -> list[int]:
        """A key, then its plan token and the value's parts with a mark between them.

        A part that is not told leaves its place empty.
        """
        ids = [KEY, *self._ids(mask_source(attribute.key)), VALUE, self._id(PLAN_TOKENS[index])]
        for place, part in enumerate(attribute.parts):
            ids += [SEPARATOR] if place else []
            if place in told:
                ids += self._ids(mask_source(part, attribute.numbers))[:_PART_LIMIT]
        return ids

    def held(self, source: Sequence[int]) -> dict[int, set[str]]:
        """The slots that each attribute of a brief fills, by the attribute's index.

        Read from the ids alone, so that it holds for a brief that was cut off as well.
        """
        found: dict[int, set[str]] = {}
        spoken_of: set[str] = set()
        place = 0
        for index in source:
            token = self.slots.get(index, "")
            if index == KEY:
                spoken_of = set()
            elif token in PLAN_TOKENS:
                spoken_of = found.setdefault(PLAN_TOKENS.index(token), set())
                spoken_of |= set() if token == PLAN_TOKENS[0] else {NAME}
                place = 0
            elif index == SEPARATOR:
                place += 1
            else:
                if NAME in spoken_of:
                    spoken_of.add(f"<p{place}>")
                if token.startswith("<n"):
                    spoken_of |= {f"<{form}{token[2:]}" for form in "nmw"}
        return found

    def encode_text(self, record: Record, facts: Facts, *, limit: int) -> list[int] | None:
        """Give the target ids of a text, or None when it holds a number the brief lacks."""
        masked = mask_text(record.text, facts, record.language)
        if masked is None:
            return None
        return [*self._ids(masked)[: limit - 1], END]

    def decode(self, ids: Sequence[int]) -> str:
        """Give masked copy; `slots.fill` puts the facts back."""
        pieces = (piece for piece in self.pieces(ids) if piece not in PLAN_TOKENS)
        return "".join(pieces).strip()

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Give each id's own characters, so that a score per token finds its place in the copy."""
        tokens = (self.tokenizer.id_to_token(int(index)) or "" for index in ids)
        return [
            "" if index in (PAD, BEGIN, END) else token.replace("\u2581", " ")
            for index, token in zip(ids, tokens, strict=True)
        ]

    def symbols(self, index: int, language: str) -> str:
        """What a token adds to a text, a symbol for each unit: Chinese characters, English tokens.

        A slot is a symbol of its own; spaces are none in Chinese, nor is the end of a text.
        """
        if index in (PAD, BEGIN, END):
            return ""
        if language == "zh" and index not in self.slots:
            return self.tokenizer.id_to_token(index).replace("\u2581", "")
        return chr(_PRIVATE + index)

    def completing(self, language: str, size: int) -> dict[str, list[int]]:
        """The tokens that add some symbols first, or anywhere a whole stretch of `size` symbols."""
        if (language, size) not in self._completing:
            found: dict[str, list[int]] = {}
            for index in range(self.size):
                symbols = self.symbols(index, language)
                beginnings = {symbols[:end] for end in range(1, min(size - 1, len(symbols)) + 1)}
                whole = {symbols[at : at + size] for at in range(len(symbols) - size + 1)}
                for some in beginnings | whole:
                    found.setdefault(some, []).append(index)
            self._completing[language, size] = found
        return self._completing[language, size]

    def is_led(self, source: Sequence[int]) -> bool:
        """Whether a brief asks for calm copy, whose clauses are led by plan tokens."""
        return list(source[1:3]) == self.calm_ids

    def is_composed(self, source: Sequence[int]) -> bool:
        """Whether a brief asks for what is learnt from composed copy: that, or an ad."""
        return source[1] == self.ad_id or self.is_led(source)

    def language(self, source: Sequence[int]) -> str:
        """The language that a brief asks for."""
        return LANGUAGES[self.control_ids.index(source[0])]

    def _forbidden(self) -> list[int]:
        """Ids that no text may hold: marks, controls, pieces of such, and what has a digit."""
        marks = [index for index in range(len(_MARKS)) if index != END]
        pieces = [
            index
            for token, index in self.tokenizer.get_vocab().items()
            if index not in self.slots
            and index != END
            and any(letter in "<>" or (letter.isnumeric() and letter.isascii()) for letter in token)
        ]
        return sorted({*marks, *self.control_ids, *pieces})

    def _foreign(self, language: str) -> list[int]:
        """Ids of words and marks of the other language's script, and of bare slashes."""
        return [
            index
            for token, index in self.tokenizer.get_vocab().items()
            if index not in self.slots
            and not token.startswith("<")
            and _FOREIGN[language].search(token)
        ]

    def _ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids if text else []

    def _id(self, token: str) -> int:
        return self.tokenizer.token_to_id(token)


def length_of(text: str, language: str) -> str:
    """Name the length class of a text, in code points."""
    passed = sum(len(text) > bound for bound in BOUNDS[language])
    return LENGTHS[passed]


def _words_of(records: Iterable[Record]) -> Iterable[str]:
    """What stands between the slots, as the tokenizer sees it when it encodes.

    Merges know nothing of special tokens: of masked copy they would make pieces that span a slot,
    which no encoding ever uses.
    """
    for line in _lines(records):
        yield from (piece for piece in split(line) if piece not in _SLOTS)


def _lines(records: Iterable[Record]) -> Iterable[str]:
    for record in records:
        facts = facts_of(record)
        masked = mask_text(record.text, facts, record.language)
        if masked:
            yield masked
        yield mask_source(record.title)
        for key, value in record.attributes:
            yield mask_source(key)
            yield mask_source(value)
        yield record.category
        yield mask_source(record.audience)
