"""Plain copy composed from a brief's facts: the first thing the writer learns to write.

A house has a way of stating facts, and a few hundred human texts are not enough to learn it from.
So lessons are composed: an audience, then facts as clauses, each kind of fact in one of several
turns of phrase, then its care. Composed copy is true to its brief by construction. It is dull,
and it is the floor that the writer stands on, not what it is judged by alone: half of what the
discriminator takes for real was written by people.
"""

from __future__ import annotations

import random
import re

from generation.gan.records import Record
from generation.gan.slots import name_of, parts_of

_LIMITS = {"zh": (20, 150), "en": (60, 420)}
_AD_LIMITS = {"zh": 30, "en": 60}

_KINDS = {
    "material": "材质 面料 成分 主料 材料 主材 鞋面 外壳 material fabric composition",
    "colour": "颜色 主要颜色 colour colours color colors",
    "size": "尺寸 规格 产品尺寸 size dimensions",
    "weight": "重量 自重 净重 克重 weight",
    "care": "洗护 护理 保养 清洁 洗涤 care cleaning",
    "capacity": "容量 capacity",
    "sizes": "尺码 sizes",
    "contents": "附件 随附 包装 包装清单 件数 配件 included contents includes packaging",
    "origin": "产地 made",
    "use": "适用 可用于 适用炉灶 适用场景 suitable use uses",
}
_KIND_OF = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}

_CLAUSES_ZH = {
    "material": ["用{a}做成", "{a}制成", "主体选用{a}", "材质为{a}", "选用{a}"],
    "colour": ["颜色有{a}", "可选{a}", "{a}可选", "有{a}可挑"],
    "size": ["尺寸{a}", "整体尺寸{a}", "大小为{a}", "量下来{a}"],
    "weight": ["重{a}", "自重{a}", "重量{a}", "上手{a}"],
    "care": ["打理很简单：{a}", "日常{a}即可", "平时{a}就好", "{a}即可"],
    "capacity": ["容量{a}", "装得下{a}", "容量为{a}"],
    "sizes": ["尺码{a}", "有{a}的尺码", "尺码为{a}"],
    "contents": ["随附{a}", "一套含{a}", "配{a}", "盒里有{a}"],
    "origin": ["产自{a}", "产地{a}"],
    "use": ["适合{a}", "可用于{a}", "适用于{a}"],
    "": ["{k}为{a}", "{k}：{a}", "{k}{a}"],
}
_CLAUSES_EN = {
    "material": ["Made of {v}", "Made from {v}", "It is made of {v}", "The material is {v}"],
    "colour": ["Comes in {l}", "Available in {l}", "Choose from {l}", "Colours: {v}"],
    "size": ["Measures {v}", "It measures {v}", "Size: {v}"],
    "weight": ["Weighs {v}", "It weighs {v}", "Weight: {v}"],
    "care": ["To care for it: {v}", "Care: {v}", "Care is simple: {v}", "{V}"],
    "capacity": ["Holds {v}", "It holds {v}", "Capacity: {v}"],
    "sizes": ["Sizes: {v}", "In sizes {v}", "Sizes run {v}"],
    "contents": ["Comes with {l}", "In the box: {l}", "Included: {l}"],
    "origin": ["Made in {v}"],
    "use": ["Suitable for {l}", "Made for {l}", "For {l}"],
    "": ["{K}: {v}", "The {k}: {v}", "{K}: {v}", "{V}"],
}
_OPENINGS_ZH = [
    "{t}，适合{w}。",
    "写给{w}。",
    "{t}，为{w}而做。",
    "适合{w}。",
    "给{w}准备的{t}。",
    "",
]
_OPENINGS_EN = ["For {w}.", "{T}, for {w}.", "The {t}, made for {w}.", "Made for {w}.", ""]
_ADS_ZH = ["{t}，{p}", "{t}：{p}，{q}", "{p}，{q}", "{t}，给{w}", "给{w}的{t}", "{t}，{p}，{q}"]
_ADS_EN = ["{t}: {p}, {q}.", "{t} for {w}.", "{P}. {Q}.", "{t}. {P}.", "For {w}.", "{t}: {p}."]
_BARE_ZH = ["这款{t}", "{t}，", "", ""]
_BARE_EN = ["Meet the {t}.", "{T}.", "", ""]


def compose(record: Record, chance: random.Random) -> Record:
    """Write plain copy for a brief, in the register "calm"; ads keep theirs."""
    if record.kind == "ad":
        return record.with_text(_ad(record, chance))
    build = _description_zh if record.language == "zh" else _description_en
    return record.with_text(build(record, chance))


def can_compose(record: Record) -> bool:
    """Whether a brief has enough facts to compose copy from."""
    return len(_facts(record)) >= 3


def _facts(record: Record) -> list[tuple[str, str]]:
    return [
        (key, value.strip("。. "))
        for key, value in record.attributes
        if key != "brand" and 1 < len(value) <= (40 if record.language == "zh" else 90)
    ]


def _chosen(record: Record, chance: random.Random) -> list[tuple[str, str]]:
    """Some of the facts, what a thing is made of first and how it is cared for last."""
    facts = _facts(record)
    kept = chance.sample(facts, min(len(facts), chance.randint(3, 7)))

    def place(fact: tuple[str, str]) -> tuple[int, float]:
        kind = _kind(fact[0])
        return {"material": 0, "care": 3, "colour": 2}.get(kind, 1), chance.random()

    return sorted(kept, key=place)


def _kind(key: str) -> str:
    name = key.lower()
    return _KIND_OF.get(name) or _KIND_OF.get(name.split()[0], "") if name else ""


def _description_zh(record: Record, chance: random.Random) -> str:
    title, who = name_of(record), record.audience.strip("。")
    opening = chance.choice(_OPENINGS_ZH if who else _BARE_ZH).format(t=title, w=who)
    sentences, run = [], []
    for key, value in _chosen(record, chance):
        run.append(_clause_zh(key, value, chance))
        if len(run) == chance.choice([1, 2, 2, 3]):
            sentences.append("，".join(run))
            run = []
    if run:
        sentences.append("，".join(run))
    text = opening
    for sentence in sentences:
        if len(text) + len(sentence) > _LIMITS["zh"][1]:
            break
        text += sentence + "。"
    return text


def _clause_zh(key: str, value: str, chance: random.Random) -> str:
    first, *rest = re.split(r"[，；;]", value)
    turns = _CLAUSES_ZH[_kind(key)]
    if not _kind(key) and len(key) + len(first) > 12:
        turns = turns[:2]
    clause = chance.choice(turns).format(k=key, a=first)
    return "，".join([clause, *rest])


def _description_en(record: Record, chance: random.Random) -> str:
    title, who = name_of(record), record.audience.strip(". ")
    who = who[:1].lower() + who[1:]
    pattern = chance.choice(_OPENINGS_EN if who else _BARE_EN)
    text = pattern.format(t=title, T=title, w=who)
    for key, value in _chosen(record, chance):
        kind = _kind(key)
        turns = _CLAUSES_EN[kind]
        if not kind and len(value.split()) < 4:
            turns = turns[:3]
        clause = chance.choice(turns).format(
            k=key, K=_capital(key), v=value, V=_capital(value), l=_listed(value)
        )
        if len(text) + len(clause) > _LIMITS["en"][1]:
            break
        text = f"{text} {clause}.".strip()
    return text


def _ad(record: Record, chance: random.Random) -> str:
    """One line: the product, who it is for, and a fact or two, whichever fit."""
    chinese = record.language == "zh"
    title, who = name_of(record), record.audience.strip("。. ")
    who = who if chinese else who[:1].lower() + who[1:]
    dull = {"care", "sizes", "size", "weight", "contents"}
    parts = [
        part
        for key, value in _facts(record)
        if _kind(key) not in dull
        for part in parts_of(value)
        if 2 < len(part) <= (10 if chinese else 28)
    ]
    some = [*chance.sample(parts, min(2, len(parts))), "", ""]
    turns = _ADS_ZH if chinese else _ADS_EN
    needed = {"p": some[0], "P": some[0], "q": some[1], "Q": some[1], "w": who, "t": title}
    turns = [turn for turn in turns if all(needed[name] for name in re.findall(r"\{(\w)\}", turn))]
    lines = [
        turn.format(t=title, w=who, p=some[0], q=some[1], P=_capital(some[0]), Q=_capital(some[1]))
        for turn in turns
    ]
    fitting = [line for line in lines if len(line) <= _AD_LIMITS[record.language]]
    return chance.choice(fitting) if fitting else title


def _listed(value: str) -> str:
    """Parts in a row with "and" before the last."""
    parts = parts_of(value)
    return value if len(parts) < 2 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
