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
from generation.gan.slots import name_of, numbers_in, parts_of

_LIMITS = {"zh": (20, 150), "en": (60, 420)}
_AD_LIMITS = {"zh": 30, "en": 60}

_KINDS = {
    "material": "材质 面料 成分 主料 材料 主材 外壳 框架材质 material fabric composition shell",
    "colour": "颜色 主要颜色 colour colours color colors",
    "size": "尺寸 规格 产品尺寸 size dimensions",
    "weight": "重量 自重 净重 weight",
    "care": "洗护 护理 保养 清洁 洗涤 care cleaning",
    "capacity": "容量 capacity",
    "sizes": "尺码 sizes",
    "contents": "附件 随附 包装清单 配件 included",
    "origin": "产地 made",
    "use": "适用 可用于 适用炉灶 适用场景 suitable",
    "measure": "高度 长度 直径 口径 衣长 裙长 内长 刃长 线长 厚度 板厚 承重 克重 功率 亮度 续航 "
    "单条重量 单只重量 一双重量 底长 宽度 深度 全长 总长 每层承重 收纳尺寸 "
    "展开尺寸 净含量 座高 电池 保质期",
    "pockets": "口袋 内袋 外袋 袋子 暗袋 pocket pockets",
    "lining": "内里 里料 衬里 里布 lining",
    "filling": "填充 填充物 filling fill",
    "upper": "鞋面 upper",
    "outsole": "鞋底 大底 outsole sole",
    "insole": "鞋垫 insole",
    "fit": "版型 fit",
    "load": "load",
    "feel": "手感 feel",
    "water": "防水 water",
}
_KIND_OF = {key: kind for kind, keys in _KINDS.items() for key in keys.split()}

_CLAUSES_ZH = {
    "material": ["用{a}做成", "{a}制成", "主体选用{a}", "材质为{a}", "选用{a}"],
    "colour": ["颜色有{a}", "颜色是{a}"],
    "size": ["尺寸{a}", "整体尺寸{a}", "尺寸为{a}"],
    "weight": ["重{a}", "重量{a}", "重量为{a}"],
    "care": ["打理很简单：{a}", "日常打理：{a}", "平时{a}就好", "{a}即可"],
    "capacity": ["容量{a}", "容量为{a}", "装得下{a}"],
    "sizes": ["尺码{a}", "尺码有{a}", "尺码为{a}"],
    "contents": ["随附{a}", "另附{a}"],
    "origin": ["产自{a}", "产地{a}"],
    "use": ["适合{a}", "可用于{a}", "适用于{a}"],
    "measure": ["{k}{a}", "{k}为{a}"],
    "pockets": ["{k}有{a}", "{k}为{a}"],
    "lining": ["内里用{a}", "内里是{a}", "里面衬{a}"],
    "filling": ["填充{a}", "里面填充{a}", "填充物为{a}"],
    "upper": ["鞋面用{a}", "鞋面为{a}", "鞋面选用{a}"],
    "outsole": ["{k}为{a}", "{k}用{a}", "{k}是{a}"],
    "insole": ["鞋垫为{a}", "里面垫着{a}", "鞋垫：{a}"],
    "fit": ["版型{a}", "版型为{a}", "{a}的版型"],
    "load": ["{k}{a}"],
    "feel": ["手感{a}", "摸上去{a}", "上手{a}"],
    "water": ["防水：{a}", "防水方面，{a}"],
    "": ["{k}为{a}", "{k}是{a}"],
}
_LABEL_ZH = "{k}：{a}"
_LABELLED_ZH = {"", "measure", "pockets", "contents", "outsole", "sizes", "colour", "fit"}
_CLAUSES_EN = {
    "material": ["Made of {v}", "Made from {v}", "It is made of {v}", "Material: {v}"],
    "colour": ["Comes in {l}", "It comes in {l}", "Colour: {v}", "In {l}"],
    "size": ["Measures {v}", "It measures {v}", "Size: {v}"],
    "weight": ["Weighs {v}", "It weighs {v}", "Weight: {v}"],
    "care": ["To care for it: {v}", "Care: {v}", "Care is simple: {v}", "{V}"],
    "capacity": ["Holds {v}", "It holds {v}", "Capacity: {v}"],
    "sizes": ["Sizes: {v}", "In sizes {v}", "It comes in sizes {v}"],
    "contents": ["Comes with {l}", "Included: {l}", "It comes with {l}"],
    "origin": ["Made in {v}", "It is made in {v}"],
    "use": ["Suitable for {l}", "It is suitable for {l}"],
    "measure": ["{K}: {v}"],
    "pockets": ["Pockets: {v}", "The pockets: {v}"],
    "lining": ["Lined with {v}", "The lining is {v}", "Lining: {v}"],
    "filling": ["Filled with {v}", "The filling is {v}", "Filling: {v}"],
    "upper": ["The upper is {v}", "Upper: {v}", "With an upper of {v}"],
    "outsole": ["The outsole is {v}", "Outsole: {v}"],
    "insole": ["The insole is {v}", "Insole: {v}"],
    "fit": ["The fit is {v}", "Fit: {v}"],
    "load": ["Takes a load of {v}", "It carries {v}", "Load: {v}"],
    "feel": ["It feels {v}", "To the touch: {v}"],
    "water": ["{K}: {v}"],
    "": ["{K}: {v}"],
}
_OPENINGS_ZH = [
    "{t}，适合{w}。",
    "{t}，为{w}准备。",
    "适合{w}。",
    "给{w}准备的{t}。",
    "为{w}准备的{t}。",
    "",
]
_OPENINGS_EN = ["For {w}.", "{T}, for {w}.", "The {t}, made for {w}.", "Made for {w}.", ""]
# Nearly all of them name the product or whom it is for: a fact alone is no ad.
_ADS_ZH = [
    *("{t}，{p}", "{t}：{p}", "{t}：{p}，{q}", "{t}，{p}，{q}", "{p}的{t}", "{p}，{t}"),
    *("{t}，给{w}", "给{w}的{t}", "给{w}：{p}", "给{w}：{p}，{q}", "{p}，给{w}", "{p}，{q}，给{w}"),
    "{p}，{q}",
]
_ADS_EN = [
    *("{t}: {p}.", "{t}: {p}, {q}.", "{t}: {p}, {q}, {r}.", "{t}. {P}.", "{t}. {P}. {Q}."),
    *("{t} for {w}.", "For {w}.", "For {w}: {p}.", "For {w}: {p}, {q}.", "{P}, for {w}."),
    "{P}. {Q}.",
]
_DULL = {"care", "sizes", "size", "weight", "contents", "measure", "use", "pockets"}  # in an ad
_BARE_ZH = ["这款{t}", "{t}，", "", ""]
_BARE_EN = ["Meet the {t}.", "{T}.", "", ""]


def compose(record: Record, chance: random.Random) -> Record:
    """Write plain copy for a brief, in the register "calm"; ads keep theirs."""
    if record.kind == "ad":
        return record.with_text(_ad(record, chance))
    build = _description_zh if record.language == "zh" else _description_en
    return record.with_text(build(record, chance))


def can_compose(record: Record) -> bool:
    """Whether a brief has a fact to compose copy from."""
    return bool(_facts(record))


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
    return _KIND_OF.get(key.lower()) or _KIND_OF.get(key.lower().partition(" ")[0], "")


def _description_zh(record: Record, chance: random.Random) -> str:
    title, who = name_of(record), _whom(record)
    opening = chance.choice(_OPENINGS_ZH if who else _BARE_ZH).format(t=title, w=who)
    sentences, run = [], []
    labels = chance.random() < 0.35  # one text, one manner: labels and sentences do not mix well
    for key, value in _chosen(record, chance):
        run.append(_clause_zh(key, value, chance, labels=labels))
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


def _clause_zh(key: str, value: str, chance: random.Random, *, labels: bool) -> str:
    first, *rest = parts_of(value, r"[，；;]")
    kind = _kind(key)
    long = not kind and (rest or len(key) + len(first) > 10)
    turns = [_LABEL_ZH] if long or (labels and kind in _LABELLED_ZH) else _CLAUSES_ZH[kind]
    if kind == "material" and rest:
        turns = ["材质为{a}", "选用{a}"]
    clause = chance.choice(turns).format(k=key, a=first)
    return "，".join([clause, *rest])


def _description_en(record: Record, chance: random.Random) -> str:
    title, who = name_of(record), _whom(record)
    pattern = chance.choice(_OPENINGS_EN if who else _BARE_EN)
    text = pattern.format(t=title, T=title, w=who)
    for key, value in _chosen(record, chance):
        clause = chance.choice(_CLAUSES_EN[_kind(key)]).format(
            k=key, K=_capital(key), v=value, V=_capital(value), l=_listed(value)
        )
        if len(text) + len(clause) > _LIMITS["en"][1]:
            break
        text = f"{text} {clause}.".strip()
    return text


def _ad(record: Record, chance: random.Random) -> str:
    """One line: the product, who it is for, and up to three facts, whichever fit."""
    chinese = record.language == "zh"
    title, who = name_of(record), _whom(record)
    parts = [
        part for key, value in _facts(record) for part in parts_for_ads(key, value, record.language)
    ]
    some = [*chance.sample(parts, min(3, len(parts))), "", "", ""][:3]
    needed = dict(zip("pqr", some, strict=True))
    needed |= {name.upper(): _capital(part) for name, part in needed.items()}
    needed |= {"w": who, "t": title}
    lines = [
        turn.format(**needed)
        for turn in (_ADS_ZH if chinese else _ADS_EN)
        if all(needed[name] for name in re.findall(r"\{(\w)\}", turn))
    ]
    fitting = [line for line in lines if len(line) <= _AD_LIMITS[record.language]]
    return chance.choice(fitting) if fitting else title


def parts_for_ads(key: str, value: str, language: str) -> list[str]:
    """The parts of a fact that an ad may state: short ones that say what a product has."""
    if _kind(key) in _DULL:
        return []
    longest = 10 if language == "zh" else 28
    return [part for part in parts_of(value) if 2 < len(part) <= longest and _says_what(part)]


def _says_what(part: str) -> bool:
    """Whether a part says what a product has: more than how much ("28 cm"), and no refusal."""
    if re.search(r"\bnot?\b|不含|无", part):
        return False
    for number, unit in numbers_in(part):
        part = part.replace(number, "", 1).replace(unit, "", 1)
    return len(re.sub(r"\W|about|约", "", part)) > 1


def _listed(value: str) -> str:
    """Parts in a row with "and" before the last, unless one of them is a refusal."""
    parts = parts_of(value)
    plain = len(parts) < 2 or any(part.startswith(("no ", "not ")) for part in parts)
    return value if plain else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _whom(record: Record) -> str:
    """The audience as it stands after "for"."""
    who = record.audience.strip("。. ")
    return who if record.language == "zh" else re.sub(r"^for ", "", who[:1].lower() + who[1:])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
