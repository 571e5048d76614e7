"""From raw corpora to the texts worth learning from, with a report of what was left out and why."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from generation.gan.records import LANGUAGES, Record
from generation.gan.slots import facts_of, mask_text

_SPACES = re.compile(r"\s+")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = {"zh": re.compile(r"(?<=[。！？；])"), "en": re.compile(r"(?<=[.!?])\s+")}
# Claims that Chinese advertising law forbids or that no fact can carry, and traces of the source.
_REFUSED = re.compile(
    r"最[好佳优高大强低]|第一|顶级|国家级|唯一|绝对|百分百|极致|史上|包邮|优惠|促销|秒杀|特价|店铺|"
    r"亲们|掌柜|客服|旗舰店|正品|<UNK>|BRAND|http|www\.|\bbest\b|\bperfect(?:ly)?\b|#1|"
    r"\bguarantee|\bultimate\b|warranty|money back|\bsale\b|\bdiscount",
    re.IGNORECASE,
)
_BOUNDS = {
    ("zh", "description"): (24, 170),
    ("en", "description"): (60, 560),
    ("zh", "ad"): (5, 40),
    ("en", "ad"): (10, 90),
    ("zh", "seo"): (16, 90),
    ("en", "seo"): (40, 180),
    ("zh", "review"): (8, 100),
    ("en", "review"): (20, 300),
}


@dataclass
class Report:
    """How many texts came in and were kept, and why the others were left out."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)


def normalise(text: str, language: str) -> str:
    """NFC, one space between words, and Chinese punctuation in Chinese copy."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if language == "zh":
        text = re.sub(r"(?<=[\u4e00-\u9fff])\s*,\s*", "，", text)
        text = re.sub(r"(?<=[\u4e00-\u9fff])\s*!\s*", "！", text)
        text = re.sub(r"(?<=[\u4e00-\u9fff])\s*;\s*", "；", text)
        return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", text)
    return text.replace("\u2019", "'")


def prepare(records: Iterable[Record]) -> tuple[list[Record], Report]:
    """Normalise, cut sentences that no fact carries, drop what is too short, and de-duplicate."""
    report = Report()
    seen: set[str] = set()
    shingles: dict[int, int] = {}
    kept: list[Record] = []
    for record in records:
        report.read += 1
        prepared, reason = _prepared(record)
        if prepared is not None:
            reason = _duplicate(prepared.text, seen, shingles, len(kept))
        if reason:
            report.dropped[reason] += 1
            continue
        kept.append(prepared)
    report.kept = len(kept)
    return kept, report


def _prepared(record: Record) -> tuple[Record | None, str]:
    if record.language not in LANGUAGES:
        return None, "third language"
    text = normalise(record.text, record.language)
    if not text:
        return None, "no text"
    share = len(_CJK.findall(text)) / len(text)
    if (share > 0.3) != (record.language == "zh"):
        return None, "another language"
    facts = facts_of(record)
    sentences = [
        sentence
        for sentence in _SENTENCE[record.language].split(text)
        if sentence.strip() and not _REFUSED.search(sentence)
    ]
    held = [s for s in sentences if mask_text(s, facts, record.language) is not None]
    low, high = _BOUNDS[record.language, record.kind]
    joined = _within(held, high, " " if record.language == "en" else "")
    if len(joined) < low:
        return None, "numbers without a fact" if len(held) < len(sentences) else "too short"
    if record.kind == "description":
        joined = _closed(joined, record.language)
    return replace(record, text=joined), ""


def _within(sentences: list[str], limit: int, glue: str) -> str:
    text = ""
    for sentence in sentences:
        longer = f"{text}{glue}{sentence.strip()}".strip()
        if len(longer) > limit:
            break
        text = longer
    return text


def _closed(text: str, language: str) -> str:
    """End a description as a sentence ends."""
    if language == "zh":
        return text if text[-1] in "。！？”" else text.rstrip("，；、,.~ ") + "。"
    return text if text[-1] in '.!?"' else text.rstrip(",;: ") + "."


def _duplicate(text: str, seen: set[str], shingles: dict[int, int], number: int) -> str:
    """Exact copies, and near copies: more than half of a text's 8-grams stand in one before it."""
    if text in seen:
        return "duplicate"
    seen.add(text)
    grams = {hash(text[at : at + 8]) for at in range(max(1, len(text) - 7))}
    owners = Counter(shingles[gram] for gram in grams if gram in shingles)
    if owners and owners.most_common(1)[0][1] > len(grams) / 2:
        return "near duplicate"
    for gram in grams:
        shingles.setdefault(gram, number)
    return ""
