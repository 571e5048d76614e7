"""What the discriminator promises, and that it learns what it is shown."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
import torch

from generation.gan.batches import Pair, pad
from generation.gan.config import TrainingConfig
from generation.gan.judging import Judge, Negatives, held_out_accuracy, token_quantiles
from generation.gan.lessons import corrupted, mismatched
from generation.gan.vocabulary import END
from generation.gan.writing import _ranks


def test_padding_never_changes_a_score(checkpoint, encoder, records):
    pair = encoder.pair(records[0])
    source, text = pad([pair.source]), pad([pair.target])
    discriminator = checkpoint.discriminator.eval()

    plain, tokens = discriminator(source, text)
    padded, more = discriminator(
        torch.nn.functional.pad(source, (0, 5)), torch.nn.functional.pad(text, (0, 9))
    )

    assert torch.allclose(plain, padded, atol=1e-5)
    assert torch.allclose(tokens, more[:, : tokens.shape[1]], atol=1e-5)


def test_the_same_text_scores_differently_for_another_product(checkpoint, encoder, records):
    text = pad([encoder.pair(records[0]).target])
    discriminator = checkpoint.discriminator.eval()

    own, _ = discriminator(pad([encoder.pair(records[0]).source]), text)
    other, _ = discriminator(pad([encoder.pair(records[2]).source]), text)

    assert own.item() != other.item()


def test_it_hears_how_long_a_text_is(checkpoint):
    """Beside what it reads: with that taken away, words no longer count, and length does."""
    discriminator = checkpoint.discriminator.eval()
    with torch.no_grad():
        discriminator.judge[0].weight.zero_()
        discriminator.judge_length.weight.normal_(generator=torch.Generator().manual_seed(1))
    brief = pad([[9, 10]] * 3)

    short, other, longer = discriminator(brief, pad([[8] * 9, [7] * 9, [8] * 30]))[0].tolist()

    assert other == pytest.approx(short, abs=1e-5)
    assert abs(longer - short) > 0.1


def test_what_begins_with_the_writers_weights_keeps_its_own_heads(checkpoint):
    discriminator = checkpoint.discriminator
    with torch.no_grad():
        for head in discriminator.heads:
            for weight in head.parameters():
                weight.fill_(0.5)

    discriminator.begin_from(checkpoint.generator)

    own = [weight for head in discriminator.heads for weight in head.parameters()]
    assert all((weight == 0.5).all() for weight in own)
    assert torch.equal(discriminator.embed.weight, checkpoint.generator.embed.weight)


def test_it_learns_to_hear_lengths(checkpoint, encoder, records):
    pairs = encoder.pairs(records)
    cut = [replace(pair, target=[*pair.target[:3], END]) for pair in pairs]
    discriminator = checkpoint.discriminator
    judge = Judge(
        discriminator, pairs, Negatives(sampled=cut, facts=encoder.copied), TrainingConfig()
    )
    before = discriminator.judge_length.weight.clone()

    judge.learn(random.Random(1))

    assert not torch.equal(before, discriminator.judge_length.weight)


def test_it_compares_texts_for_the_same_brief(checkpoint, encoder, records, monkeypatch):
    pairs = encoder.pairs(records)
    written = [replace(pair, target=[*pair.target[:4], END]) for pair in pairs[:6]]
    negatives = Negatives(sampled=written, facts=encoder.copied)
    judge = Judge(checkpoint.discriminator, pairs, negatives, TrainingConfig())
    batches = []
    judged = Judge.judged
    monkeypatch.setattr(
        Judge, "judged", lambda self, some, place: batches.append(some) or judged(self, some, place)
    )

    judge.learn(random.Random(5), size=30)

    real, refused = batches
    own = [pair.source for pair in refused if pair in written]
    assert len(own) >= 10
    assert [pair.source for pair in real[: len(own)]] == own
    assert all(pair in pairs for pair in real)
    assert len(real) == len(refused) == 30


def test_it_learns_to_tell_real_texts_from_damaged_ones(checkpoint, encoder, records):
    chance = random.Random(3)
    pairs = encoder.pairs(records)
    train, check = pairs[:36], pairs[36:]
    judge = Judge(
        checkpoint.discriminator,
        train,
        Negatives(
            sampled=[corrupted(pair, chance, encoder.copied) for pair in train],
            facts=encoder.copied,
        ),
        TrainingConfig(discriminator_rate=3e-3),
    )
    damaged = [corrupted(pair, chance, encoder.copied) for pair in check]

    for _ in range(150):
        judge.learn(chance, size=24)

    accuracy, area = held_out_accuracy(checkpoint.discriminator, check, damaged)
    assert accuracy > 0.75
    assert area > 0.85


def test_a_damaged_text_still_ends_and_differs():
    pair = Pair([5, 50, 6, 51], [*range(100, 120), END])

    broken = [corrupted(pair, random.Random(seed), frozenset()) for seed in range(20)]

    assert all(text.source == pair.source and text.target[-1] == END for text in broken)
    assert sum(text.target != pair.target for text in broken) >= 19


def test_half_of_the_damaged_texts_state_another_fact_of_their_brief():
    facts = frozenset({50, 51, 52})
    pair = Pair([5, 50, 6, 51, 5, 52], [*range(100, 110), 50, *range(110, 120), END])

    broken = [corrupted(pair, random.Random(seed), facts).target for seed in range(200)]

    misplaced = [text for text in broken if text[10] in {51, 52} and len(text) == len(pair.target)]
    assert 70 <= len(misplaced) <= 130
    assert all(text[:10] + text[11:] == pair.target[:10] + pair.target[11:] for text in misplaced)


def test_a_mismatched_brief_keeps_language_kind_and_style(encoder, records):
    pairs = encoder.pairs(records)

    wrong = mismatched(pairs, random.Random(1))

    assert [pair.target for pair in wrong] == [pair.target for pair in pairs]
    assert all(a.source[:3] == b.source[:3] for a, b in zip(wrong, pairs, strict=True))
    # The Chinese briefs are alike but for their number; of 24 English ones most must move.
    assert sum(a.source != b.source for a, b in zip(wrong, pairs, strict=True)) >= 18


def test_rejections_are_a_capped_stratum_of_their_own(encoder, records):
    pairs = encoder.pairs(records)
    refused = [(pair, 2.0) for pair in pairs[:20]]
    negatives = Negatives(sampled=pairs[20:], rejected=refused)

    drawn, weights, own = negatives.draw(pairs, 40, random.Random(1), rejection_share=0.25)

    human = [pair for pair in drawn if pair in pairs[:20]][:10]
    assert len(drawn) == 40
    assert sum(weights) / 40 == pytest.approx(1.0)
    assert len(human) == 10
    assert sum(weights[:10]) / 40 == pytest.approx(0.25)
    assert own >= 10
    assert all(pair in pairs[20:] for pair in drawn[-own:])


def test_an_old_rejection_weighs_less_than_the_writers_own_texts(encoder, records):
    pairs = encoder.pairs(records)
    refused = [(pair, 0.25) for pair in pairs[:20]]
    negatives = Negatives(sampled=pairs[20:], rejected=refused)

    _, weights, _ = negatives.draw(pairs, 40, random.Random(1), rejection_share=0.25)

    assert weights[0] == pytest.approx(0.25 * weights[-1])
    assert sum(weights[:10]) / 40 == pytest.approx(2.5 / 32.5)


def test_what_holds_the_generator_back_is_whether_its_own_texts_are_told_from_real_ones(
    checkpoint, encoder, records
):
    """Damaged and mismatched texts are harder to tell, and say nothing of the generator."""
    pairs = encoder.pairs(records)
    nonsense = [replace(pair, target=[pair.target[0]] * 9 + [END]) for pair in pairs]
    judge = Judge(
        checkpoint.discriminator,
        pairs,
        Negatives(sampled=nonsense, facts=encoder.copied),
        TrainingConfig(discriminator_rate=1e-3),
    )
    chance = random.Random(1)

    for _ in range(60):
        judge.learn(chance)

    fake, _, own = judge.negatives.draw(pairs, 60, chance, rejection_share=0.25)
    _, told = held_out_accuracy(checkpoint.discriminator, pairs, fake[-own:])
    _, of_all = held_out_accuracy(checkpoint.discriminator, pairs, fake)
    assert told > of_all
    assert judge.accuracy == pytest.approx(told, abs=0.12)


def test_where_all_logits_stand_does_not_hold_the_generator_back(checkpoint, encoder, records):
    """A judge that takes everything for real may still know which of two texts is."""
    pairs = encoder.pairs(records)
    nonsense = [replace(pair, target=[pair.target[0]] * 9 + [END]) for pair in pairs]
    judge = Judge(
        checkpoint.discriminator,
        pairs,
        Negatives(sampled=nonsense, facts=encoder.copied),
        TrainingConfig(discriminator_rate=1e-3),
    )
    chance = random.Random(1)
    for _ in range(40):
        judge.learn(chance)

    with torch.no_grad():
        checkpoint.discriminator.judge[-1].bias += 50
    judge.pace(0)
    for _ in range(40):
        judge.learn(chance)

    assert judge.accuracy > 0.8


def test_a_tokens_rank_is_the_share_of_real_tokens_below_it(checkpoint, encoder, records):
    pairs = encoder.pairs(records)

    known = token_quantiles(checkpoint.discriminator, pairs)

    assert len(known) == 19
    assert known == sorted(known)
    checkpoint.metrics = {"token_quantiles": [0.1 * step for step in range(1, 5)]}
    assert _ranks(checkpoint, [0.05, 0.25, 0.9]) == [0.0, 0.4, 0.8]
    checkpoint.metrics = {}
    assert _ranks(checkpoint, [0.3]) == [0.3]


@pytest.mark.parametrize("approved_first", [True, False])
def test_what_editors_approve_comes_to_stand_above_what_they_refuse(
    checkpoint, encoder, records, approved_first
):
    """Both kinds are among the reals as well, so that only the editors tell them apart."""
    pairs = encoder.pairs(records)
    first = [pair for pair in pairs if pair.source[0] == pairs[0].source[0]]
    second = [pair for pair in pairs if pair.source[0] != pairs[0].source[0]]
    liked, minded = (first, second) if approved_first else (second, first)
    judge = Judge(
        checkpoint.discriminator,
        pairs,
        Negatives(
            sampled=[corrupted(pair, random.Random(1), encoder.copied) for pair in pairs],
            rejected=[(pair, 1.0) for pair in minded[:8]],
            facts=encoder.copied,
        ),
        TrainingConfig(discriminator_rate=1e-3, rejection_share=0.0),
        approved=[(pair, 1.0) for pair in liked[:8]],
    )
    chance = random.Random(5)

    for _ in range(30):
        judge.learn(chance, size=8)

    _, area = held_out_accuracy(judge.discriminator, liked[8:], minded[8:])
    assert area > 0.9


def test_what_a_writer_wrote_lately_is_kept_apart_for_each_temperature(encoder, records):
    first, second, third, *rest = (encoder.pairs([record]) for record in records[:12])
    negatives = Negatives()
    for pairs, temperature in ((first, 0.6), (second, 1.0), (third, 0.6)):
        negatives.renew(pairs, temperature)

    other = Negatives()
    other.restore(json.loads(json.dumps(negatives.state())))

    assert other.lately == negatives.lately == {0.6: first + third, 1.0: second}
    assert other.sampled == third
    assert other.replayed == first + second
    other.renew(rest[0] * 480, 0.6)
    assert other.lately == {0.6: rest[0] * 480, 1.0: second}
