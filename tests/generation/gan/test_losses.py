"""The founding document's losses against arithmetic by hand and numeric gradients."""

from __future__ import annotations

import math

import pytest
import torch

from generation.gan import losses


def test_the_discriminators_loss_is_the_founding_documents_formula():
    # D = sigmoid(logit): D(0) = 1/2, D(ln 3) = 3/4. L_D = -[log 1/2 + log(1 - 3/4)] = 3 ln 2.
    real, fake = torch.tensor([0.0]), torch.tensor([math.log(3)])

    loss = losses.discriminator_loss(real, fake)

    assert loss.item() == pytest.approx(3 * math.log(2))


def test_the_generators_loss_is_minus_log_d():
    # D = 1/4 at logit -ln 3: L_G = -log 1/4 = 2 ln 2.
    assert losses.generator_loss(torch.tensor([-math.log(3)])).item() == pytest.approx(
        2 * math.log(2)
    )


@pytest.mark.parametrize("logit", [-2.0, -0.3, 0.0, 1.7])
def test_the_generators_gradient_is_d_minus_one(logit):
    value = torch.tensor([logit], dtype=torch.double, requires_grad=True)

    losses.generator_loss(value).backward()

    step = 1e-6
    above = losses.generator_loss(torch.tensor([logit + step], dtype=torch.double))
    below = losses.generator_loss(torch.tensor([logit - step], dtype=torch.double))
    assert value.grad.item() == pytest.approx(1 / (1 + math.exp(-logit)) - 1)
    assert value.grad.item() == pytest.approx(((above - below) / (2 * step)).item(), rel=1e-5)


@pytest.mark.parametrize(("real", "fake"), [(0.4, -1.1), (-2.0, 2.0), (0.0, 0.0)])
def test_the_discriminators_gradient_is_that_of_its_formula(real, fake):
    on_real = torch.tensor([real], dtype=torch.double, requires_grad=True)
    on_fake = torch.tensor([fake], dtype=torch.double, requires_grad=True)

    losses.discriminator_loss(on_real, on_fake).backward()

    assert on_real.grad.item() == pytest.approx(1 / (1 + math.exp(-real)) - 1)
    assert on_fake.grad.item() == pytest.approx(1 / (1 + math.exp(-fake)))


def test_weights_of_refused_texts_scale_their_share_of_the_loss():
    real, fake = torch.tensor([0.0]), torch.tensor([0.0, 0.0])

    loss = losses.discriminator_loss(real, fake, fake_weights=torch.tensor([3.0, 1.0]))

    # ln 2 for the real one, and (3 ln 2 + 1 ln 2) / 2 for the fakes.
    assert loss.item() == pytest.approx(3 * math.log(2))


def test_an_edit_costs_ln_two_while_both_texts_score_alike():
    same = torch.tensor([0.7])

    assert losses.pair_loss(same, same).item() == pytest.approx(math.log(2))
    assert losses.pair_loss(same + 1, same).item() == pytest.approx(math.log(1 + math.exp(-1)))


def test_padding_does_not_count_in_the_likelihood():
    scores = torch.tensor([[-1.0, -3.0, -99.0]])
    targets = torch.tensor([[5, 6, 0]])

    assert losses.likelihood_loss(scores, targets).item() == pytest.approx(2.0)


def test_leave_one_out_compares_a_text_with_its_siblings():
    rewards = torch.tensor([[1.0, 2.0, 6.0]])

    advantages = losses.leave_one_out(rewards)

    # Siblings' means: 4, 3.5, 1.5; differences -3, -1.5, 4.5; their spread sqrt(15.75).
    expected = torch.tensor([[-3.0, -1.5, 4.5]]) / 15.75**0.5
    assert torch.allclose(advantages, expected)


def test_the_policy_gradient_raises_what_was_praised():
    scores = torch.tensor([[-1.0, -1.0], [-2.0, 0.0]], requires_grad=True)

    losses.policy_gradient_loss(
        scores, torch.tensor([[1.0], [-1.0]]), torch.tensor([2, 1])
    ).backward()

    # -A / length / B for each token.
    assert scores.grad.tolist() == [[-0.25, -0.25], [0.5, 0.5]]


def test_what_a_known_figure_explains_is_taken_out_of_the_advantages():
    chance = torch.Generator().manual_seed(2)
    known = torch.randn(12, 4, generator=chance) + 3 * torch.arange(12.0).unsqueeze(1)
    worth = torch.randn(12, 4, generator=chance)

    rest = losses.leave_one_out(worth + 2 * known, known)

    centred = known - known.mean(1, keepdim=True)
    assert (rest * centred).sum().item() == pytest.approx(0, abs=1e-4)
    assert torch.allclose(rest.sum(1), torch.zeros(12), atol=1e-4)
    assert rest.std().item() == pytest.approx(1)
    own = worth - worth.mean(1, keepdim=True)
    assert torch.corrcoef(torch.stack([rest.flatten(), own.flatten()]))[0, 1] > 0.95


def test_texts_that_are_equally_likely_keep_their_advantages():
    rewards = torch.randn(6, 4, generator=torch.Generator().manual_seed(4))

    assert torch.equal(
        losses.leave_one_out(rewards, torch.full((6, 4), 2.0)), losses.leave_one_out(rewards)
    )


def test_a_token_answers_for_what_it_gives_itself():
    given = torch.tensor([[2.0, 0.0, 4.0], [2.0, 9.0, 9.0]])
    real = torch.tensor([[True, True, True], [True, False, False]])

    advantages = losses.token_advantages(given, torch.zeros(2, 3), real, ~real, copies=2)

    # The four tokens give 2 in the mean: 0, -2, 2 and 0 more than that; their spread is sqrt(2).
    expected = torch.tensor([[0.0, -2.0, 2.0], [0.0, 0.0, 0.0]]) / 2**0.5
    assert torch.allclose(advantages, expected)


def test_tokens_are_compared_with_those_of_texts_for_their_own_brief():
    given = torch.tensor([[1.0, 3.0], [1.0, 3.0], [101.0, 103.0], [101.0, 103.0]])
    real = torch.ones(4, 2, dtype=torch.bool)

    advantages = losses.token_advantages(given, torch.zeros(4, 2), real, ~real, copies=2)

    assert torch.allclose(advantages, torch.tensor([[-1.0, 1.0]] * 4))


def test_where_a_text_may_end_what_gives_little_there_is_no_reason_to():
    """Words after a mark give 1 and 3, others 11 and 13: none is blamed for where it stands."""
    given = torch.tensor([[11.0, 1.0, 13.0], [13.0, 3.0, 11.0]])
    real, apart = torch.ones(2, 3, dtype=torch.bool), torch.tensor([[False, True, False]] * 2)

    advantages = losses.token_advantages(given, torch.zeros(2, 3), real, apart, copies=2)

    assert torch.allclose(advantages, torch.tensor([[-1.0, -1.0, 1.0], [1.0, 1.0, -1.0]]))


def test_that_a_token_is_likely_is_no_merit():
    chance = torch.Generator().manual_seed(3)
    worth, known = (torch.randn(8, 6, generator=chance) for _ in range(2))
    real = torch.rand(8, 6, generator=chance) < 0.8
    known = known + 5.0 * torch.arange(4.0).repeat_interleave(2).unsqueeze(1)  # by brief

    rest = losses.token_advantages(worth + 2 * known, known, real, ~real, copies=2)

    briefs = (rest * real).view(4, 12), (known * real).view(4, 12), real.view(4, 12)
    means = briefs[1].sum(1, keepdim=True) / briefs[2].sum(1, keepdim=True)
    assert (briefs[0] * (briefs[1] - means) * briefs[2]).sum().item() == pytest.approx(0, abs=1e-3)
    assert torch.corrcoef(torch.stack([rest[real], worth[real]]))[0, 1] > 0.9
    assert not rest[~real].any()
