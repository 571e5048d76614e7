"""What is in a folder is opened without a network, or refused in a sentence."""

from __future__ import annotations

import json

import pytest

from generation.gan.backbones import loading
from generation.gan.backbones.loading import BackboneUnusable, fingerprint, open_folder


def test_a_model_is_opened_once_and_never_learns(made_backbone):
    first, second = open_folder(made_backbone), open_folder(made_backbone)

    assert first.model is second.model
    assert first.name == "tiny-llama"
    assert not any(weight.requires_grad for weight in first.model.parameters())
    assert len(first.pieces) == first.model.get_input_embeddings().num_embeddings
    assert first.pieces[first.tokenizer.token_to_id("k")] == "k"
    assert first.pieces[-1] == ""


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_without_a_part_is_no_language_model(backbone, name):
    (backbone / name).unlink()

    with pytest.raises(BackboneUnusable, match=r"holds no language model.*\.$"):
        open_folder(backbone)


def test_pickled_weights_are_no_weights(backbone):
    (backbone / "model.safetensors").rename(backbone / "pytorch_model.bin")

    with pytest.raises(BackboneUnusable, match=r"weights as \.safetensors"):
        open_folder(backbone)


def test_damaged_weights_are_told(backbone):
    weights = backbone / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:200])

    with pytest.raises(BackboneUnusable, match=r"cannot be read: .*[^.]\.$"):
        open_folder(backbone)


def test_code_in_the_folder_is_not_run(backbone):
    config = json.loads((backbone / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}
    (backbone / "config.json").write_text(json.dumps(config))
    (backbone / "own.py").write_text("raise SystemExit('code ran')")

    with pytest.raises(BackboneUnusable, match="cannot be read"):
        open_folder(backbone)


def test_a_model_that_reads_too_little_is_refused(backbone):
    config = json.loads((backbone / "config.json").read_text())
    (backbone / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 128}))

    with pytest.raises(BackboneUnusable, match="reads 128 tokens"):
        open_folder(backbone)


def test_the_fingerprint_is_of_every_part(backbone):
    before = fingerprint(backbone)

    (backbone / "notes.md").write_text("kept beside it")
    same = fingerprint(backbone)
    (backbone / "tokenizer.json").write_text((backbone / "tokenizer.json").read_text() + " ")

    assert same == before
    assert fingerprint(backbone) != before


def test_without_the_packages_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda name: None)

    with pytest.raises(BackboneUnusable, match=r"pip install -r requirements-large.txt\.$"):
        open_folder(tmp_path)
