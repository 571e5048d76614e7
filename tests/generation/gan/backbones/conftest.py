"""A language model of two tiny layers with random weights, made here: nothing is downloaded."""

from __future__ import annotations

import shutil

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from generation.gan import checkpoint as checkpoints
from generation.gan.backbones.spelling import Spelling
from generation.gan.config import SamplingConfig
from tests.generation.gan.conftest import shop

END = "<|end|>"


def byte_level(size: int = 400) -> Tokenizer:
    """A tokenizer of the usual kind, to which most Chinese characters are several tokens."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=size,
        special_tokens=[END],
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    english = [record.text for record in shop() if record.language == "en"]
    tokenizer.train_from_iterator(english, trainer)
    return tokenizer


@pytest.fixture(scope="session")
def made_backbone(tmp_path_factory):
    """The folder of the tiny language model."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("peft")
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    torch.manual_seed(5)
    tokenizer = byte_level()
    config = transformers.LlamaConfig(
        vocab_size=tokenizer.get_vocab_size() + 8,  # models are padded beyond their tokenizers
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        initializer_range=0.2,  # as far from uniform as a trained one
        bos_token_id=None,
        eos_token_id=tokenizer.token_to_id(END),
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END).save_pretrained(
        folder
    )
    return folder


@pytest.fixture
def backbone(made_backbone, tmp_path):
    """The folder of a tiny language model, to be changed at will."""
    return shutil.copytree(made_backbone, tmp_path / "tiny-llama")


@pytest.fixture
def large(checkpoint, made_backbone):
    """An untrained adapter on the tiny language model; the seed makes it the same every time."""
    torch.manual_seed(0)
    made = checkpoints.build_on(
        made_backbone, checkpoint.vocabulary, checkpoint.discriminator_config
    )
    made.discriminator.load_state_dict(checkpoint.discriminator.state_dict())
    made.sampling = SamplingConfig(oversample=2)
    return made


@pytest.fixture
def spelling(checkpoint):
    tokenizer = byte_level()
    return Spelling(tokenizer, checkpoint.vocabulary, begin=[], end=tokenizer.token_to_id(END))
