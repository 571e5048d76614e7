"""The game and its control begin alike and get as much."""

from __future__ import annotations

import torch

from generation.gan import checkpoint as checkpoints
from generation.gan.config import TrainingConfig
from generation.gan.contest import contest


def test_both_sides_come_from_the_base_and_get_as_many_updates(checkpoint, records, tmp_path):
    heard = []
    config = TrainingConfig(
        discriminator_steps=2,
        adversarial_rounds=5,
        briefs_per_round=2,
        samples_per_brief=2,
        pool=8,
    )
    before = {k: v.clone() for k, v in checkpoint.generator.state_dict().items()}

    left = contest(
        checkpoint,
        records[:40],
        records[40:],
        into=tmp_path,
        seed=3,
        report=heard.append,
        config=config,
    )

    continued, gan = left["continued"], left["gan"]
    assert [line["step"] for line in heard if line["phase"] == "continued"] == [5]
    assert max(line["step"] for line in heard if line["phase"] == "adversarial") == 5
    for name, value in checkpoint.generator.state_dict().items():
        assert torch.equal(value, before[name])
    same = [
        torch.equal(a, b)
        for a, b in zip(continued.generator.parameters(), gan.generator.parameters(), strict=True)
    ]
    assert not all(same)
    assert checkpoints.load(tmp_path / "gan").metrics["contest"]["side"] == "gan"
    assert checkpoints.load(tmp_path / "continued").metrics["contest"]["seed"] == 3
    assert all(
        torch.equal(a, b)
        for a, b in zip(
            continued.discriminator.parameters(), gan.discriminator.parameters(), strict=True
        )
    )
