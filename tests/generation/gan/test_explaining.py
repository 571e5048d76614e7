"""What moved D's score adds up, has its place in the text, and each phrase has its fact."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from itertools import islice

import pytest
import torch
from django.conf import settings

from generation.gan import checkpoint as checkpoints
from generation.gan import explaining, writing
from generation.gan.batches import pad
from generation.gan.discriminator import Discriminator
from generation.gan.explaining import Phrase, explain, explain_records, integrated_gradients
from generation.gan.records import read_records
from generation.gan.slots import facts_of
from generation.gan.vocabulary import PAD
from generation.gan.writing import Wish, Written, judge, places, write


@pytest.fixture
def exact(monkeypatch):
    """Multiply in single precision on any processor."""
    monkeypatch.setattr(explaining, "half_precision", lambda device: nullcontext())


@pytest.fixture
def opinionated(checkpoint):
    """The tiny checkpoint with a judge whose logits are some nats apart."""
    with torch.no_grad():
        for name, weights in checkpoint.discriminator.named_parameters():
            weights.mul_(6 if "judge" in name else 3 if weights.dim() > 1 else 1)
    return checkpoint


def told(text: str, phrases: tuple[Phrase, ...]) -> list[tuple[str, str, bool]]:
    return [(text[p.start : p.end], p.key or p.field, p.is_exact) for p in phrases]


class Linear(Discriminator):
    """A discriminator whose logit is the sum of its inputs over places and width."""

    def judged(self, source, memory, heard, mask):
        """Sum up."""
        return (heard * mask.unsqueeze(-1)).sum((1, 2)), heard.sum(-1)


def test_of_a_linear_judge_each_token_adds_what_it_differs_from_the_mean(exact):
    torch.manual_seed(0)
    sizes = {"vocab_size": 9, "width": 4, "heads": 1, "encoder_layers": 1, "decoder_layers": 1}
    linear = Linear(**sizes, feedforward=8, dropout=0.0, max_source=8, max_target=8)
    text = torch.tensor([[3, 5, 5], [8, 0, 0]])

    added, logits, baselines = integrated_gradients(linear, torch.tensor([[7, 8]] * 2), text)

    rows = linear.embed.weight.detach().sum(1)  # a token's inputs, summed over the width
    mean = rows[PAD + 1 :].mean()
    heard = torch.tensor([[rows[3], rows[5], rows[5]], [rows[8], 0, 0]])
    bias = linear.read_fact.bias.detach().sum()  # of no fact at all
    wanted = heard - mean + bias
    wanted[1, 1:] = 0  # padding
    assert torch.allclose(added, wanted, atol=1e-5)
    assert torch.allclose(baselines, torch.stack([3 * mean, mean]), atol=1e-5)
    assert torch.allclose(logits - baselines, wanted.sum(1), atol=1e-5)


def test_what_all_tokens_add_is_the_difference_from_the_baseline(
    exact, opinionated, encoder, records
):
    pairs = encoder.pairs(records[:6])
    source, text = pad([pair.source for pair in pairs]), pad([pair.target for pair in pairs])

    errors, sizes = {}, []
    for steps in (8, 256):
        added, logits, baselines = integrated_gradients(
            opinionated.discriminator, source, text, steps=steps
        )
        errors[steps] = (added.sum(1) - (logits - baselines)).abs().max().item()
        sizes = (logits - baselines).abs()

    assert sizes.max() > 1
    assert errors[256] < 0.01  # nats; of the kinks that the maximum over places has
    assert errors[256] < errors[8] < 0.5
    assert not added[text == PAD].any()
    assert torch.allclose(logits, opinionated.discriminator(source, text)[0], atol=1e-4)


def test_a_text_is_explained_alike_alone_and_among_others(exact, opinionated, records):
    together = explain_records(opinionated, records[:5])
    alone = [explain_records(opinionated, [record])[0] for record in records[:5]]

    for one, other in zip(together, alone, strict=True):
        assert one.phrases == other.phrases
        assert [p.start for p in one.pulls] == [p.start for p in other.pulls]
        assert [p.pull for p in one.pulls] == pytest.approx([p.pull for p in other.pulls], abs=1e-4)


def test_pulls_lie_on_the_text_in_order_and_add_up(opinionated, records):
    for record, found in zip(records[:4], explain_records(opinionated, records[:4]), strict=True):
        ends = [0, *(pull.end for pull in found.pulls)]
        assert all(end <= pull.start for end, pull in zip(ends, found.pulls, strict=False))
        assert "".join(record.text.split()) == "".join(
            record.text[pull.start : pull.end].replace(" ", "") for pull in found.pulls
        )
        pulled = sum(pull.pull for pull in found.pulls) + found.elsewhere
        assert found.logit - found.baseline == pytest.approx(pulled + found.gap)


def test_nothing_that_tokens_add_is_lost_on_the_way_to_the_text(exact, opinionated, records):
    for record in records[:2]:
        source, ids = writing.encoded(opinionated, record, facts_of(record))
        added, _, _ = integrated_gradients(opinionated.discriminator, pad([source]), pad([ids]))

        [found] = explain_records(opinionated, [record], steps=8)

        pulled = sum(pull.pull for pull in found.pulls)
        assert pulled + found.elsewhere == pytest.approx(added.sum().item(), abs=1e-5)
        assert found.elsewhere == pytest.approx(added[0, -1].item(), abs=1e-5)  # of its end


def test_pieces_of_a_word_are_one_stretch_and_chinese_keeps_its_own(opinionated, records):
    english, chinese = explain_records(opinionated, records[:2])

    words = [records[0].text[pull.start : pull.end] for pull in english.pulls]
    assert words[:4] == ["A", "lamp", "of", "oak"]
    _, ids = writing.encoded(opinionated, records[1], facts_of(records[1]))
    pieces = opinionated.vocabulary.pieces(ids)
    visible = [piece for piece in pieces if piece.strip() and not piece.startswith("<a")]
    assert len(chinese.pulls) == len(visible) > 5


def test_a_phrase_runs_round_its_slots_to_the_end_of_its_clause(checkpoint, records):
    english, chinese = explain_records(checkpoint, records[:2])

    assert told(records[0].text, english.phrases) == [
        ("A lamp of oak", "material", True),
        ("10 cm wide", "size", True),
        ("It comes in fog blue", "colour", True),
    ]
    assert told(records[1].text, chinese.phrases) == [
        ("榉木做的托盘", "材质", True),
        ("宽11厘米", "尺寸", True),
    ]


def test_names_are_told_by_what_they_are_of(checkpoint, records):
    record = replace(records[0], text="An oak lamp for people at home. Oak Lamp.", brand="Lumen")

    found = explain_records(checkpoint, [record])[0]

    assert told(record.text, found.phrases)[:2] == [
        ("oak lamp", "title", True),
        ("people at home", "audience", True),
    ]


def test_free_words_name_a_value_that_no_slot_tells(checkpoint, records):
    record = replace(
        records[0],
        attributes=(("material", "cast iron, enamelled inside"), ("colour", "fog blue")),
        text="An iron pot, blue as fog.",
    )

    found = explain_records(checkpoint, [record])[0]

    assert told(record.text, found.phrases) == [
        ("iron", "material", False),
        ("blue", "colour", False),
    ]


def test_what_the_writer_wrote_is_explained_by_the_tokens_that_were_judged(opinionated, records):
    wishes = [Wish(record.with_text(""), 10, 90, seed=at) for at, record in enumerate(records[:3])]
    written = write(opinionated, wishes, variants=1)
    pairs = [(wish, texts[0]) for wish, texts in zip(wishes, written, strict=True) if texts]

    found = explain(opinionated, *zip(*pairs, strict=True))

    assert len(found) == len(pairs) == 3
    for (_, item), explanation in zip(pairs, found, strict=True):
        score = torch.tensor(explanation.logit).sigmoid().item()
        assert score == pytest.approx(item.score, abs=0.02)  # bfloat16 in batches of two shapes
        assert all(pull.end <= len(item.text) for pull in explanation.pulls)


def test_what_was_cut_off_pulled_elsewhere(opinionated, records):
    record = records[0]
    source, ids = writing.encoded(opinionated, record, facts_of(record))
    wish = Wish(record, 10, 90, seed=1)
    whole = Written(record.text, 0.5, (), tokens=tuple(ids))

    full, cut = explain(opinionated, [wish] * 2, [whole, replace(whole, text=record.text[:20])])

    lost = sum(pull.pull for pull in full.pulls if pull.start >= 20)
    assert full.logit == pytest.approx(cut.logit, abs=1e-5)
    assert cut.elsewhere - full.elsewhere == pytest.approx(lost, abs=0.01)
    assert abs(lost) > 0.02
    assert source


def test_a_piece_that_the_text_lacks_does_not_hide_those_behind_it():
    text = "Oak tray, 40 cm wide."

    assert places(text, ["oak", " ", "beech", " tray", ",", "400 cm", " wide", "."]) == [
        (0, 3),
        None,
        None,
        (4, 8),
        (8, 9),
        None,
        (16, 20),
        (20, 21),
    ]


def test_a_brief_is_read_once_however_many_texts_are_judged_for_it(opinionated, encoder, records):
    pairs = encoder.pairs(records[:4])
    rows = [0, 0, 2, 1, 2, 3, 3]
    sources, texts = [pairs[at].source for at in rows], pad([pair.target for pair in pairs])[rows]

    whole, tokens = judge(opinionated, sources, texts)

    plain, parts = opinionated.discriminator.eval()(pad(sources), texts)
    assert torch.allclose(whole, plain, atol=0.05)  # bfloat16 where the processor has it
    assert torch.allclose(tokens, parts, atol=0.2)
    assert whole[0] == whole[1]
    assert whole[0] != whole[3]


def test_the_default_steps_are_enough_for_the_shipped_discriminator():
    shipped = checkpoints.load(settings.GALLEY_STARTER_CHECKPOINT)
    lines = settings.BASE_DIR / "catalog" / "starter_shop" / "bags.jsonl"
    some = [record for record in islice(read_records(lines), 60) if record.style != "lively"][:12]

    found = explain_records(shipped, some)

    gaps = [abs(explanation.gap) for explanation in found]
    assert sum(gaps) / len(gaps) < 0.05  # nats: about one point of a score of one half
    assert max(gaps) < 0.2
