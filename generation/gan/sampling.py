"""Seeded sampling with a cache, top-k and nucleus, and the rules that no sample breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.gan.decoding import Decoder
from generation.gan.generator import Generator
from generation.gan.slots import HELD_TOKENS
from generation.gan.vocabulary import BEGIN, END, PAD, Vocabulary

_ROOM = 8  # tokens that it takes to turn to an attribute, tell it, and close the clause
_LEAST_ROOM = 3  # to turn to it and tell it, no more
# Where a text stands: before its first fact, within a clause after it, or where one begins.
_AT_A_CLAUSE = 2


class Bans:
    """Words that may not be sampled, however the vocabulary cuts them.

    A word is kept out where its last piece would complete it: for each beginning of a word, the
    tokens that would finish it are known, and the end of each text is compared with those.

    Args:
        vocabulary: whose pieces complete them.
        words: for each text, its words, in any case.
    """

    def __init__(self, vocabulary: Vocabulary, words: Sequence[Sequence[str]]) -> None:
        self.pieces = [piece.lower() for piece in vocabulary.pieces(range(vocabulary.size))]
        self.slots = vocabulary.slots
        known: dict[str, dict[str, Tensor]] = {}
        lowered = [[word.lower() for word in some if word.strip()] for some in words]
        for word in {word for some in lowered for word in some}:
            known[word] = self._finishers(word)
        self.finishers = [self._joined([known[word] for word in some]) for some in lowered]
        self.tails = [""] * len(words)
        self.longest = max((len(word) for some in lowered for word in some), default=0)

    def mask(self, probs: Tensor, rows: Tensor) -> None:
        """Make impossible, in (B', V), what would complete a word of the texts in `rows`."""
        for at, row in enumerate(rows.tolist()):
            tail = self.tails[row]
            for begun, ids in self.finishers[row].items():
                if tail.endswith(begun):
                    probs[at, ids] = 0

    def after(self, rows: Tensor, tokens: Tensor) -> None:
        """Note what the texts in `rows` hold now."""
        for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
            piece = " " if token in self.slots else self.pieces[token]
            self.tails[row] = (self.tails[row] + piece)[-self.longest :]

    def _finishers(self, word: str) -> dict[str, Tensor]:
        found = {}
        for cut in range(len(word)):
            rest = word[cut:]
            ids = [
                index
                for index, piece in enumerate(self.pieces)
                if index not in self.slots and (piece.startswith(rest) if cut else rest in piece)
            ]
            if ids:
                found[word[:cut]] = torch.tensor(ids)
        return found

    @staticmethod
    def _joined(tables: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        joined: dict[str, list[Tensor]] = {}
        for table in tables:
            for begun, ids in table.items():
                joined.setdefault(begun, []).append(ids)
        return {begun: torch.cat(ids) for begun, ids in joined.items()}


class Repeats:
    """Stretches that a text may not hold twice: of Chinese characters, or of English tokens.

    A token is kept out where it would complete a stretch that the text holds already, wherever
    within the token that would be. Slots count as what stands in none: a fact is told once.

    Args:
        vocabulary: whose pieces complete them.
        languages: of each text, or "" where it may repeat itself.
        size: symbols of a stretch.
    """

    def __init__(self, vocabulary: Vocabulary, languages: Sequence[str], *, size: int) -> None:
        self.vocabulary, self.languages, self.size = vocabulary, languages, size
        self.tails = [""] * len(languages)
        # For each text: what the beginnings of its stretches were followed by, and the tokens
        # that hold a whole one.
        self.followed: list[dict[str, set[str]]] = [{} for _ in languages]
        self.whole: list[list[int]] = [[] for _ in languages]

    def mask(self, probs: Tensor, rows: Tensor) -> None:
        """Make impossible, in (B', V), what would repeat a stretch of the texts in `rows`."""
        places: list[int] = []
        ids: list[int] = []
        for at, row in enumerate(rows.tolist()):
            language, tail, followed = self.languages[row], self.tails[row], self.followed[row]
            ids += self.whole[row]
            for kept in range(1, len(tail) + 1) if followed else ():
                for rest in followed.get(tail[-kept:], ()):
                    ids += self.vocabulary.completing(language, self.size).get(rest, ())
            places += [at] * (len(ids) - len(places))
        probs[places, ids] = 0

    def after(self, rows: Tensor, tokens: Tensor) -> None:
        """Note what the texts in `rows` hold now."""
        for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
            language = self.languages[row]
            if language:
                for symbol in self.vocabulary.symbols(token, language):
                    self._note(row, symbol)

    def _note(self, row: int, symbol: str) -> None:
        stretch = self.tails[row] + symbol
        if len(stretch) == self.size:
            for kept in range(1, self.size):
                self.followed[row].setdefault(stretch[:kept], set()).add(stretch[kept:])
            known = self.vocabulary.completing(self.languages[row], self.size)
            self.whole[row] += known.get(stretch, ())
        self.tails[row] = stretch[1 - self.size :]


class Demands:
    """Attributes that a text has to tell before it may end.

    One is told when a slot of its value stands in the text. While any is owed there is no end;
    when the room for what is owed is nearly gone, the next clause turns to it, and when only the
    room for the slots is left, they come at once.

    Args:
        required: (B, A), True where a text must tell an attribute.
        plans: (A,), the plan token of each.
        facts: (V,), True for slots that hold a part or a number.
    """

    def __init__(self, required: Tensor, plans: Tensor, facts: Tensor) -> None:
        self.owed = required.clone()
        self.plans, self.facts = plans, facts
        self.topic = torch.full((len(required),), -1, device=required.device)

    def press(self, probs: Tensor, rows: Tensor, last: Tensor, *, left: int, marks: Tensor) -> None:
        """Leave possible, in (B', V), only what still lets the texts in `rows` tell everything.

        Args:
            probs: of their next tokens.
            rows: which texts those are, shape (B',).
            last: their tokens before, shape (B',).
            left: how many tokens there is room for.
            marks: (V,), True for the marks that end a clause.
        """
        owed = self.owed[rows]  # (B', A)
        due = owed.sum(1) * (last != END)
        probs[due > 0, END] = 0
        topic = self.topic[rows]
        is_open = owed.gather(1, topic.clamp(min=0).unsqueeze(1)).squeeze(1) & (topic >= 0)
        late = (due > 0) & (left <= due * _LEAST_ROOM)
        soon = (due > 0) & (left <= due * _ROOM) & marks[last]
        self._only(probs, late & is_open, self.facts.expand(len(rows), -1))
        turning = (late | soon) & ~is_open
        turns = torch.zeros_like(probs, dtype=torch.bool)
        turns[:, self.plans] = owed
        self._only(probs, turning, turns)

    def after(self, banned: Tensor, rows: Tensor, tokens: Tensor, turned: Tensor) -> None:
        """Note that the texts in `rows` hold these tokens now, which turn to `turned` or to -1."""
        told = self.facts[tokens] & (self.topic[rows] >= 0)
        self.owed[rows[told], self.topic[rows[told]]] = False
        turns = rows[turned >= 0]
        before = self.topic[turns]
        left = before >= 0
        left[left.clone()] = self.owed[turns[left], before[left]]
        banned[turns[left], self.plans[before[left]]] = False  # it will have to be turned to again
        self.topic[turns] = turned[turned >= 0]

    @staticmethod
    def _only(probs: Tensor, rows: Tensor, kept: Tensor) -> None:
        """Keep these tokens alone in these rows, where one of them is possible at all."""
        narrowed = probs * kept
        can = rows & (narrowed > 0).any(1)
        probs[can] = narrowed[can]


@dataclass(frozen=True)
class Rules:
    """What a sample may not hold.

    Args:
        banned: (B, V), True where a text may not use a token.
        once: (V,), True for tokens that a text may use a single time.
        minimum: (B,) tokens before a text may end.
        maximum: most tokens of a text.
        plans: (V,), the attribute that a plan token turns to, -1 for other tokens.
        slots: (R,), ids of the slots that mean something only after a plan token.
        held: (B, A, R), True where an attribute of a brief fills a slot.
        marks: (V,), True for the marks that end a clause.
        leads: (V,), True for what may begin a clause once a text has begun to state facts.
        led: (B,), True for texts of which that is asked: calm copy is led by its plan.
        space: the id of a bare space, which ends no clause and begins none.
        demands: attributes that a text must tell.
        words: words that no text may hold.
        repeats: stretches that no text may hold twice.
    """

    banned: Tensor
    once: Tensor
    minimum: Tensor
    maximum: int
    plans: Tensor | None = None
    slots: Tensor | None = None
    held: Tensor | None = None
    marks: Tensor | None = None
    leads: Tensor | None = None
    led: Tensor | None = None
    space: int = -1
    demands: Demands | None = None
    words: Bans | None = None
    repeats: Repeats | None = None

    def begins(self, stands: Tensor, rows: Tensor) -> Tensor:
        """Which of the texts in `rows` begin a clause that a plan token has to lead, (B',)."""
        if self.led is None:
            return torch.zeros_like(rows, dtype=torch.bool)
        return self.led[rows] & (stands[rows] == _AT_A_CLAUSE)

    def lead(self, probs: Tensor, *, early: Tensor) -> Tensor:
        """Keep of (B', V) what may begin a clause; the end only if it is late or all is told."""
        led = probs * self.leads
        facts = led.clone()
        facts[:, END] = 0
        if self.space >= 0:
            facts[:, self.space] = 0
        led[early & (facts > 0).any(1), END] = 0
        return led / led.sum(1, keepdim=True)

    def stand(self, stands: Tensor, rows: Tensor, tokens: Tensor) -> None:
        """Note where the texts in `rows` stand, (B',), now that they hold these tokens."""
        if self.led is None:
            return
        before = stands[rows]
        told = (before > 0) | (self.plans[tokens] > 0)
        is_space = tokens == self.space
        ended = torch.where(is_space, before == _AT_A_CLAUSE, self.marks[tokens])
        stands[rows] = told.int() * (1 + (ended & (before > 0)).int())

    def after(self, banned: Tensor, rows: Tensor, tokens: Tensor) -> None:
        """Change what the texts in `rows` may use, now that they hold these tokens, (B',) each."""
        if self.plans is not None:
            turned = self.plans[tokens]
            rows_turned = rows[turned >= 0]
            allowed = self.held[rows_turned, turned[turned >= 0]]  # (B'', R)
            banned[rows_turned.unsqueeze(1), self.slots] = ~allowed
        banned[rows, tokens] |= self.once[tokens]
        if self.demands is not None:
            self.demands.after(banned, rows, tokens, self.plans[tokens])
        if self.words is not None:
            self.words.after(rows, tokens)
        if self.repeats is not None:
            self.repeats.after(rows, tokens)

    def narrow(self, probs: Tensor, rows: Tensor, last: Tensor, *, left: int) -> None:
        """Take from (B', V) what would say a banned word or a stretch again, or leave no room."""
        if self.words is not None:
            self.words.mask(probs, rows)
        if self.repeats is not None:
            self.repeats.mask(probs, rows)
        if self.demands is not None:
            self.demands.press(probs, rows, last, left=left, marks=self.marks)


def rules_for(  # noqa: PLR0913 - all that a text may be told to keep to
    vocabulary: Vocabulary,
    sources: Sequence[Sequence[int]],
    *,
    minimum: Sequence[int],
    maximum: int,
    device: torch.device | str = "cpu",
    copies: int = 1,
    required: Sequence[Sequence[int]] = (),
    words: Sequence[Sequence[str]] = (),
    repeats: int = 0,
) -> Rules:
    """Forbid marks, digits, the other language's script, and slots that a brief does not fill.

    Args:
        vocabulary: whose ids these are.
        sources: the briefs.
        minimum: fewest tokens of each text.
        maximum: most tokens of any.
        device: where to sample.
        copies: how many texts are written from each brief; those of one stand together.
        required: of each brief, the attributes that its texts must tell, by their index.
        words: of each brief, words that its texts may not hold.
        repeats: the shortest stretch that no text may hold twice, calm copy apart: what leads its
            clauses keeps it from that, and the forms of a fact are alike; 0 allows all.
    """
    size, slots = vocabulary.size, vocabulary.held_ids
    banned = torch.zeros(len(sources), size, dtype=torch.bool)
    banned[:, [*vocabulary.forbidden_ids, *slots]] = True
    held = torch.zeros(len(sources), len(vocabulary.plan_ids), len(slots), dtype=torch.bool)
    for row, source in enumerate(sources):
        there = vocabulary.held(source)
        named = set(source)
        banned[row, vocabulary.foreign_ids[vocabulary.language(source)]] = True
        banned[row, [index for index in vocabulary.copied_ids if index not in named]] = True
        for attribute, tokens in there.items():
            held[row, attribute] = torch.tensor([token in tokens for token in HELD_TOKENS])
            if not tokens:
                banned[row, vocabulary.plan_ids[attribute]] = True
    owed = torch.zeros(len(sources), len(vocabulary.plan_ids), dtype=torch.bool)
    for row, attributes in enumerate(required):
        owed[row, [index for index in attributes if held[row, index].any()]] = True
    once = torch.zeros(size, dtype=torch.bool)
    once[list(vocabulary.slots)] = True
    plans = torch.full((size,), -1)
    plans[vocabulary.plan_ids] = torch.arange(len(vocabulary.plan_ids))
    return Rules(
        banned=banned.repeat_interleave(copies, 0).to(device),
        once=once.to(device),
        minimum=torch.tensor(minimum).repeat_interleave(copies).to(device),
        maximum=maximum,
        plans=plans.to(device),
        slots=torch.tensor(slots, device=device),
        held=held.repeat_interleave(copies, 0).to(device),
        marks=_flags(size, vocabulary.mark_ids).to(device),
        leads=_flags(size, vocabulary.lead_ids).to(device),
        led=torch.tensor([vocabulary.is_led(source) for source in sources])
        .repeat_interleave(copies)
        .to(device),
        space=vocabulary.space_id,
        demands=Demands(
            owed.repeat_interleave(copies, 0).to(device),
            torch.tensor(vocabulary.plan_ids, device=device),
            _flags(size, vocabulary.fact_ids).to(device),
        )
        if owed.any()
        else None,
        words=Bans(vocabulary, [some for some in words for _ in range(copies)])
        if any(words)
        else None,
        repeats=Repeats(
            vocabulary,
            [
                "" if vocabulary.is_led(source) else vocabulary.language(source)
                for source in sources
                for _ in range(copies)
            ],
            size=repeats,
        )
        if repeats
        else None,
    )


def _flags(size: int, ids: Sequence[int]) -> Tensor:
    flags = torch.zeros(size, dtype=torch.bool)
    flags[list(ids)] = True
    return flags


@dataclass(frozen=True)
class Draw:
    """How a token is drawn: temperature 0 takes the likeliest; top_k 0 keeps all."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


def draws(seeds: Sequence[int], steps: int, noise_width: int) -> tuple[Tensor, Tensor]:
    """The chance of each text, from its own seed: z (B, Z) and uniforms (B, steps).

    A text's chance depends on its seed alone, never on its neighbours in the batch.
    """
    noise, uniforms = [], []
    for seed in seeds:
        chance = torch.Generator().manual_seed(seed % (1 << 63))
        noise.append(torch.randn(noise_width, generator=chance))
        uniforms.append(torch.rand(steps, generator=chance))
    return torch.stack(noise), torch.stack(uniforms)


def sample(
    generator: Generator,
    source: Tensor,
    *,
    noise: Tensor,
    uniforms: Tensor,
    rules: Rules,
    draw: Draw,
) -> tuple[Tensor, Tensor]:
    """Write texts for briefs: K for each, those of one brief standing together.

    Args:
        generator: who writes.
        source: ids of the briefs, shape (B, S).
        noise: z, shape (B * K, Z).
        uniforms: chance of each step, shape (B * K, at least rules.maximum).
        rules: what the texts may not hold, for B * K rows.
        draw: how each token is drawn.

    Returns:
        Ids, shape (B * K, T), each text closed by </s> and padded with 0; and the generator's
        log-probability of each, before any temperature, patience, restraint, and any rule but that
        of leading a clause: where one token alone may stand, nothing was unsure. 0 on padding.
    """
    with torch.inference_mode():
        texts, surely = _sampled(generator, source, noise, uniforms, rules, draw)
    return texts.clone(), surely.clone()  # plain tensors: a loss may be taken of them


def _sampled(
    generator: Generator, source: Tensor, noise: Tensor, uniforms: Tensor, rules: Rules, draw: Draw
) -> tuple[Tensor, Tensor]:
    generator.eval()
    steps = min(rules.maximum, generator.max_target)
    batch, device = noise.shape[0], source.device
    decoder = Decoder(generator, source, noise=noise, steps=steps)
    banned = rules.banned.clone()
    texts = torch.full((batch, steps), PAD, device=device)
    surely = torch.zeros(batch, steps, device=device)
    rows = torch.arange(batch, device=device)
    last = torch.full((batch,), BEGIN, device=device)
    ending = generator.ending(draw.temperature).exp()
    again = generator.again(draw.temperature).exp()
    is_restrained = bool((again != 1).any())
    calm = torch.zeros_like(rows, dtype=torch.bool) if rules.led is None else rules.led
    stands = torch.zeros(batch, dtype=torch.int, device=device)
    for at in range(steps):
        probs = decoder.step(last, at)
        ends = probs[:, END].clone()
        probs.masked_fill_(banned if len(rows) == batch else banned[rows], 0)
        early = at < rules.minimum[rows]
        begins = rules.begins(stands, rows)
        if begins.any():
            probs[begins] = rules.lead(probs[begins], early=early[begins])
            ends = torch.where(begins, probs[:, END], ends)
        probs[early & ~begins, END] = 0
        rules.narrow(probs, rows, last, left=steps - at)
        if at == steps - 1:
            last, believed = torch.full_like(last, END), ends
        else:
            held = ~calm[rows].unsqueeze(1)
            weights = probs
            if is_restrained:
                weights = _restrained(probs, texts[rows, :at], again, held)
            weights[:, END] *= torch.where(held[:, 0], ending, 1)
            last = choose(weights, uniforms[rows, at], draw)
            believed = probs.gather(1, last.unsqueeze(1)).squeeze(1)
            believed = torch.where(last == END, ends, believed)
        texts[rows, at] = last
        surely[rows, at] = believed.log()
        rules.after(banned, rows, last)
        rules.stand(stands, rows, last)
        going = last != END
        if not going.any():
            break
        if going.float().mean() < 0.75:
            decoder.keep(going)
            rows, last = rows[going], last[going]
        else:
            last = torch.where(going, last, END)
            banned[rows[~going]] = _only(END, probs.shape[1], device)
    texts = _closed(texts)
    return texts, surely.masked_fill(texts == PAD, 0)


def _restrained(probs: Tensor, said: Tensor, again: Tensor, held: Tensor) -> Tensor:
    """What is likely next, (B, V), after texts (B, T), times `again` (V,) where it was said.

    Only after texts that are `held` to that, (B, 1).
    """
    return probs.scatter(1, said, probs.gather(1, said) * torch.where(held, again[said], 1))


def choose(probs: Tensor, uniforms: Tensor, draw: Draw) -> Tensor:
    """Draw one token from each row of (B, V) by inverting the cumulative distribution.

    Args:
        probs: the tokens' weights; they need not sum to 1.
        uniforms: the chance of each row, in [0, 1).
        draw: how.
    """
    if draw.temperature == 0:
        return probs.argmax(-1)
    if draw.top_k:
        kept, ids = probs.topk(draw.top_k, dim=-1)
    else:
        kept, ids = probs, None
    if draw.temperature != 1:
        kept = (kept / kept.amax(-1, keepdim=True)).pow(1 / draw.temperature)
    if draw.top_k and draw.top_p < 1:  # topk is sorted: drop the tail beyond the nucleus
        before = kept.cumsum(-1) - kept
        kept = kept.masked_fill(before >= draw.top_p * kept.sum(-1, keepdim=True), 0)
    total = kept.cumsum(-1)
    wanted = uniforms.unsqueeze(-1) * total[:, -1:]
    at = torch.searchsorted(total, wanted, right=True).clamp_max(kept.shape[-1] - 1)
    return (at if ids is None else ids.gather(1, at)).squeeze(1)


def _only(token: int, size: int, device: torch.device) -> Tensor:
    banned = torch.ones(size, dtype=torch.bool, device=device)
    banned[token] = False
    return banned


def _closed(texts: Tensor) -> Tensor:
    """Keep nothing after the first </s>."""
    ended = (texts == END).cumsum(1)
    return texts.masked_fill((ended > 1) | ((ended == 1) & (texts != END)), PAD)
