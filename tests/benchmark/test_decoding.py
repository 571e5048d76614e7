"""Tokens a second of the writer beside other decoders of the same architecture and size.

Hugging Face `generate` and CTranslate2 are no part of Galley; `make bench` installs them, and where
they are not, this says so and measures the rest. All write with random
weights, as many tokens from as long briefs, and sample from the whole vocabulary.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch")

from django.conf import settings  # noqa: E402

from generation.gan import checkpoint as checkpoints  # noqa: E402
from generation.gan.devices import half_precision  # noqa: E402
from generation.gan.sampling import Draw, Rules, draws, sample  # noqa: E402

pytestmark = pytest.mark.benchmark

SOURCE, TARGET = 64, 64  # tokens
BATCHES = (1, 8, 64)
ROUNDS = 5

Writer = Callable[[int], None]  # writes so many texts


@pytest.fixture(scope="module")
def generator():
    torch.set_num_threads(1)
    return checkpoints.load(settings.GALLEY_STARTER_CHECKPOINT).generator.eval()


@pytest.fixture(scope="module")
def galley(generator) -> Writer:
    size = generator.embed.num_embeddings
    briefs = torch.randint(100, size, (max(BATCHES), SOURCE))
    noise, uniforms = draws(range(max(BATCHES)), TARGET, generator.noise_width)

    def write(batch: int) -> None:
        rules = Rules(
            torch.zeros(batch, size, dtype=torch.bool),
            torch.zeros(size, dtype=torch.bool),
            torch.full((batch,), TARGET),
            TARGET,
        )
        with half_precision(torch.device("cpu")):
            texts, _ = sample(
                generator,
                briefs[:batch],
                noise=noise[:batch],
                uniforms=uniforms[:batch],
                rules=rules,
                draw=Draw(),
            )
        assert texts.shape == (batch, TARGET)

    return write


@pytest.fixture(scope="module")
def bart(generator):
    """An encoder-decoder of Hugging Face with the sizes of ours."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    width, heads = generator.embed.embedding_dim, generator.decoder[0].attend.heads
    config = transformers.BartConfig(
        vocab_size=generator.embed.num_embeddings,
        d_model=width,
        encoder_layers=len(generator.encoder),
        decoder_layers=len(generator.decoder),
        encoder_attention_heads=heads,
        decoder_attention_heads=heads,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_position_embeddings=256,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
        decoder_start_token_id=2,
        forced_eos_token_id=None,
        normalize_before=False,  # CTranslate2 asks for these two
        normalize_embedding=True,
    )
    return transformers.BartForConditionalGeneration(config).eval()


@pytest.fixture(scope="module")
def hugging_face(bart) -> Writer:
    briefs = torch.randint(100, bart.config.vocab_size, (max(BATCHES), SOURCE))

    def write(batch: int) -> None:
        texts = bart.generate(
            briefs[:batch],
            attention_mask=torch.ones(batch, SOURCE, dtype=torch.long),
            do_sample=True,
            top_k=0,
            num_beams=1,
            min_new_tokens=TARGET,
            max_new_tokens=TARGET,
        )
        assert texts.shape == (batch, TARGET + 1)

    return write


@pytest.fixture(scope="module")
def ctranslate2(bart, tmp_path_factory) -> Writer:
    library = pytest.importorskip("ctranslate2", reason="ctranslate2 is not installed")
    transformers = pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("bart")
    vocabulary = checkpoints.load(settings.GALLEY_STARTER_CHECKPOINT).vocabulary
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=vocabulary.tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )
    bart.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    converted = str(folder / "converted")
    library.converters.TransformersConverter(str(folder)).convert(converted, quantization="int8")
    translator = library.Translator(converted, inter_threads=1, intra_threads=1)
    words = [vocabulary.tokenizer.id_to_token(index) for index in range(100, 100 + SOURCE)]

    def write(batch: int) -> None:
        written = translator.translate_batch(
            [words] * batch,
            beam_size=1,
            sampling_topk=0,
            min_decoding_length=TARGET,
            max_decoding_length=TARGET,
        )
        assert len(written) == batch

    return write


@pytest.mark.parametrize("peer", ["hugging_face", "ctranslate2"])
@pytest.mark.parametrize("batch", BATCHES)
def test_tokens_a_second(galley, peer, batch, request):
    other = request.getfixturevalue(peer)

    ours, theirs = interleaved(lambda: galley(batch), lambda: other(batch))

    tokens = batch * TARGET
    print(
        f"\nwriter, {batch:>2} texts, tokens/s {tokens / ours:>21.0f}"
        f"   {peer:<14}{tokens / theirs:>8.0f}   {theirs / ours:6.2f}x"
    )


def test_the_machines_own_limit(galley, generator):
    """Matrix products alone, as many as it takes to write, at the pace of one large product."""
    weights = sum(
        module.weight.numel()
        for layer in generator.decoder
        for module in layer.modules()
        if isinstance(module, torch.nn.Linear)
    )
    flops = 2 * (weights + generator.embed.weight.numel()) * 64 * TARGET
    left = torch.randn(2048, 2048).bfloat16()

    ours, product = interleaved(lambda: galley(64), lambda: left @ left)

    limit = flops / (2 * 2048**3 / product)
    print(f"\nwriter, 64 texts: {limit / ours:.1%} of what one large bfloat16 product reaches")


def interleaved(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Median processor seconds of both, taken in turn: all use one thread on a shared machine."""
    times: tuple[list[float], list[float]] = ([], [])
    for warm in (first, second):
        warm()
    for _ in range(rounds):
        for kept, act in zip(times, (first, second), strict=True):
            start = time.process_time()
            act()
            kept.append(time.process_time() - start)
    return statistics.median(times[0]), statistics.median(times[1])
