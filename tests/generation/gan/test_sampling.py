"""Samples are seeded, obey their rules, and never hold a number of their own."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

from generation.gan import devices, writing
from generation.gan.batches import collate, pad
from generation.gan.config import TrainingConfig
from generation.gan.decoding import Decoder
from generation.gan.likelihood import likelihood_of
from generation.gan.sampling import Draw, Rules, choose, draws, rules_for, sample
from generation.gan.training import optimizer_for, update
from generation.gan.vocabulary import BEGIN, END, PAD


def wishes(records, *, seed: int = 5):
    return [
        writing.Wish(record.with_text(""), low=10, high=90, seed=seed + at)
        for at, record in enumerate(records)
    ]


def test_the_same_seed_gives_the_same_texts(checkpoint, records):
    first = writing.write(checkpoint, wishes(records[:5]), variants=2)
    second = writing.write(checkpoint, wishes(records[:5]), variants=2)
    other = writing.write(checkpoint, wishes(records[:5], seed=900), variants=2)

    assert first == second
    assert first != other


def test_a_texts_chance_does_not_depend_on_its_neighbours():
    noise, uniforms = draws([3, 4], 6, 2)
    alone, chance = draws([4], 6, 2)

    assert torch.equal(noise[1:], alone)
    assert torch.equal(uniforms[1:], chance)


def test_stepping_with_the_cache_equals_reading_the_whole_text(checkpoint, encoder, records):
    generator = checkpoint.generator.eval()
    source = pad([encoder.pair(record).source for record in records[:3]])
    noise, uniforms = draws([1, 2, 3], 20, 4)
    free = Rules(
        torch.zeros(3, checkpoint.vocabulary.size, dtype=torch.bool),
        torch.zeros(checkpoint.vocabulary.size, dtype=torch.bool),
        torch.full((3,), 12),
        16,
    )

    texts, _ = sample(
        generator, source, noise=noise, uniforms=uniforms, rules=free, draw=Draw(temperature=0)
    )

    inputs = torch.cat([torch.full((3, 1), 2), texts[:, :-1]], dim=1)
    log_probs = generator(source, inputs, noise)
    log_probs[:, :12, END] = -torch.inf
    assert torch.equal(log_probs.argmax(-1)[:, :15], texts[:, :15])


def test_several_texts_of_a_brief_are_those_that_it_gets_one_by_one(checkpoint, encoder, records):
    sources = [encoder.pair(record).source for record in records[:3]]
    noise, uniforms = draws(range(6), 20, 4)
    at_once, one_by_one = (
        sample(
            checkpoint.generator,
            pad(read),
            noise=noise,
            uniforms=uniforms,
            rules=rules_for(
                checkpoint.vocabulary,
                read,
                minimum=[3] * len(read),
                maximum=16,
                copies=6 // len(read),
            ),
            draw=Draw(),
        )
        for read in (sources, [source for source in sources for _ in range(2)])
    )

    assert torch.equal(at_once[0], one_by_one[0])
    assert torch.allclose(at_once[1], one_by_one[1], atol=1e-5)


@pytest.mark.parametrize("texts", [2, 20])
def test_rounded_weights_tell_nearly_the_same_and_follow_the_weights(
    checkpoint, encoder, records, texts
):
    """A few texts are written with weights of 8 bits, many with bfloat16."""
    generator = checkpoint.generator.eval()
    source = pad([encoder.pair(record).source for record in records[:texts]])
    noise, _ = draws(range(texts), 1, 4)
    last = torch.full((texts,), BEGIN)

    def told(*, exactly: bool):
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=not exactly):
            return Decoder(generator, source, noise=noise, steps=1).step(last, 0).clone()

    before = told(exactly=False)
    assert torch.allclose(before, told(exactly=True), atol=0.02)
    with torch.no_grad():
        generator.decoder[0].think[2].weight.mul_(-30)
    assert not torch.allclose(before, told(exactly=True), atol=0.02)
    assert torch.allclose(told(exactly=False), told(exactly=True), atol=0.02)


@pytest.mark.skipif(
    "fbgemm" not in torch.backends.quantized.supported_engines, reason="This processor has none."
)
def test_weights_of_16_bits_tell_the_same_where_there_is_no_bfloat16(
    checkpoint, encoder, records, monkeypatch
):
    monkeypatch.setattr(devices, "has_bfloat16", lambda _kind: False)
    generator = checkpoint.generator.eval()
    source = pad([encoder.pair(record).source for record in records[:8]])
    noise, _ = draws(range(16), 1, 4)
    last = torch.full((16,), BEGIN)

    def decoder() -> Decoder:
        return Decoder(generator, source, noise=noise, steps=1)

    def told(*, exactly: bool):
        halved = nullcontext() if exactly else devices.half_precision(torch.device("cpu"))
        with torch.no_grad(), halved:
            made = decoder()
            assert made.precision == (torch.float32 if exactly else torch.float16)
            return made.step(last, 0).clone()

    before = told(exactly=False)
    assert torch.allclose(before, told(exactly=True), atol=2e-4)
    assert not torch.equal(before, told(exactly=True))
    assert torch.equal(before, told(exactly=False))
    with torch.no_grad():
        generator.decoder[0].think[2].weight.mul_(-30)
    assert not torch.allclose(before, told(exactly=True), atol=0.02)
    assert torch.allclose(told(exactly=False), told(exactly=True), atol=2e-3)
    assert decoder().precision == torch.float32  # outside of it nothing is halved
    with torch.no_grad(), devices.half_precision(torch.device("cpu")):
        halved = decoder()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = Decoder(generator, source[:1], noise=noise[:1], steps=1)
    assert rounded.precision == torch.int8
    assert rounded.head is not halved.head  # what is kept is kept for its precision


def test_rounded_weights_follow_a_step_of_learning(checkpoint, encoder, records):
    generator = checkpoint.generator.eval()
    source = pad([encoder.pair(records[0]).source])
    optimizer = optimizer_for(generator, 0.1, TrainingConfig())

    def told(*, exactly: bool):
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=not exactly):
            decoder = Decoder(generator, source, noise=torch.zeros(1, 4), steps=1)
            return decoder.step(torch.tensor([BEGIN]), 0).clone()

    torch.manual_seed(1)  # of dropout and noise while learning
    told(exactly=False)
    for _ in range(3):
        loss = likelihood_of(generator, collate(encoder.pairs(records[:4])))
        update(optimizer, loss, generator, 1.0)

    generator.eval()
    assert torch.allclose(told(exactly=False), told(exactly=True), atol=0.03)


@pytest.mark.parametrize("copies", [1, 4])
def test_half_precision_writes_on_when_most_texts_have_ended(checkpoint, encoder, records, copies):
    """What was read of a brief is laid out anew when finished texts are forgotten."""
    sources = [encoder.pair(record).source for record in records[:8]]
    noise, uniforms = draws(range(8 * copies), 40, 4)
    rules = rules_for(
        checkpoint.vocabulary, sources, minimum=[0] * 6 + [30] * 2, maximum=40, copies=copies
    )
    rules.banned[: 6 * copies] = True  # these can only end
    rules.banned[: 6 * copies, END] = False

    with torch.autocast("cpu", dtype=torch.bfloat16):
        texts, surely = sample(
            checkpoint.generator,
            pad(sources),
            noise=noise,
            uniforms=uniforms,
            rules=replace(rules, led=None),
            draw=Draw(),
        )

    inputs = torch.cat([torch.full_like(texts[:, :1], BEGIN), texts[:, :-1]], dim=1)
    read = pad([source for source in sources for _ in range(copies)])
    wanted = checkpoint.generator.log_likelihood(read, inputs, texts, noise)
    lengths = (texts != PAD).sum(1)
    assert (lengths[: 6 * copies] == 1).all()
    assert (lengths[6 * copies :] > 30).all()
    assert torch.allclose(surely, wanted, atol=0.15)


@pytest.mark.parametrize(("patience", "lengths"), [(0, range(4, 17)), (50, [16]), (-50, [4])])
def test_a_text_comes_with_its_likelihood(checkpoint, encoder, records, patience, lengths):
    """However soon the writer ends what it draws coolly: what it believes is another matter."""
    sources = [encoder.pair(record).source for record in records[:3]]
    noise, uniforms = draws([1, 2, 3], 20, 4)
    rules = rules_for(checkpoint.vocabulary, sources, minimum=[3] * 3, maximum=16)
    rules = replace(rules, led=None)
    with torch.no_grad():
        checkpoint.generator.patience.weight.fill_(patience)

    texts, surely = sample(
        checkpoint.generator,
        pad(sources),
        noise=noise,
        uniforms=uniforms,
        rules=rules,
        draw=Draw(temperature=0.5, top_k=5),
    )

    inputs = torch.cat([torch.full((3, 1), BEGIN), texts[:, :-1]], dim=1)
    wanted = checkpoint.generator.log_likelihood(pad(sources), inputs, texts, noise)
    assert set((texts != PAD).sum(1).tolist()) <= set(lengths)
    assert torch.allclose(surely, wanted, atol=1e-4)
    assert (surely[texts != PAD] < 0).all()


def test_calm_copy_is_drawn_as_if_nothing_held_it_back(checkpoint, encoder, records):
    calm = [record for record in records if record.language == "zh"][:3]
    generator, vocabulary = checkpoint.generator, checkpoint.vocabulary

    def drawn(style):
        asked = encoder.pairs([replace(record, style=style) for record in calm])
        sources = [pair.source for pair in asked]
        noise, uniforms = draws(range(3), 40, 4)
        return sample(
            generator,
            pad(sources),
            noise=noise,
            uniforms=uniforms,
            rules=rules_for(vocabulary, sources, minimum=[2] * 3, maximum=40),
            draw=Draw(temperature=0.7, top_k=40),
        )[0]

    before = {style: drawn(style) for style in ("calm", "lively")}
    with torch.no_grad():
        generator.restraint.weight.fill_(60.0)
        generator.patience.weight.fill_(60.0)

    assert torch.equal(drawn("calm"), before["calm"])
    assert not torch.equal(drawn("lively"), before["lively"])


def test_no_restrained_writer_says_a_word_twice_however_likely_it_thinks_that(
    checkpoint, encoder, records
):
    chinese = [record for record in records if record.language == "zh"]
    sources = [encoder.pair(record).source for record in chinese[:3]]
    generator, vocabulary = checkpoint.generator, checkpoint.vocabulary
    rules = rules_for(vocabulary, sources, minimum=[40] * 3, maximum=48, copies=2)
    noise, uniforms = draws(range(6), 48, 4)
    held_back = set(vocabulary.restrained_ids)

    def drawn(temperature):
        texts, surely = sample(
            generator,
            pad(sources),
            noise=noise,
            uniforms=uniforms,
            rules=replace(rules, led=None, banned=rules.banned.clone()),
            draw=Draw(temperature=temperature, top_k=40),
        )
        words = [[word for word in text if word in held_back] for text in texts.tolist()]
        return texts, surely, sum(len(some) - len(set(some)) for some in words)

    often = drawn(0.8)[2]
    with torch.no_grad():
        generator.restraint.weight.fill_(60.0)

    assert often > 0
    assert drawn(0.8)[2] == 0
    assert drawn(1.0)[2] > 0  # as likelihood has taught it

    with torch.no_grad():
        generator.restraint.weight.fill_(0.5)
    texts, surely, again = drawn(0.8)

    assert again > 0
    inputs = torch.cat([torch.full((6, 1), BEGIN), texts[:, :-1]], dim=1)
    read = pad([source for source in sources for _ in range(2)])
    wanted = generator.log_likelihood(read, inputs, texts, noise)
    assert torch.allclose(surely, wanted, atol=0.15)  # what it believes is another matter


def test_no_number_appears_that_the_brief_lacks(checkpoint, records):
    written = writing.write(checkpoint, wishes(records[:16]), variants=2)

    for wish, texts in zip(wishes(records[:16]), written, strict=True):
        held = set(re.findall(r"\d+", " ".join(value for _, value in wish.record.attributes)))
        held |= set(re.findall(r"\d+", wish.record.title))
        for item in texts:
            assert set(re.findall(r"\d+", item.text)) <= held


def test_a_brief_without_numbers_gets_none(checkpoint, records):
    bare = replace(records[0], attributes=(("material", "oak"),), title="lamp", text="")

    written = writing.write(checkpoint, [writing.Wish(bare, 10, 90, 1)], variants=2)

    assert not any(letter.isdigit() for item in written[0] for letter in item.text)


def test_calm_copy_begins_each_clause_with_a_fact_once_it_states_facts(
    checkpoint, encoder, records
):
    vocabulary = checkpoint.vocabulary
    calm = [encoder.pair(record).source for record in records[:8]]
    noise, uniforms = draws(range(128), 48, 4)
    rules = rules_for(vocabulary, calm, minimum=[20] * 8, maximum=48, copies=16)
    texts, _ = sample(
        checkpoint.generator, pad(calm), noise=noise, uniforms=uniforms, rules=rules, draw=Draw()
    )
    checked = 0
    for ids in texts.tolist():
        told, at_a_clause = False, False
        for index in ids:
            if told and at_a_clause and index != vocabulary.space_id:
                assert index in vocabulary.lead_ids
                checked += 1
            told = told or index in vocabulary.plan_ids[1:]
            if index != vocabulary.space_id:
                at_a_clause = index in vocabulary.mark_ids

    assert checked > 5
    assert not vocabulary.is_led(encoder.pair(replace(records[0], style="lively")).source)


def test_a_text_keeps_to_the_marks_of_its_language(checkpoint, records):
    vocabulary = checkpoint.vocabulary
    english, chinese = vocabulary.foreign_ids["en"], vocabulary.foreign_ids["zh"]
    mark = vocabulary.tokenizer.token_to_id

    assert {mark("，"), mark("。")} <= set(english)
    assert {mark(","), mark(".")} <= set(chinese)
    assert not {mark(","), mark(".")} & set(english)
    assert not {mark("，"), mark("。")} & set(chinese)


def test_a_brief_of_few_facts_is_not_asked_for_a_long_text(records):
    few = replace(records[0], title="Tray", audience="", attributes=(("material", "oak"),))
    many = replace(few, attributes=tuple((f"key {at}", "a fact of some length") for at in range(9)))

    assert writing.length_class(writing.Wish(few, 40, 600, 1)) == "short"
    assert writing.length_class(writing.Wish(many, 40, 600, 1)) == "long"


def test_what_the_writer_is_unsure_of_is_not_offered(checkpoint, records):
    floor = writing.fluency_floors(checkpoint, records, seed=1)["calm"]
    everything = writing.write(checkpoint, wishes(records[:4]), variants=2)
    surest = max(item.fluency for texts in everything for item in texts)

    checkpoint.metrics["fluency_floors"] = {"calm": surest}
    only = writing.write(checkpoint, wishes(records[:4]), variants=2)
    checkpoint.metrics["fluency_floors"] = {"calm": 0.1}  # no text is as sure as that
    nothing = writing.write(checkpoint, wishes(records[:4]), variants=2)

    assert floor < surest < 0
    offered = [item.fluency for texts in only for item in texts]
    assert min(offered) == surest  # further attempts may be surer, none less sure
    assert nothing == [[], [], [], []]


def test_texts_keep_to_the_limit(checkpoint, records):
    tight = [replace(wish, high=40) for wish in wishes(records[:12])]

    written = writing.write(checkpoint, tight, variants=2)

    assert max(len(item.text) for texts in written for item in texts) <= 40


def test_a_fact_is_used_once(checkpoint, encoder, records):
    source = pad([encoder.pair(records[0]).source])
    noise, uniforms = draws([1], 30, 4)
    slot = checkpoint.vocabulary.tokenizer.token_to_id("<n0>")
    banned = torch.ones(1, checkpoint.vocabulary.size, dtype=torch.bool)
    banned[0, [slot, END]] = False
    once = torch.zeros(checkpoint.vocabulary.size, dtype=torch.bool)
    once[slot] = True
    rules = Rules(banned, once, torch.tensor([1]), 10)

    text, _ = sample(
        checkpoint.generator, source, noise=noise, uniforms=uniforms, rules=rules, draw=Draw()
    )

    assert text[0, :3].tolist() == [slot, END, PAD]


def test_a_slot_is_written_only_where_its_attribute_is_spoken_of(checkpoint, encoder, records):
    vocabulary = checkpoint.vocabulary
    source = encoder.pair(records[0]).source  # material, size, colour; only the size has a number
    rules = rules_for(vocabulary, [source], minimum=[1], maximum=9)
    number, part, plans = (
        vocabulary.tokenizer.token_to_id("<n0>"),
        vocabulary.tokenizer.token_to_id("<p0>"),
        vocabulary.plan_ids,
    )
    banned = rules.banned.clone()
    row = torch.tensor([0])

    def usable(*tokens: int) -> list[bool]:
        return [not banned[0, token].item() for token in tokens]

    assert usable(plans[0], plans[1], plans[3], plans[4]) == [False, True, True, False]
    assert usable(number, part) == [False, False]
    rules.after(banned, row, torch.tensor([plans[1]]))
    assert usable(number, part, plans[1]) == [False, True, False]
    rules.after(banned, row, torch.tensor([part]))
    assert usable(number, part) == [False, False]
    rules.after(banned, row, torch.tensor([plans[2]]))
    assert usable(number, part) == [True, True]


@pytest.mark.parametrize(
    ("uniform", "token"), [(0.0, 0), (0.49, 0), (0.51, 1), (0.79, 1), (0.81, 2), (0.99, 2)]
)
def test_tokens_are_drawn_by_their_share(uniform, token):
    probs = torch.tensor([[0.5, 0.3, 0.2]])

    assert choose(probs, torch.tensor([uniform]), Draw()).item() == token


def test_the_nucleus_leaves_the_tail_out():
    probs = torch.tensor([[0.2, 0.5, 0.3]])

    drawn = {
        choose(probs, torch.tensor([at / 100]), Draw(top_k=3, top_p=0.75)).item()
        for at in range(100)
    }

    assert drawn == {1, 2}


def test_a_banned_word_is_never_sampled_however_it_is_cut(checkpoint, records):
    briefs = [record for record in records[:8] if record.language == "en"]
    plain = writing.write(checkpoint, wishes(briefs), variants=4)
    words = Counter(word for texts in plain for item in texts for word in item.text.lower().split())
    common = tuple(word[1:4] for word, _ in words.most_common(3) if len(word) > 3) or ("a",)

    strict = [replace(wish, banned=common) for wish in wishes(briefs)]
    kept = writing.write(checkpoint, strict, variants=4)

    assert any(word in item.text.lower() for texts in plain for item in texts for word in common)
    assert [texts for texts in kept if texts]
    assert not any(word in item.text.lower() for texts in kept for item in texts for word in common)


def test_a_ban_holds_while_sampling_and_not_only_afterwards(checkpoint, encoder, records):
    vocabulary = checkpoint.vocabulary
    sources = [encoder.pair(record).source for record in records[:8:2]]
    noise, uniforms = draws(range(32), 48, 4)
    words = [("oa", "th", " e")] * len(sources)
    rules = rules_for(vocabulary, sources, minimum=[30] * 4, maximum=48, copies=8, words=words)

    texts, _ = sample(
        checkpoint.generator, pad(sources), noise=noise, uniforms=uniforms, rules=rules, draw=Draw()
    )

    written = ["".join(vocabulary.pieces(ids)).lower() for ids in texts.tolist()]
    bare = [re.sub(r"<[^>]+>", "|", text) for text in written]
    assert not any(word in text for text in bare for word in words[0])
    assert sum(map(len, bare)) > 200


def test_a_text_tells_what_is_required_of_it(checkpoint, records):
    briefs = [record for record in records[:8] if record.language == "en"]
    roomy = [replace(wish, high=400) for wish in wishes(briefs)]
    free = writing.write(checkpoint, roomy, variants=1)
    bound = [replace(wish, required=("material", "colour")) for wish in roomy]

    told = writing.write(checkpoint, bound, variants=1)

    def untold(written):
        return sum(wish.untold(texts[0].text) for wish, texts in zip(bound, written, strict=True))

    assert untold(told) == 0 < untold(free)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_stretch_is_said_twice_but_in_calm_copy(checkpoint, encoder, records, language):
    vocabulary = checkpoint.vocabulary
    briefs = [replace(record, style="market") for record in records if record.language == language]
    sources = [encoder.pair(record).source for record in briefs[:6]]
    noise, uniforms = draws(range(48), 48, 4)

    def again(size: int) -> int:
        rules = rules_for(vocabulary, sources, minimum=[40] * 6, maximum=48, copies=8, repeats=size)
        texts, _ = sample(
            checkpoint.generator,
            pad(sources),
            noise=noise,
            uniforms=uniforms,
            rules=rules,
            draw=Draw(temperature=0.3),
        )
        said = ["".join(vocabulary.symbols(i, language) for i in ids) for ids in texts.tolist()]
        return sum(
            len({text[at : at + 3] for at in range(len(text) - 2)}) < len(text) - 2 for text in said
        )

    assert again(0) > 24
    assert again(3) == 0


def test_calm_copy_may_say_a_stretch_twice(checkpoint, encoder, records):
    calm = encoder.pair(records[0]).source

    rules = rules_for(checkpoint.vocabulary, [calm], minimum=[3], maximum=48, repeats=3)

    assert rules.repeats.languages == [""]
