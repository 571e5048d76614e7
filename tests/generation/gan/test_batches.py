"""Texts of like length are worked on together, and come back where they stood."""

from __future__ import annotations

import random

import torch

from generation.gan.batches import Pair, alike, regathered
from generation.gan.config import TrainingConfig
from generation.gan.judging import Judge, Negatives


def pairs_of(*lengths: int) -> list[Pair]:
    return [Pair([5, 6], list(range(7, 7 + length))) for length in lengths]


def test_groups_hold_texts_of_like_length():
    groups = alike(pairs_of(40, 3, 90, 5, 38, 88), size=2)

    assert [set(group) for group in groups] == [{1, 3}, {0, 4}, {2, 5}]


def test_what_was_worked_out_comes_back_in_order():
    groups = [[2, 0], [1]]
    of_texts = [torch.tensor([2.0, 0.0]), torch.tensor([1.0])]
    of_tokens = [torch.tensor([[2.0], [3.0]]), torch.tensor([[1.0, 4.0]])]

    assert regathered(of_texts, groups).tolist() == [0, 1, 2]
    assert regathered(of_tokens, groups).tolist() == [[3, 0], [1, 4], [2, 0]]


def test_the_judge_says_of_a_text_what_it_says_of_it_alone(checkpoint, encoder, records):
    pairs = encoder.pairs(records[:20])
    random.Random(3).shuffle(pairs)
    judge = Judge(checkpoint.discriminator.eval(), pairs, Negatives(), TrainingConfig())

    with torch.no_grad():
        logits, tokens, ids = judge.judged(pairs, torch.device("cpu"))
        alone = [judge.judged([pair], torch.device("cpu")) for pair in pairs]

    for at, (pair, (logit, token, _)) in enumerate(zip(pairs, alone, strict=True)):
        length = len(pair.target)
        assert ids[at, :length].tolist() == pair.target
        assert torch.allclose(logits[at], logit[0], atol=2e-2)
        assert torch.allclose(tokens[at, :length], token[0, :length], atol=2e-2)
