"""What editors like, word by word: learnt from few decisions, and part of D's logit."""

from __future__ import annotations

import random

import pytest
import torch

from generation.gan import metrics, writing
from generation.gan.batches import Pair, pad
from generation.gan.config import TrainingConfig
from generation.gan.explaining import integrated_gradients
from generation.gan.judging import Judge, Negatives
from generation.gan.liking import Liking
from generation.gan.vocabulary import END, KEY, VALUE

SIZE = 60
BAD = 33  # a word that the editor refuses
PLANS = (20, 21, 22)
WEIGHT, COLOUR, SIZES = 40, 41, 42  # keys


def text_of(chance: random.Random, *others: int) -> list[int]:
    words = [chance.randrange(44, SIZE) for _ in range(12)]
    at = chance.randrange(12)
    return [*words[:at], *others, *words[at:], END]


def pairs_of(count: int, *others: int, seed: int) -> list[Pair]:
    chance = random.Random(seed)
    return [Pair([7, 8], text_of(chance, *others)) for _ in range(count)]


def judged(liking: Liking, pairs: list[Pair]) -> list[float]:
    source, text = (pad([getattr(pair, side) for pair in pairs]) for side in ("source", "target"))
    return liking(source, text).tolist()


def fitted(better: list[Pair], worse: list[Pair], weights: list[float] | None = None) -> Liking:
    liking = Liking(SIZE)
    known = (torch.zeros(len(better)), torch.zeros(len(worse)))
    counts = torch.ones(len(better)), torch.tensor(weights or [1.0] * len(worse))
    liking.fit(better, worse, weights=counts, known=known)
    return liking


def test_nothing_is_liked_or_disliked_before_editors_decide():
    assert judged(Liking(SIZE), pairs_of(5, BAD, seed=1)) == [0.0] * 5


def test_a_word_that_is_never_let_pass_sinks_texts_that_nobody_saw():
    liking = fitted(pairs_of(100, seed=1), pairs_of(100, BAD, seed=2))

    fine, bad = judged(liking, pairs_of(80, seed=3)), judged(liking, pairs_of(80, BAD, seed=4))

    assert metrics.auc(fine, bad) > 0.97


def test_few_decisions_move_little():
    few = fitted(pairs_of(3, seed=1), pairs_of(3, BAD, seed=2))
    many = fitted(pairs_of(100, seed=1), pairs_of(100, BAD, seed=2))

    assert 0 > few.weights[BAD] > many.weights[BAD] / 2


def test_what_the_network_says_already_is_not_learnt_again():
    better, worse = pairs_of(50, seed=1), pairs_of(50, BAD, seed=2)
    liking = Liking(SIZE)
    liking.fit(
        better,
        worse,
        weights=(torch.ones(len(better)), torch.ones(50)),
        known=(torch.full((50,), 9.0), torch.zeros(50) - 9),
    )

    assert abs(liking.weights[BAD]) < 0.05


def test_a_refusal_that_has_faded_counts_less():
    better, worse = pairs_of(60, seed=1), pairs_of(60, BAD, seed=2) + pairs_of(60, 34, seed=3)

    liking = fitted(better, worse, [1.0] * 60 + [0.1] * 60)

    assert liking.weights[BAD] < liking.weights[34] < 0


def brief_of(*keys: int) -> list[int]:
    source = [7]
    for key, plan in zip(keys, PLANS, strict=False):
        source += [KEY, key, VALUE, plan, 50]
    return source


def test_an_attribute_is_known_by_its_key_wherever_a_brief_has_it():
    """Refused is what tells the weight: the first fact in one brief, the third in another."""
    chance = random.Random(5)
    first, last = brief_of(WEIGHT, COLOUR, SIZES), brief_of(SIZES, COLOUR, WEIGHT)
    worse = [Pair(first, text_of(chance, PLANS[0])) for _ in range(60)]
    better = [Pair(first, text_of(chance, PLANS[2])) for _ in range(60)]

    liking = fitted(better, worse)

    tells_size = [Pair(last, text_of(chance, PLANS[0])) for _ in range(60)]
    tells_weight = [Pair(last, text_of(chance, PLANS[2])) for _ in range(60)]
    assert metrics.auc(judged(liking, tells_size), judged(liking, tells_weight)) > 0.97


def test_what_was_approved_in_passing_counts_for_less():
    """Two words are let pass and refused as often as each other, one of them in passing."""
    better = [*pairs_of(40, 20, seed=1), *pairs_of(40, 21, seed=2)]
    worse = [*pairs_of(40, 20, seed=3), *pairs_of(40, 21, seed=4)]
    known = torch.zeros(80), torch.zeros(80)

    def liked_more(weight: float) -> float:
        liking = Liking(SIZE)
        counts = torch.tensor([1.0] * 40 + [weight] * 40)
        liking.fit(better, worse, weights=(counts, torch.ones(80)), known=known)
        first, second = (judged(liking, pairs_of(40, word, seed=5)) for word in (20, 21))
        return (sum(first) - sum(second)) / 40

    assert liked_more(0.5) > liked_more(1.0) + 0.3


def test_a_word_counts_once_and_padding_never():
    liking = fitted(pairs_of(50, seed=1), pairs_of(50, BAD, seed=2))
    once, twice = torch.tensor([[44, BAD, 45, 44]]), torch.tensor([[44, BAD, 45, 44, 0, 0]])
    source = torch.tensor([[7, 8]])

    assert liking(source, once) == liking(source, twice)
    assert liking.parts(source, once).sum() == liking(source, once)


def test_the_judge_takes_in_what_editors_like(checkpoint, encoder, records):
    real = encoder.pairs(records[:24])
    approved, refused = real[:12], [Pair(pair.source, pair.target[::-1]) for pair in real[:12]]
    edits = [(real[12], Pair(real[12].source, real[12].target[::-1]), 1.0)]
    judge = Judge(
        checkpoint.discriminator,
        real,
        Negatives(rejected=[(pair, 1.0) for pair in refused]),
        TrainingConfig(),
        approved=[(pair, 1.0) for pair in approved],
        edits=edits,
    )
    with torch.no_grad():
        before = judge.judged(real[13:20], torch.device("cpu"))[0]

    judge.like()

    liking = checkpoint.discriminator.liking
    with torch.no_grad():
        after = judge.judged(real[13:20], torch.device("cpu"))[0]
    assert metrics.auc(judged(liking, approved), judged(liking, refused)) > 0.9
    assert not torch.equal(before, after)
    checkpoint.discriminator.liking.weights.zero_()


def test_explanations_add_up_with_it(checkpoint, encoder, records):
    pair = encoder.pair(records[0])
    source, text = pad([pair.source]), pad([pair.target])
    before = integrated_gradients(checkpoint.discriminator, source, text)
    checkpoint.discriminator.liking.weights[pair.target[3]] = 2.0

    added, logits, _ = integrated_gradients(checkpoint.discriminator, source, text)
    with torch.no_grad():
        told = checkpoint.discriminator(source, text)[0]

    checkpoint.discriminator.liking.weights.zero_()
    assert (logits - before[1]).item() == pytest.approx(2.0, abs=1e-3)
    assert (added.sum() - before[0].sum()).item() == pytest.approx(2.0, abs=1e-3)
    assert told.item() == pytest.approx(logits.item(), abs=0.05)


def test_a_discriminator_from_before_has_no_liking_yet(checkpoint):
    weights = dict(checkpoint.discriminator.state_dict())
    del weights["liking.weights"]

    checkpoint.discriminator.load_state_dict(weights)

    assert not checkpoint.discriminator.liking.weights.any()


@pytest.mark.parametrize(("dislike", "attempts"), [(0.0, 1), (5.0, 3)])
def test_a_brief_with_nothing_but_what_editors_refuse_is_drawn_again(
    checkpoint, records, monkeypatch, dislike, attempts
):
    """In the end the editor gets the best of what there is: nothing would help nobody."""
    checkpoint.discriminator.liking.weights[END] = -dislike
    drawn = []
    draw = writing.draw_texts

    def counted(*arguments, **others):
        drawn.append(others["seeds"])
        return draw(*arguments, **others)

    monkeypatch.setattr(writing, "draw_texts", counted)

    texts = writing.write(checkpoint, [writing.Wish(records[0], 1, 400, seed=3)], variants=2)

    checkpoint.discriminator.liking.weights.zero_()
    assert len(drawn) == len({tuple(seeds) for seeds in drawn}) == attempts
    assert texts[0]
