"""The Fréchet distance against arithmetic done by hand, and what frozen features promise."""

from __future__ import annotations

import pytest
import torch

from generation.gan.features import Moments, features, frechet_distance, moments


def test_the_distance_of_two_plain_bells_is_that_of_their_means_and_widths():
    # One dimension: (m - m')^2 + (s - s')^2 = (1 - 4)^2 + (2 - 3)^2 = 10.
    first = Moments(torch.tensor([1.0]).double(), torch.tensor([[4.0]]).double())
    second = Moments(torch.tensor([4.0]).double(), torch.tensor([[9.0]]).double())

    assert frechet_distance(first, second) == pytest.approx(10.0)


def test_the_distance_uses_the_root_of_the_product_of_the_covariances():
    chance = torch.Generator().manual_seed(3)
    one, other = (torch.randn(50, 5, generator=chance, dtype=torch.double) for _ in range(2))
    first, second = moments(one), moments(2 * other + 1)
    product = torch.linalg.eigvals(first.covariance @ second.covariance)
    spread = (first.covariance + second.covariance).trace() - 2 * product.sqrt().real.sum()

    assert frechet_distance(first, second) == pytest.approx(
        float((first.mean - second.mean).square().sum() + spread)
    )
    assert frechet_distance(first, first) == pytest.approx(0.0, abs=1e-9)


def test_the_distance_in_several_projections_is_the_mean_of_each():
    chance = torch.Generator().manual_seed(4)
    one, other = (torch.randn(20, 2, 3, generator=chance) for _ in range(2))

    whole = frechet_distance(moments(one), moments(other))

    each = [frechet_distance(moments(one[:, at]), moments(other[:, at])) for at in (0, 1)]
    assert whole == pytest.approx(sum(each) / 2)


def test_moments_of_weighted_texts_are_those_of_texts_that_stand_there_so_often():
    values = torch.tensor([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]])

    weighted = moments(values, torch.tensor([2.0, 0.0, 1.0]))
    plain = moments(values[[0, 0, 2]])

    # Means 2/3 and 5/3; variance of 1, 1, 0 is 2/9.
    assert weighted.mean.tolist() == pytest.approx([2 / 3, 5 / 3])
    assert weighted.covariance[0, 0].item() == pytest.approx(2 / 9)
    assert torch.allclose(weighted.covariance, plain.covariance)


def test_features_are_the_same_everywhere_and_for_each_text_alone():
    texts = ["托盘用榉木做成。", "灯", "杯子是瓷的，很轻。"]

    together = features(texts)

    # Written down once: another value is another measure, and old figures mean nothing beside it.
    assert together[0, 0, :3].tolist() == pytest.approx([0.57305, -3.27988, 1.44207], abs=1e-4)
    assert torch.allclose(together[2:], features(texts[2:]))
    assert features([]).shape == (0, *together.shape[1:])
    assert not torch.allclose(together[:, 0, :-1], together[:, 1, :-1])


def test_texts_of_other_words_are_farther_than_texts_of_the_same():
    oak = [list(f"托盘{letter}用榉木做成。") for letter in "甲乙丙丁戊己"]
    glass = [list(f"杯子{letter}是玻璃的，很轻。") for letter in "甲乙丙丁戊己"]
    here = moments(features(oak[:3]))

    near = frechet_distance(moments(features(oak[3:])), here)
    far = frechet_distance(moments(features(glass[3:])), here)

    assert far > 2 * near
