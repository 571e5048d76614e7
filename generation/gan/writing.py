"""From briefs to copy: sample, put the facts in, let the discriminator choose.

Several texts are drawn for each brief and those that D believes most come first: rejection at
decoding is the best-proven use of a text discriminator (Caccia et al. 2020, section 5).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from generation.gan import metrics, slots, truth
from generation.gan.batches import pad
from generation.gan.checkpoint import Checkpoint
from generation.gan.composition import parts_for_ads
from generation.gan.devices import half_precision
from generation.gan.drawing import draw_texts
from generation.gan.figures import facts_told
from generation.gan.limits import Limits
from generation.gan.phrasing import misspoken
from generation.gan.records import FOR_CHANNELS, Record
from generation.gan.sampling import Draw, draws
from generation.gan.slots import Facts, facts_of, name_of
from generation.gan.vocabulary import BOUNDS, END, LENGTHS, PAD

_TOKENS = {"zh": 1.05, "en": 0.42}  # target tokens for a code point, with room to spare
_WORDY = {"zh": 0.72, "en": 0.2}  # target tokens for a code point of people's descriptions
_ATTEMPTS = 3  # at a brief for which no text of the right length was drawn
# The share of those tokens that a text has before it may end; in ads slots are most of the text.
_LEAST = {"description": 0.75, "seo": 0.75, "ad": 0.4, "review": 0.4}
_UNFIT = 10  # a text of the wrong length is worse than any other fault: no check lets it pass
# What a nat a token of fluency weighs against a nat of D's logit, where D has not learnt to choose.
# Of 1.5 and 5, 5 chose texts of higher BLEU at the same variety, for each of three writers.
_FLUENCY = 5.0
# How long texts usually may be, in code points, where nobody says it.
USUAL_BOUNDS = {
    ("zh", "description"): (40, 160),
    ("en", "description"): (90, 480),
    ("zh", "ad"): (6, 30),
    ("en", "ad"): (12, 60),
    ("zh", "seo"): (30, 80),
    ("en", "seo"): (80, 160),
    ("zh", "review"): (10, 80),
    ("en", "review"): (30, 240),
}
_MINDED = 1.0  # nats by which editors' words speak against a text that is drawn again
_REPEATS = 4  # symbols of a stretch that copy says once: people say one twice in every sixth text
_OFFERED = 2  # facts that an ad is told; of three, the likeliest one comes back too often
_MEASURED = 96  # briefs of a style that its floor is measured on
_SENTENCE_ENDS = "。！？.!?"


@dataclass(frozen=True)
class Written:
    """One text with D's probability that it reads like approved copy.

    `spans` are (start, end, score) in code points: for each stretch of the text, the share of
    real copy's tokens that D believes less than it. So a score means the same whoever is D.
    A text is not whole when the limit cut it within a sentence.
    """

    text: str
    score: float
    spans: tuple[tuple[int, int, float], ...]
    is_whole: bool = True
    fluency: float = 0.0  # mean log-probability of its tokens, by the generator
    worth: float = 0.0  # what it ranks by among texts for its brief: see `worth`
    misspoken: int = 0  # clauses whose words do not fit their fact
    tokens: tuple[int, ...] = ()  # ids, as D judged them
    liking: float = 0.0  # what of D's logit is the editors' own: see `Liking`


@dataclass(frozen=True)
class Wish:
    """What one text shall be.

    Args:
        record: its brief.
        low: fewest code points.
        high: most code points.
        seed: of its chance.
        required: keys of attributes that the text must tell.
        banned: words that it may not hold, in any case.
    """

    record: Record
    low: int
    high: int
    seed: int
    required: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()

    def untold(self, text: str) -> int:
        """How many of the required attributes a text leaves out: no part of theirs stands in it."""
        lowered = text.lower()
        return sum(
            not any(part.lower() in lowered for part in slots.parts_of(value))
            for key, value in self.record.attributes
            if key in self.required
        )

    def in_front(self) -> Wish:
        """The same wish with what must be told first, where a long brief is not cut off."""
        attributes = sorted(self.record.attributes, key=lambda pair: pair[0] not in self.required)
        return replace(self, record=replace(self.record, attributes=tuple(attributes)))

    def is_named(self, text: str) -> bool:
        """Whether a text names the product or whom it is for, as far as the brief knows them."""
        record, lowered = self.record, text.lower()
        who = re.sub(r"^for ", "", record.audience.strip("。. ").lower())
        names = [name for name in (name_of(record).lower(), who) if name]
        return not names or any(name in lowered for name in names)

    def allows(self, text: str) -> bool:
        """Whether a text is free of the banned words, and of numbers that its brief does not have.

        Numbers are slots, so one can only go wrong by its unit: 24 kg of 24 cm.
        """
        lowered = text.lower()
        if any(word.lower() in lowered for word in self.banned if word.strip()):
            return False
        return not truth.unsupported(text, facts_told(self.record), self.record.language)


def write(checkpoint: Checkpoint, wishes: Sequence[Wish], *, variants: int) -> list[list[Written]]:
    """Write texts for briefs, best first; each list may be shorter than `variants`.

    A text of which the writer is less sure than of nearly all that it chooses for a shop's own
    briefs of that style is not offered (`fluency_floors`): where nothing like a brief was learnt,
    there is none.

    Deterministic: the same checkpoint, wish and number of variants give the same texts, byte for
    byte, whatever else is asked for. So each wish is written for by itself: sums of a batch are
    rounded as its shape has it, and a token that is as likely as another would hang on the
    neighbours. Sixteen at once would take 0.7 times as long.
    """
    floors = checkpoint.metrics.get("fluency_floors", {})
    return [
        _written(checkpoint, wish, variants, floors.get(wish.record.style, -math.inf))
        for wish in wishes
    ]


def _written(checkpoint: Checkpoint, wish: Wish, variants: int, floor: float) -> list[Written]:
    """The best texts for a brief that are no less sure than a floor.

    There are further attempts while it has none of the right length, or none but what editors
    refuse.
    """
    found: list[Written] = []
    copies = max(variants, checkpoint.sampling.oversample)
    for attempt in range(_ATTEMPTS):
        drawn = _drawn(checkpoint, wish, copies, attempt=attempt)
        found += [item for item in drawn if item.fluency >= floor and wish.allows(item.text)]
        if _fits_any(found, wish):
            break
    return _best(found, wish, variants)


def greedy(checkpoint: Checkpoint, wishes: Sequence[Wish], *, copies: int) -> list[list[str]]:
    """So many texts for each brief, each of the likeliest tokens by a z of its own.

    How those of one brief differ, the noise alone has decided.
    """
    coldly = replace(checkpoint, sampling=replace(checkpoint.sampling, temperature=0.0))
    drawn = (_drawn(coldly, wish, copies, attempt=0) for wish in wishes)
    return [[item.text for item in texts] for texts in drawn]


def _fits_any(written: Sequence[Written], wish: Wish) -> bool:
    return any(
        wish.low <= len(item.text) <= wish.high and item.liking > -_MINDED for item in written
    )


def _drawn(checkpoint: Checkpoint, wish: Wish, copies: int, *, attempt: int) -> list[Written]:
    """So many texts for a brief as they are drawn, each attempt by a chance of its own."""
    facts = facts_of(wish.record)
    source = source_of(checkpoint, wish, facts)
    if not _holds_all(checkpoint, wish, facts, source):
        wish = wish.in_front()
        facts = facts_of(wish.record)
        source = source_of(checkpoint, wish, facts)
    seeds = [_mixed(wish.seed, attempt * copies + copy) for copy in range(copies)]
    asked, required = [source], [_required(wish, facts)]
    if wish.record.kind == "ad":  # each text has a brief of its own
        asked, required = _offers(checkpoint, wish, facts, seeds)
    config = checkpoint.sampling
    drawn = draw_texts(
        checkpoint.generator,
        checkpoint.vocabulary,
        asked,
        seeds=seeds,
        limits=Limits(
            minimum=[_least(wish)] * len(asked),
            maximum=round(wish.high * _TOKENS[wish.record.language]) + 6,
            required=required,
            words=[wish.banned] * len(asked),
            repeats=_REPEATS,
        ),
        draw=Draw(config.temperature, config.top_k, config.top_p),
        copies=copies // len(asked),
    )
    texts, read = drawn.texts, [source] * copies
    logits, token_logits = judge(checkpoint, read, texts)
    liked = liking(checkpoint, read, texts)
    ranks = worth(checkpoint, read, texts, logits, drawn.fluency, liked)
    figures = {"fluency": drawn.fluency, "liking": liked, "worth": ranks}
    return [
        replace(
            _rendered(checkpoint, ids, facts, wish, logits[row], token_logits[row]),
            **{name: float(each[row]) for name, each in figures.items()},
        )
        for row, ids in enumerate(texts)
    ]


def _offers(
    checkpoint: Checkpoint, wish: Wish, facts: Facts, seeds: Sequence[int]
) -> tuple[list[list[int]], list[list[int]]]:
    """The brief of each ad and what it has to tell: its noise says what it is about.

    A line of thirty columns has room for two facts, and of all that a shop knows the likeliest ones
    would come back with most noises. So an ad is told the two attributes whose numbers of z are
    largest, attribute i having number i, and of each the parts that it has room for. With half of
    the noises, by number 0, it has to tell the first of them; with the others it may speak of the
    audience alone. What an editor requires is told besides, whole.

    Returns:
        For each seed, the ids of its brief, and the attributes that its text must tell.
    """
    noise, _ = draws(seeds, 1, checkpoint.generator.noise_width)
    fit, must = _for_ads(wish, facts), _required(wish, facts)
    sources, required = [], []
    for z in noise.tolist():
        liked = sorted(fit, key=lambda index, z=z: -z[index % len(z)])[:_OFFERED]
        offered = {index: fit[index] for index in liked}
        offered |= {index: range(len(facts.attributes[index].parts)) for index in must}
        sources.append(source_of(checkpoint, wish, facts, offered=offered))
        required.append([*must, *(liked[:1] if z[0] > 0 else ())])
    return sources, required


def _for_ads(wish: Wish, facts: Facts) -> dict[int, Collection[int]]:
    """The attributes that an ad may be about, with the places of their parts that fit into it.

    They are such as the ads that are learnt from state, beside the name or the audience; where
    there are too few of them, all.
    """
    subject = min(len(facts.title), len(f"for {facts.who}") if facts.who else math.inf)
    room = wish.high - subject - len(". .")
    fit: dict[int, Collection[int]] = {}
    for index, attribute in enumerate(facts.attributes[1:], start=1):
        short = [place for place, part in enumerate(attribute.parts) if len(part) <= room]
        parts = (attribute.parts[place] for place in short)
        if any(parts_for_ads(attribute.key, part, wish.record.language) for part in parts):
            fit[index] = short
    if len(fit) >= _OFFERED:
        return fit
    known = enumerate(facts.attributes[1:], start=1)
    return {index: range(len(attribute.parts)) for index, attribute in known}


def source_of(
    checkpoint: Checkpoint,
    wish: Wish,
    facts: Facts,
    *,
    offered: Mapping[int, Collection[int]] | None = None,
) -> list[int]:
    """The ids of a wish's brief, told these parts of its attributes or all."""
    return checkpoint.vocabulary.encode_brief(
        wish.record,
        facts,
        limit=checkpoint.generator.max_source,
        length=length_class(wish),
        offered=offered,
    )


def _least(wish: Wish) -> int:
    """Fewest tokens of a text: of a length that its limits allow, and that was asked for.

    Calm copy ends when its facts are told. Other copy is held to the class of length that it was
    asked for: it tends to end early, where it is surest (a text of 50 code points for one of 85).
    """
    language, kind = wish.record.language, wish.record.kind
    least = wish.low * _TOKENS[language] * _LEAST[kind]
    if kind == "description" and wish.record.style != "calm":
        passed = LENGTHS.index(length_class(wish))
        asked = (0, *BOUNDS[language])[passed]
        least = max(least, asked * _WORDY[language])
    return round(least)


def _holds_all(checkpoint: Checkpoint, wish: Wish, facts: Facts, source: Sequence[int]) -> bool:
    """Whether a brief that may have been cut off still has all that its text must tell."""
    held = checkpoint.vocabulary.held(source)
    there = {attribute.key for at, attribute in enumerate(facts.attributes) if held.get(at)}
    asked = {key for key, _ in wish.record.attributes if key in wish.required}
    return asked <= there


def _required(wish: Wish, facts: Facts) -> list[int]:
    """The places, among a brief's facts, of the attributes that its text must tell."""
    return [at for at, attribute in enumerate(facts.attributes) if attribute.key in wish.required]


def fluency_floors(
    checkpoint: Checkpoint, records: Sequence[Record], *, seed: int, most: int = _MEASURED
) -> dict[str, float]:
    """How unsure the writer may be: the 2nd percentile of the fluency of texts that it chooses.

    Lively copy is less likely than calm copy by its nature, so each style has a floor of its own.

    Args:
        checkpoint: who writes.
        records: held-out texts; of each style, up to so many different briefs are used.
        seed: of the texts.
        most: briefs of a style; never more than 96.

    Returns:
        For each style, the mean log-probability of a token, in nats.
    """
    briefs: dict[str, dict[tuple[str, ...], Record]] = {}
    for record in records:
        named = (record.language, record.kind, record.ref or record.title)
        if record.kind in FOR_CHANNELS:
            briefs.setdefault(record.style, {}).setdefault(named, record.with_text(""))
    floors = {}
    for style, some in briefs.items():
        wishes = [
            Wish(record, *USUAL_BOUNDS[record.language, record.kind], seed=seed + at)
            for at, record in enumerate(list(some.values())[: min(most, _MEASURED)])
        ]
        written = (_written(checkpoint, wish, 1, -math.inf) for wish in wishes)
        chosen = sorted(texts[0].fluency for texts in written if texts)
        if chosen:
            floors[style] = round(chosen[len(chosen) // 50], 4)
    return floors


@torch.no_grad()
def judge(
    checkpoint: Checkpoint, sources: Sequence[Sequence[int]], texts: Tensor
) -> tuple[Tensor, Tensor]:
    """D's logits for texts (B, T): of whole texts (B,), and of tokens (B, T)."""
    checkpoint.discriminator.eval()
    whole, parts = [], []
    for start in range(0, len(sources), 64):
        briefs = [tuple(source) for source in sources[start : start + 64]]
        places = {brief: at for at, brief in enumerate(dict.fromkeys(briefs))}
        rows = torch.tensor([places[brief] for brief in briefs], device=texts.device)
        with half_precision(texts.device):
            source = pad(list(places)).to(texts.device)
            logits, tokens = checkpoint.discriminator(source, texts[start : start + 64], rows)
        whole.append(logits)
        parts.append(tokens)
    return torch.cat(whole), torch.cat(parts)


def liking(checkpoint: Checkpoint, sources: Sequence[Sequence[int]], texts: Tensor) -> Tensor:
    """What of D's logits for texts (B, T) is the editors' own, shape (B,)."""
    return checkpoint.discriminator.liking(pad(sources).to(texts.device), texts)


def score(checkpoint: Checkpoint, records: Sequence[Record]) -> list[float]:
    """D's probability for each record's own text, between 0 and 1."""
    encoded_texts = [encoded(checkpoint, record, facts_of(record)) for record in records]
    sources, targets = zip(*encoded_texts, strict=True) if encoded_texts else ((), ())
    scores: list[float] = []
    for start in range(0, len(records), 64):
        some = slice(start, start + 64)
        logits, _ = judge(checkpoint, sources[some], pad(targets[some]))
        scores += logits.sigmoid().tolist()
    return scores


def encoded(checkpoint: Checkpoint, record: Record, facts: Facts) -> tuple[list[int], list[int]]:
    """The ids of a record's brief and of its own text.

    A text with a number that the brief lacks is taken as the words round its numbers.
    """
    vocabulary, generator = checkpoint.vocabulary, checkpoint.generator
    source = vocabulary.encode_brief(record, facts, limit=generator.max_source)
    ids = vocabulary.encode_text(record, facts, limit=generator.max_target)
    if ids is None:
        bare = record.with_text(re.sub(r"\d", "", record.text))
        ids = vocabulary.encode_text(bare, facts, limit=generator.max_target)
    return source, ids or [END]


def render(text: str, language: str) -> str:
    """Set sampled words as copy: spaces, capitals, Chinese punctuation."""
    text = re.sub(r"\s+", " ", text).strip()
    if language == "zh":
        text = re.sub(r"([，。！？；：、])\1+", r"\1", text)
        return re.sub(r"^[，。；、：]+", "", text)
    text = re.sub(r"\s+([,.!?;:])", r"\1", text)
    text = re.sub(r", (?=(?:It|Comes|Made|The|To|Care)\b)", ". ", text)
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda match: match[1] + match[2].upper(), text)


def _rendered(
    checkpoint: Checkpoint, ids: Tensor, facts: Facts, wish: Wish, logit: Tensor, tokens: Tensor
) -> Written:
    judged = [index for index in ids.tolist() if index != PAD]
    kept = [index for index in judged if index != END]
    language = wish.record.language
    masked = checkpoint.vocabulary.pieces(kept)
    pieces = slots.fill(masked, facts, language)
    rendered = render("".join(pieces), language)
    if wish.record.kind == "description":
        rendered = re.sub(r"[，,；;：:、\s]+$", "。" if language == "zh" else ".", rendered)
    text = _cut(rendered, wish)
    return Written(
        text=text,
        score=float(logit.sigmoid()),
        spans=_spans(text, pieces, _ranks(checkpoint, tokens.sigmoid().tolist())),
        is_whole=text == rendered or text[-1:] in _SENTENCE_ENDS,
        misspoken=misspoken(masked, facts, language),
        tokens=tuple(judged),
    )


def _ranks(checkpoint: Checkpoint, scores: Sequence[float]) -> list[float]:
    """Where D's probabilities stand among those of real copy; as they are if nobody measured."""
    known = checkpoint.metrics.get("token_quantiles")
    if not known:
        return list(scores)
    return [bisect_left(known, score) / (len(known) + 1) for score in scores]


def _spans(
    text: str, pieces: Sequence[str], scores: Sequence[float]
) -> tuple[tuple[int, int, float], ...]:
    """Each piece's place in the rendered text, with its score."""
    return tuple(
        (*place, round(value, 4))
        for place, value in zip(places(text, pieces), scores, strict=False)
        if place
    )


def places(text: str, pieces: Sequence[str]) -> list[tuple[int, int] | None]:
    """Find each piece's place in a text, letting capitals and spaces differ.

    A blank has none, nor has a piece that the text lacks; the next one is then sought further on.
    """
    found: list[tuple[int, int] | None] = []
    at, reach, lowered = 0, 2, text.lower()
    for piece in pieces:
        bare = piece.strip().lower()
        place = lowered.find(bare, at, at + reach + len(bare)) if bare else -1
        if place >= 0:
            at, reach = place + len(bare), 2
            found.append((place, at))
        else:
            reach += len(bare)
            found.append(None)
    return found


def _cut(text: str, wish: Wish) -> str:
    """End at the last whole sentence that the limit allows, or at the last clause or word.

    A number is never cut: the dot of 4.5 ends no sentence, and 13 does not become 1.
    """
    if len(text) <= wish.high:
        return text
    for marks in (r"[。！？]|[.!?](?!\d)", r"[，；]|[,;](?!\d)"):
        ends = [match.end() for match in re.finditer(marks, text) if match.end() <= wish.high]
        if ends and ends[-1] >= wish.low:
            head = text[: ends[-1]]
            ending = "。" if wish.record.language == "zh" else "."
            return head if head[-1] in _SENTENCE_ENDS else head[:-1] + ending
    head = text[: wish.high]
    if re.match(r"[A-Za-z0-9.,]", text[wish.high]):
        head = re.sub(r"[A-Za-z0-9.,]+$", "", head).rstrip()
    return head


def _best(written: Sequence[Written], wish: Wish, variants: int) -> list[Written]:
    """Order by what they are worth to D; faulty texts come last.

    Faults are repetition, a broken end, a length out of bounds, and an ad that is a fact alone.
    """
    unique = {item.text: item for item in written if item.text}
    language = wish.record.language

    def rank(item: Written) -> tuple[int, float]:
        faults = metrics.repeats(metrics.units(item.text, language), 6 if language == "zh" else 4)
        faults += metrics.stutters(item.text) + item.misspoken
        faults += 2 * wish.untold(item.text)
        faults += _UNFIT * (not wish.low <= len(item.text) <= wish.high)
        faults += not item.is_whole
        faults += wish.record.kind == "description" and item.text[-1] not in '。！？.!?”"'
        faults += wish.record.kind == "ad" and not wish.is_named(item.text)
        return faults, -item.worth

    return sorted(unique.values(), key=rank)[:variants]


def worth(
    checkpoint: Checkpoint,
    sources: Sequence[Sequence[int]],
    texts: Tensor,
    logits: Tensor,
    fluency: Tensor,
    liked: Tensor,
) -> Tensor:
    """What texts for one brief rank by, shape (B,).

    A discriminator that has learnt to choose says which is nearest to what people write, and what
    editors like is added: both are log-odds. Before that, and of copy of the kinds that are
    composed, D's logit counts and how surely a text was written: rejecting by the generator's own
    likelihood helps where the discriminator is weak (Caccia et al. 2020, section 5).

    Args:
        checkpoint: whose D ranks.
        sources: ids of the brief of each text.
        texts: ids, shape (B, T), padded with 0.
        logits: D's, shape (B,).
        fluency: mean log-probability of a token by the generator, shape (B,).
        liked: what of the logits is the editors' own (`liking`), shape (B,).
    """
    chooser = checkpoint.discriminator.chooser
    surely = logits + _FLUENCY * fluency
    composed = [checkpoint.vocabulary.is_composed(source) for source in sources]
    if not chooser.is_fitted or all(composed):
        return surely
    chosen = chooser(sources, texts, logits - liked, fluency) + liked
    return torch.where(torch.tensor(composed, device=surely.device), surely, chosen)


def length_class(wish: Wish) -> str:
    """Ask for what people write where a limit is given, and for no more than the facts fill.

    That is about a third of the way up to the limit. A brief of three facts that is asked for a
    long calm text gets one that runs on into nonsense; other styles speak of more than facts.
    """
    wanted = wish.low + (wish.high - wish.low) * 0.35
    if wish.record.style == "calm":
        wanted = min(wanted, _room(wish.record))
    bounds = BOUNDS[wish.record.language]
    return LENGTHS[sum(wanted > bound for bound in bounds)]


def _room(record: Record) -> int:
    """About how many code points it takes to state every fact of a brief once."""
    joint = {"zh": 2, "en": 4}[record.language]  # code points that join a key, a value and the next
    facts = sum(len(key) + len(value) + joint for key, value in record.attributes)
    return len(record.title) + len(record.audience) + facts


def _mixed(seed: int, copy: int) -> int:
    """A seed for each copy of a brief (SplitMix64's increment keeps neighbours apart)."""
    return (seed * 0x9E3779B97F4A7C15 + copy * 0xBF58476D1CE4E5B9) % (1 << 62)
