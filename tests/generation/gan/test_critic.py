"""The critic tells what can be told, and no more."""

from __future__ import annotations

import random

import pytest
import torch

from generation.gan.critic import Critic, ask_critic

WORDS = "托盘 榉木 圆润 边沿 早餐 厨房 暖光 亚麻 玻璃 羊毛".split()  # noqa: SIM905


def copy_of(seed: int, *, joint: str) -> str:
    return joint.join(random.Random(seed).choices(WORDS, k=8))


def test_texts_of_another_kind_are_told_from_peoples():
    real = [copy_of(at, joint="，") for at in range(24)]
    odd = [copy_of(at + 100, joint="！") for at in range(24)]

    verdict = ask_critic(real, odd, seed=1)

    assert verdict.texts == 24
    assert verdict.fool_rate == 0.0
    assert verdict.accuracy == 1.0


def test_texts_of_the_same_kind_fool_it_half_of_the_time():
    real = [copy_of(at, joint="，") for at in range(60)]
    alike = [copy_of(at + 100, joint="，") for at in range(60)]

    verdict = ask_critic(real, alike, seed=1)

    # 60 texts: 0.5 give or take three standard errors of 0.065.
    assert 0.3 < verdict.fool_rate < 0.7
    assert verdict.accuracy == 1 - verdict.fool_rate


def test_the_same_texts_fool_it_exactly_half_of_the_time():
    real = [copy_of(at, joint="，") for at in range(16)]

    assert ask_critic(real, real, seed=1).fool_rate == 0.5


def test_a_seed_gives_one_verdict_and_leaves_the_callers_chance_alone():
    real = [copy_of(at, joint="，") for at in range(16)]
    alike = [copy_of(at + 100, joint="，") for at in range(16)]
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)

    first, second = ask_critic(real, alike, seed=3), ask_critic(real, alike, seed=3)

    assert first == second
    assert torch.equal(torch.rand(1), expected)


def test_padding_changes_no_logit():
    critic = Critic(10).eval()
    texts = torch.tensor([[2, 3, 4, 5]])
    padded = torch.nn.functional.pad(texts, (0, 7))

    assert torch.allclose(critic(padded), critic(texts), atol=1e-6)


def test_a_text_of_nothing_is_judged_like_any_other():
    real = [copy_of(at, joint="，") for at in range(8)]

    assert ask_critic(real, [""] * 8, seed=1).fool_rate == 0.0


def test_what_nobody_can_judge_is_not_judged():
    assert ask_critic(["a"] * 7, ["b"] * 7, seed=1) is None
    with pytest.raises(ValueError, match="one text of each kind"):
        ask_critic(["a"] * 9, ["b"] * 8, seed=1)
