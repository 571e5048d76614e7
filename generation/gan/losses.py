"""The losses of the founding document and of their score-function form: tensors in, a scalar out.

Numbers in brackets name the formulas of the founding document, section 4.1: [1] is
L_G = -log D(G(z)), [2] is L_D = -[log D(x) + log(1 - D(x'))]. Both are written on logits, where
D = sigmoid(logit). The gradients are what automatic differentiation gives for these formulas,
dL_G/dlogit = D - 1 and dL_D/dlogit = D(x) - 1 for real, D(x') for generated texts.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from generation.gan.vocabulary import PAD


def discriminator_loss(
    real: Tensor, fake: Tensor, *, real_label: float = 1.0, fake_weights: Tensor | None = None
) -> Tensor:
    """L_D of formula [2], the mean over texts.

    Args:
        real: logits of approved texts, shape (B,).
        fake: logits of refused or generated texts, shape (B',).
        real_label: 1.0 is the formula; 0.9 smooths the real side only (Salimans et al. 2016).
        fake_weights: how much each fake counts, shape (B',); its mean should be 1.
    """
    towards = torch.full_like(real, real_label)
    on_real = functional.binary_cross_entropy_with_logits(real, towards)
    on_fake = functional.softplus(fake)  # -log(1 - sigmoid(fake))
    if fake_weights is not None:
        on_fake = on_fake * fake_weights
    return on_real + on_fake.mean()


def token_loss(real: Tensor, fake: Tensor, real_ids: Tensor, fake_ids: Tensor) -> Tensor:
    """Formula [2] for every token of a text: logits (B, T), averaged over real tokens."""
    on_real = functional.softplus(-real)[real_ids != PAD].mean()
    return on_real + functional.softplus(fake)[fake_ids != PAD].mean()


def generator_loss(fake: Tensor) -> Tensor:
    """L_G of formula [1], the mean of -log D(G(z)) over logits of shape (B,)."""
    return functional.softplus(-fake).mean()


def pair_loss(better: Tensor, worse: Tensor) -> Tensor:
    """-log sigmoid(l(better) - l(worse)): the editor's text above the draft (Bradley-Terry)."""
    return functional.softplus(worse - better).mean()


def likelihood_loss(token_log_probs: Tensor, targets: Tensor) -> Tensor:
    """Negative log-likelihood per real token.

    Args:
        token_log_probs: log-probability of each target token, shape (B, T).
        targets: ids, shape (B, T); padding does not count.
    """
    return -token_log_probs[targets != PAD].mean()


def leave_one_out(rewards: Tensor, known: Tensor | None = None) -> Tensor:
    """Advantages of k texts for each brief: a text's reward less the mean of its k - 1 siblings.

    RLOO (Kool, van Hoof and Welling 2019, equation 8), divided by the batch's spread. Without what
    a known figure of the texts explains of it: what is left is uncorrelated with that figure among
    the texts of a brief.

    Args:
        rewards: shape (briefs, k), k at least 2.
        known: the figure, shape (briefs, k).
    """
    siblings = rewards.shape[1] - 1
    baseline = (rewards.sum(1, keepdim=True) - rewards) / siblings
    advantages = rewards - baseline
    if known is not None:
        advantages = _unexplained(advantages, known - known.mean(1, keepdim=True))
    return advantages / advantages.std().clamp_min(1e-4)


def token_advantages(
    given: Tensor, known: Tensor, real: Tensor, apart: Tensor, *, copies: int
) -> Tensor:
    """Advantages of tokens: what each gives less the mean of its like in the texts for its brief.

    Tokens in whose place something could stand that is not praised, as where a text may end, are
    held against each other alone: else what gives little there would speak for that.

    Without what a known figure of the tokens explains of it, and divided by the spread, as
    `leave_one_out` does with texts. A token has to answer for what it gives alone, not for what
    follows it (a discount of 0): of a long text's reward that is the part which varies least.

    Args:
        given: what each token gives, shape (B, T); those for one brief stand together.
        known: the figure, shape (B, T).
        real: which tokens can be praised or blamed, shape (B, T); no padding is.
        apart: which of them are held against each other alone, shape (B, T).
        copies: texts for each brief.

    Returns:
        Shape (B, T), 0 on all others.
    """
    there = real.reshape(-1, copies * real.shape[1])

    apart = apart.reshape(there.shape)
    likes = there & apart, there & ~apart

    def centred(figures: Tensor) -> Tensor:
        figures = figures.reshape(there.shape)
        means = [
            (figures * some).sum(1, keepdim=True) / some.sum(1, keepdim=True).clamp_min(1)
            for some in likes
        ]
        return sum((figures - mean) * some for mean, some in zip(means, likes, strict=True))

    advantages = _unexplained(centred(given), centred(known))
    spread = (advantages.square().sum() / there.sum().clamp_min(1)).sqrt()
    return advantages.view_as(given) / spread.clamp_min(1e-4)


def _unexplained(advantages: Tensor, centred: Tensor) -> Tensor:
    """The residual of the least squares line of advantages in a figure (Frisch and Waugh 1933)."""
    slope = (advantages * centred).sum() / centred.square().sum().clamp_min(1e-6)
    return advantages - slope * centred


def policy_gradient_loss(token_log_probs: Tensor, advantages: Tensor, lengths: Tensor) -> Tensor:
    """Score-function form of a loss on sampled texts (Williams 1992, section 2).

    The gradient of the mean of -A * log pi is the gradient of -E[reward], with A the reward less
    a baseline that does not depend on the text.

    Args:
        token_log_probs: log pi of each sampled token, 0 on padding, shape (B, T).
        advantages: of texts, shape (B, 1), or of tokens, (B, T); no gradient flows through them.
        lengths: real tokens of each text, shape (B,).
    """
    per_text = (advantages.detach() * token_log_probs).sum(1) / lengths
    return -per_text.mean()
