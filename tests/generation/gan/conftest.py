"""A tiny shop and tiny networks: everything the library does, in seconds."""

from __future__ import annotations

import pytest
import torch

from generation.gan import checkpoint as checkpoints
from generation.gan.config import DiscriminatorConfig, GeneratorConfig, SamplingConfig
from generation.gan.lessons import Encoder
from generation.gan.records import Record
from generation.gan.vocabulary import Vocabulary

MATERIALS = ("oak", "beech", "linen", "wool", "steel", "glass", "cork", "cotton")
NOUNS = ("lamp", "chair", "tray", "bowl", "scarf", "mug")


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def shop(count: int = 48) -> list[Record]:
    """Plain English and Chinese records with numbers in brief and copy."""
    records = []
    for at in range(count):
        noun, material, size = NOUNS[at % 6], MATERIALS[at % 8], 10 + at
        english = at % 2 == 0
        records.append(
            Record(
                ref=f"T-{at:03}",
                language="en" if english else "zh",
                kind="description",
                style="calm",
                title=f"{material} {noun}" if english else f"{size}厘米木托盘",
                attributes=(
                    (("material", material), ("size", f"{size} cm"), ("colour", "fog blue"))
                    if english
                    else (("材质", "榉木"), ("尺寸", f"{size}厘米"))
                ),
                audience="people at home" if english else "在家吃饭的人",
                text=(
                    f"A {noun} of {material}, {size} cm wide. It comes in fog blue."
                    if english
                    else f"榉木做的托盘，宽{size}厘米，放得下早餐和一本书，边沿磨得圆润。"
                ),
            )
        )
    return records


@pytest.fixture
def records() -> list[Record]:
    return shop()


@pytest.fixture
def checkpoint(records):
    """An untrained pair of small networks; the seed makes it the same one every time."""
    torch.manual_seed(0)
    vocabulary = Vocabulary.train(records, size=420)
    generator = GeneratorConfig(
        vocab_size=vocabulary.size,
        width=32,
        heads=2,
        encoder_layers=1,
        decoder_layers=1,
        feedforward=64,
        noise_width=4,
        dropout=0.0,
        max_source=64,
        max_target=48,
    )
    discriminator = DiscriminatorConfig(
        vocab_size=vocabulary.size,
        width=32,
        heads=2,
        encoder_layers=1,
        decoder_layers=1,
        feedforward=64,
        dropout=0.0,
        max_source=64,
        max_target=48,
    )
    made = checkpoints.build(vocabulary, generator, discriminator)
    made.sampling = SamplingConfig(oversample=2)
    return made


@pytest.fixture
def encoder(checkpoint):
    return Encoder(checkpoint.vocabulary, max_source=64, max_target=48)
