"""A checkpoint comes back as it was, or says what is wrong with it."""

from __future__ import annotations

import json

import pytest
import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import writing
from generation.gan.checkpoint import CheckpointDamaged


def test_a_saved_writer_writes_the_same_after_loading(checkpoint, records, tmp_path):
    digest = checkpoints.save(checkpoint, tmp_path)
    wish = [writing.Wish(records[0].with_text(""), 10, 80, 4)]

    first, second = checkpoints.load(tmp_path), checkpoints.load(tmp_path)

    assert first.digest == second.digest == digest
    assert writing.write(first, wish, variants=2) == writing.write(second, wish, variants=2)
    for name, weight in checkpoint.generator.state_dict().items():
        if weight.is_floating_point():
            assert torch.equal(first.generator.state_dict()[name], weight.half().float())


@pytest.mark.parametrize(
    "name", ["generator.safetensors", "discriminator.safetensors", "tokenizer.json", "card.json"]
)
def test_a_missing_file_is_named(checkpoint, tmp_path, name):
    checkpoints.save(checkpoint, tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(CheckpointDamaged, match=name):
        checkpoints.load(tmp_path)


def test_changed_weights_are_refused(checkpoint, tmp_path):
    checkpoints.save(checkpoint, tmp_path)
    weights = tmp_path / "generator.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\1\0")

    with pytest.raises(CheckpointDamaged, match="changed after it was written"):
        checkpoints.load(tmp_path)


def test_another_format_is_refused(checkpoint, tmp_path):
    checkpoints.save(checkpoint, tmp_path)
    card = json.loads((tmp_path / "card.json").read_text())
    (tmp_path / "card.json").write_text(json.dumps({**card, "format": 99}))

    with pytest.raises(CheckpointDamaged, match="format 99"):
        checkpoints.load(tmp_path)


@pytest.mark.parametrize(
    ("network", "name"),
    [("generator", "patience"), ("generator", "restraint"), ("discriminator", "judge_length")],
)
def test_weights_older_than_a_layer_load_and_it_counts_for_nothing(checkpoint, network, name):
    model = getattr(checkpoint, network)
    state = model.state_dict()
    del state[f"{name}.weight"]
    with torch.no_grad():
        getattr(model, name).weight.fill_(1.0)

    model.load_state_dict(state)

    assert not getattr(model, name).weight.any()
