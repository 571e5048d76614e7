"""The words of generation as plain data: no Django, no database, safe to pass anywhere."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

Severity = Literal["hard", "soft"]
Label = Literal["approved", "rejected", "edited"]


@dataclass(frozen=True, slots=True)
class Brief:
    """The facts one text is written from, and the limits it must keep.

    Args:
        product_ref: what the product is called where it came from, usually its sku.
        kind: what the writer calls the kind of text, "description" or "ad".
        language: "zh-hans" or "en".
        title: the product's title in that language.
        brand: the brand's name, or "".
        category: the category's name in that language, or "".
        attributes: pairs of key and value, in order; keys may repeat.
        audience: whom the product is for, or "".
        tone: the brand's voice in that language, or "".
        min_chars: the shortest text allowed, in code points.
        max_chars: the longest text allowed, in code points.
        banned: words that must not occur, besides those no text may use.
        required: keys of attributes that the text must tell.
        left_out: facts too long to be written, each by its name and the numbers that stand in it,
            which a text may say all the same.
    """

    product_ref: str
    kind: str
    language: str
    title: str
    brand: str
    category: str
    attributes: tuple[tuple[str, str], ...]
    audience: str
    tone: str
    min_chars: int
    max_chars: int
    banned: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the brief as JSON-ready data."""
        return {
            **asdict(self),
            "attributes": [list(pair) for pair in self.attributes],
            "banned": list(self.banned),
            "required": list(self.required),
            "left_out": [list(pair) for pair in self.left_out],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` gave."""
        return cls(
            **{
                **data,
                "attributes": tuple((key, value) for key, value in data["attributes"]),
                "banned": tuple(data.get("banned", ())),
                "required": tuple(data.get("required", ())),
                "left_out": tuple((name, numbers) for name, numbers in data.get("left_out", ())),
            }
        )


@dataclass(frozen=True, slots=True)
class Span:
    """The discriminator's score of one stretch of a text.

    Args:
        start: offset of the first code point.
        end: offset after the last code point.
        score: the share of approved copy's tokens that the discriminator believes less, 0 to 1.
    """

    start: int
    end: int
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Give the span as JSON-ready data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text the writer offers, with the discriminator's opinion of it.

    Args:
        text: the copy.
        score: the discriminator's probability that it is approved copy, 0 to 1.
        spans: the same opinion, stretch by stretch; may be empty.
        tokens: the text as the writer judged it; only the writer reads them.
    """

    text: str
    score: float
    spans: tuple[Span, ...] = ()
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pull:
    """How far one stretch of a text pulled its score.

    Args:
        start: offset of the first code point.
        end: offset after the last code point.
        pull: log-odds that it adds, in nats; below 0 it pulls the score down.
    """

    start: int
    end: int
    pull: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of a text and the fact of the brief that it tells.

    Args:
        start: offset of the first code point.
        end: offset after the last code point.
        field: what of the brief: "attributes", "title", "audience" or "brand".
        key: the attribute's key; "" for another field.
        value: what the brief says there.
        is_exact: whether the fact itself was put into the text; else its words name a value.
    """

    start: int
    end: int
    field: str
    key: str
    value: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one text has its score, and what its phrases tell.

    Args:
        logit: log-odds of the score, in nats.
        baseline: log-odds of a text as long, of no words in particular.
        pulls: what each stretch adds to the baseline, in order.
        elsewhere: what adds to it and stands nowhere in the text: its end, what was cut off.
        gap: what the sum of all of these lacks of the logit.
        phrases: in order, none within another.
    """

    logit: float
    baseline: float
    pulls: tuple[Pull, ...]
    elsewhere: float
    gap: float
    phrases: tuple[Phrase, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give the explanation as JSON-ready data, figures to four places."""
        told = asdict(self)
        for part in (told, *told["pulls"]):
            part |= {name: round(value, 4) for name, value in part.items() if type(value) is float}
        return told


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check noticed in a text, and where; `checks.sentence` says it to a person.

    Args:
        code: which check it was, e.g. "number_not_in_brief".
        severity: "hard" findings keep a text from being offered; "soft" ones become badges.
        start: offset of the first code point concerned.
        end: offset after the last code point concerned.
        values: what its sentence names, e.g. the number.
    """

    code: str
    severity: Severity
    start: int
    end: int
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_hard(self) -> bool:
        """Say whether this finding keeps the text from being offered."""
        return self.severity == "hard"

    def to_dict(self) -> dict[str, Any]:
        """Give the finding as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_dict` gave."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A judged text the writer and its discriminator learn from.

    Args:
        brief: what the text was written from.
        text: the judged text; for an edit, the editor's words.
        label: what the editor made of it.
        weight: how much it counts; 0 means not at all.
        draft_text: for an edit, what the writer had written.
    """

    brief: Brief
    text: str
    label: Label
    weight: float = 1.0
    draft_text: str = ""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Where training left its weights, and how good they are.

    Args:
        path: the folder that holds the new checkpoint.
        digest: the digest of its weights, as its card says it.
        metrics: measured figures by name.
    """

    path: Path
    digest: str
    metrics: dict[str, Any] = field(default_factory=dict)
