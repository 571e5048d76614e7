"""What a step of the game costs, beside a step of likelihood on as many texts and the machine."""

from __future__ import annotations

import copy
import random

import pytest

torch = pytest.importorskip("torch")

from django.conf import settings  # noqa: E402

from generation.gan import checkpoint as checkpoints  # noqa: E402
from generation.gan.adversaries import judge_of  # noqa: E402
from generation.gan.batches import collate  # noqa: E402
from generation.gan.config import TrainingConfig  # noqa: E402
from generation.gan.game import adversarial_round  # noqa: E402
from generation.gan.likelihood import likelihood_of  # noqa: E402
from generation.gan.measuring import encoder_of  # noqa: E402
from generation.gan.records import read_records  # noqa: E402
from generation.gan.rollouts import sampled_pairs  # noqa: E402
from generation.gan.sampling import Draw  # noqa: E402
from generation.gan.training import optimizer_for, update  # noqa: E402
from tests.benchmark.test_decoding import interleaved  # noqa: E402

pytestmark = pytest.mark.benchmark

CONFIG = TrainingConfig()
ROUNDS = 3  # of half a minute each
TEXTS = CONFIG.briefs_per_round * CONFIG.samples_per_brief


@pytest.fixture(scope="module")
def checkpoint():
    torch.set_num_threads(1)
    return checkpoints.load(settings.GALLEY_STARTER_CHECKPOINT)


@pytest.fixture(scope="module")
def pairs(checkpoint):
    shop = read_records(settings.BASE_DIR / "catalog" / "starter_shop")
    return list(encoder_of(checkpoint).pairs(shop))


@pytest.fixture(scope="module")
def game(checkpoint, pairs):
    """One round of the game: texts are drawn, judged and learnt from by both players."""
    judge = judge_of(checkpoint, pairs, encoder_of(checkpoint), [], CONFIG)
    judge.negatives.sampled = sampled_pairs(
        checkpoint.generator,
        checkpoint.vocabulary,
        [pair.source for pair in pairs[:TEXTS]],
        seed=1,
        draw=Draw(),
    )
    judge.accuracy = 0.8  # at chance the generator would sit out
    anchor = copy.deepcopy(checkpoint.generator)
    optimizer = optimizer_for(checkpoint.generator, CONFIG.generator_rate, CONFIG)
    chance = random.Random(1)

    def play() -> None:
        figures = adversarial_round(
            checkpoint.generator,
            anchor,
            judge,
            checkpoint.vocabulary,
            optimizer,
            CONFIG,
            temperature=0.8,
            chance=chance,
        )
        assert "reward" in figures

    return play


@pytest.fixture(scope="module")
def likelihood(checkpoint, pairs):
    """One step of likelihood on as many texts."""
    writer = copy.deepcopy(checkpoint.generator).train()
    optimizer = optimizer_for(writer, CONFIG.generator_rate, CONFIG)
    chance = random.Random(1)

    def step() -> None:
        loss = likelihood_of(writer, collate(chance.choices(pairs, k=TEXTS)))
        update(optimizer, loss, writer, CONFIG.clip_norm)

    return step


def test_a_round_of_the_game(game, likelihood):
    played, learnt = interleaved(game, likelihood, rounds=ROUNDS)

    print(
        f"\nround of {TEXTS} texts, s {played:>15.2f}"
        f"   as many by likelihood, s {learnt:>6.2f}   {played / learnt:6.2f}x"
    )


def test_likelihood_at_the_machines_own_limit(checkpoint, pairs, likelihood):
    """The products of a step, forth and back, at the pace of one large product."""
    weights = sum(
        weight.numel() for weight in checkpoint.generator.parameters() if weight.dim() > 1
    )
    texts = random.Random(1).choices(pairs, k=TEXTS)
    tokens = sum(len(pair.target) for pair in texts)
    left = torch.randn(2048, 2048).bfloat16()

    learnt, product = interleaved(likelihood, lambda: left @ left, rounds=ROUNDS)

    limit = 6 * weights * tokens / (2 * 2048**3 / product)
    print(
        f"\na step of likelihood: {limit / learnt:.1%} of what one large bfloat16 product reaches"
    )
