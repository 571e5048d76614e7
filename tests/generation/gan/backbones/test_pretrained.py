"""A language model in the generator's place: the same contract, and an adapter that learns."""

from __future__ import annotations

import copy
import json
import random

import pytest
import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import learning, writing
from generation.gan.adversaries import judge_of
from generation.gan.batches import collate
from generation.gan.checkpoint import CheckpointDamaged
from generation.gan.config import TrainingConfig
from generation.gan.drawing import draw_texts
from generation.gan.game import adversarial_round
from generation.gan.learning import Large, Lesson
from generation.gan.lessons import Encoder
from generation.gan.likelihood import likelihood_of
from generation.gan.limits import Limits
from generation.gan.rollouts import rolled_out, sampled_pairs
from generation.gan.sampling import Draw
from generation.gan.training import optimizer_for, update

TINY = TrainingConfig.for_backbones(
    batch_tokens=900,
    pretrain_epochs=1,
    learning_rate=5e-3,
    warmup_steps=1,
    discriminator_steps=2,
    pool=4,
    adversarial_rounds=1,
    briefs_per_round=2,
    samples_per_brief=2,
    rehearsal=2,
    warmup_rounds=1,
    gate_rounds=2,
    gate_distinct=0.0,
    gate_repetition=1.0,
    checks=1,
    checked=4,
    probed=2,
    measured=2,
)


@pytest.fixture
def encoder(checkpoint):
    return Encoder(checkpoint.vocabulary, max_source=64, max_target=48)


@pytest.fixture
def batch(encoder, records):
    return collate(encoder.pairs(records[:4]))


def weights_below(generator):
    """The language model's own weights."""
    return [weight for weight in generator.parameters() if not weight.requires_grad]


def likelihood(generator, batch):
    noise = torch.zeros(len(batch.source), generator.noise_width)
    with torch.no_grad():
        return generator.log_likelihood(batch.source, batch.inputs, batch.targets, noise)


def test_a_texts_log_probability_is_the_language_models_own(large, batch):
    generator = large.generator.eval()
    spelling, source, target = generator.spelling, batch.source[0], batch.targets[0]
    prompt = spelling.prompt([index for index in source.tolist() if index])
    text = spelling.text(source.tolist(), target.tolist())
    noise = generator.noise_in(torch.zeros(1, generator.noise_width))
    embed = generator.model.get_input_embeddings()
    heard = torch.cat([embed(torch.tensor(prompt)), noise.to(embed.weight.dtype)])
    heard = torch.cat([heard, embed(torch.tensor(text[:-1]))]).unsqueeze(0)

    logits = generator.model(inputs_embeds=heard).logits[0, len(prompt) :].float()
    expected = logits.log_softmax(-1).gather(1, torch.tensor(text).unsqueeze(1)).sum()

    found = likelihood(generator, batch)
    assert found[0].sum().item() == pytest.approx(expected.item(), rel=0.01)  # bfloat16
    assert (found[batch.targets == 0] == 0).all()
    assert found[0][batch.targets[0] != 0].unique().numel() == 1


def test_neighbours_and_padding_change_no_texts_likelihood(large, encoder, records):
    pairs = encoder.pairs(records[:3])
    together, alone = collate(pairs), collate(pairs[1:2])

    assert likelihood(large.generator, together)[1].sum().item() == pytest.approx(
        likelihood(large.generator, alone)[0].sum().item(), rel=0.01
    )


def test_many_texts_are_read_a_few_at_a_time_with_the_same_gradient(large, encoder, records):
    generator = large.generator.eval()  # no dropout
    batch = collate(encoder.pairs(records[:12:2]) * 2)
    noise = torch.zeros(12, generator.noise_width)

    def gradient(parts):
        generator.zero_grad()
        for some in parts:
            args = (batch.source[some], batch.inputs[some], batch.targets[some], noise[some])
            generator.log_likelihood(*args).sum().backward()
        return torch.cat([w.grad.flatten() for w in generator.parameters() if w.grad is not None])

    whole = gradient([slice(0, 12)])
    apart = gradient([slice(start, start + 4) for start in (0, 4, 8)])

    assert whole.norm() > 0
    assert torch.nn.functional.cosine_similarity(whole, apart, dim=0) > 0.99


def test_what_is_computed_again_has_the_dropout_that_it_had(large, encoder, records):
    generator = large.generator.eval()
    batch = collate(encoder.pairs(records[:12:2]) * 2)
    noise = torch.zeros(12, generator.noise_width)

    def gradient():
        generator.zero_grad()
        generator.eval()  # a round of the game reads its texts so, and learns likelihood besides
        loss = generator.log_likelihood(batch.source, batch.inputs, batch.targets, noise).sum()
        generator.train()
        loss.backward()
        assert generator.training
        return torch.cat([w.grad.flatten() for w in generator.parameters() if w.grad is not None])

    assert torch.equal(gradient(), gradient())


def test_only_the_adapter_learns_and_a_batch_is_learnt(large, batch):
    generator = large.generator
    before = [weight.clone() for weight in weights_below(generator)]
    adapter = copy.deepcopy(generator.state_dict())
    optimizer = optimizer_for(generator, 2e-2, TrainingConfig())
    torch.manual_seed(1)
    first = likelihood_of(generator, batch).item()

    for _ in range(16):
        generator.train()
        update(optimizer, likelihood_of(generator, batch), generator, 1.0)

    assert likelihood_of(generator, batch).item() < 0.8 * first
    assert all(map(torch.equal, before, weights_below(generator)))
    changed = [
        name
        for name, value in generator.state_dict().items()
        if not torch.equal(value, adapter[name])
    ]
    assert {name.split(".")[0] for name in changed} == {
        "model",
        "noise_in",
        "noise_mean",
        "noise_norm",
    }
    assert all(group["params"] for group in optimizer.param_groups)


def test_the_language_models_weights_are_in_no_state_and_in_no_copy(large):
    generator = large.generator

    other = copy.deepcopy(generator)

    names = generator.state_dict().keys()
    assert all("lora_" in name or name.startswith("noise_") for name in names)
    assert all(map(torch.equal, weights_below(generator), weights_below(other)))
    assert [w.data_ptr() for w in weights_below(generator)] == [
        w.data_ptr() for w in weights_below(other)
    ]
    with torch.no_grad():
        other.noise_in.weight.add_(1.0)
    assert not torch.equal(other.noise_in.weight, generator.noise_in.weight)


def test_another_adapters_weights_are_refused(large):
    state = large.generator.state_dict()
    del state["noise_in.weight"]

    with pytest.raises(RuntimeError, match="such an adapter"):
        large.generator.load_state_dict(state)


def test_the_same_seed_gives_the_same_texts_and_another_seed_others(large, encoder, records):
    sources = [pair.source for pair in encoder.pairs(records[:3])]

    def texts(seed):
        return sampled_pairs(
            large.generator, large.vocabulary, sources, seed=seed, draw=Draw(), copies=2
        )

    assert texts(4) == texts(4)
    assert texts(4) != texts(5)


def test_noise_alone_makes_texts_differ(large, encoder, records):
    source = encoder.pair(records[0]).source
    with torch.no_grad():
        large.generator.noise_in.weight.mul_(30)  # as loud as a trained one

    drawn = rolled_out(
        large.generator, large.vocabulary, [source], seed=1, draw=Draw(temperature=0), copies=8
    )

    assert len({tuple(pair.target) for pair in drawn.pairs}) > 1
    assert drawn.noise.shape == (8, large.generator.noise_width)


def test_random_weights_still_keep_every_rule(large, encoder, records):
    wild = [
        writing.Wish(
            record.with_text(""),
            20,
            200,
            seed=at,
            required=(record.attributes[0][0],),
            banned=("fog", "雾"),
        )
        for at, record in enumerate(records[:8])
    ]

    offered = writing.write(large, wild, variants=2)

    assert sum(map(len, offered)) >= 8
    for wish, texts in zip(wild, offered, strict=True):
        for item in texts:
            digits = {letter for letter in item.text if letter.isdigit()}
            given = wish.record.title + " ".join(value for _, value in wish.record.attributes)
            assert digits <= set(given)
            assert wish.untold(item.text) == 0, item.text
            assert "fog" not in item.text.lower()
            assert len(item.text) <= 200
            scripts = [letter for letter in item.text if "\u4e00" <= letter <= "\u9fff"]
            assert bool(scripts) == (wish.record.language == "zh")


def test_what_it_believed_while_writing_is_what_it_reads_of_the_text(large, encoder, records):
    """But for where a text was cut otherwise than its tokenizer cuts it."""
    sources = [encoder.pair(records[0]).source]
    drawn = draw_texts(
        large.generator,
        large.vocabulary,
        sources,
        seeds=range(12),
        limits=Limits(minimum=[3], maximum=12),
        draw=Draw(temperature=0.3, top_k=3),
        copies=12,
    )
    again = large.generator.log_likelihood(
        torch.tensor(sources * 12), drawn.texts, drawn.texts, drawn.noise
    ).sum(1)

    close = (again / drawn.log_probs.sum(1) - 1).abs() < 0.02  # bfloat16
    assert close.sum() >= 8, drawn.log_probs.sum(1) - again
    assert (again < 0).all()


def test_no_token_is_praised_by_itself_where_none_has_a_probability_of_its_own(
    large, encoder, records
):
    [pair] = encoder.pairs(records[:1])
    source, target = torch.tensor([pair.source]), torch.tensor([pair.target])

    each = large.generator.log_likelihood(
        source, target, target, torch.zeros(1, large.generator.noise_width)
    )

    assert each.unique().numel() == 1
    assert TrainingConfig.for_backbones().precedent_weight == 0


def test_a_round_moves_the_adapter_by_the_judges_verdict(large, encoder, records):
    generator, real = large.generator, encoder.pairs(records[:12])
    judge = judge_of(large, real, encoder, (), TINY)
    judge.accuracy = 0.8  # both players take part
    anchor, before = copy.deepcopy(generator), copy.deepcopy(generator.state_dict())
    optimizer = optimizer_for(generator, 1e-3, TINY)
    torch.manual_seed(2)

    def play(chance):
        return adversarial_round(
            generator,
            anchor,
            judge,
            large.vocabulary,
            optimizer,
            TINY,
            temperature=0.8,
            chance=random.Random(chance),
        )

    first, second = play(1), play(2)

    assert first["drift"] == 0  # it still is its anchor
    assert second["drift"] != 0
    assert first["gradient_norm"] > 0
    assert first["generator_loss"] == pytest.approx(0.7, abs=0.2)  # of a D that knows nothing
    moved = [
        name for name, value in generator.state_dict().items() if (value != before[name]).any()
    ]
    assert any("lora_B" in name for name in moved)
    assert all(map(torch.equal, anchor.state_dict().values(), before.values()))


def test_a_training_ends_in_an_adapter_that_writes_the_same_after_loading(
    checkpoint, made_backbone, records, tmp_path
):
    heard = []

    made = learning.train(
        records[:40],
        records[40:],
        into=tmp_path / "large",
        seed=3,
        minutes=3,
        report=heard.append,
        config=TINY,
        large=Large(made_backbone, checkpoint),
    )

    phases = {"likelihood", "discriminator", "adversarial", "ranking"}
    assert {line["phase"] for line in heard} == phases
    files = {path.name: path.stat().st_size for path in (tmp_path / "large").iterdir()}
    assert set(files) == {
        "adapter.safetensors",
        "card.json",
        "discriminator.safetensors",
        "tokenizer.json",
    }
    card = json.loads((tmp_path / "large" / "card.json").read_text())
    assert card["backbone"]["name"] == "tiny-llama"
    assert "generator" not in card
    wish = [writing.Wish(records[0].with_text(""), 10, 80, 4)]
    first, second = (checkpoints.load(tmp_path / "large", backbone=made_backbone) for _ in range(2))
    assert first.digest == second.digest == made.digest
    assert writing.write(first, wish, variants=2) == writing.write(second, wish, variants=2)


def test_an_adapter_learns_from_editors(large, made_backbone, records, tmp_path):
    checkpoints.save(large, tmp_path / "before")
    lessons = [
        Lesson(record, "rejected" if at % 2 else "approved")
        for at, record in enumerate(records[:12])
    ]
    changes = {
        name: value
        for name, value in TINY.to_dict().items()
        if value != getattr(TrainingConfig.for_backbones(), name)
    }

    learnt = learning.learn(
        checkpoints.load(tmp_path / "before", backbone=made_backbone),
        lessons,
        records[12:40],
        records[40:],
        into=tmp_path / "after",
        seed=1,
        minutes=2,
        report=lambda _: None,
        changes=changes,
    )

    assert learnt.digest != large.digest
    assert learnt.metrics["parent"] == large.digest
    assert checkpoints.load(tmp_path / "after", backbone=made_backbone).digest == learnt.digest


def test_no_backbone_and_another_backbone_are_told(large, backbone, tmp_path):
    checkpoints.save(large, tmp_path / "made")

    with pytest.raises(CheckpointDamaged, match="needs the language model “tiny-llama”"):
        checkpoints.load(tmp_path / "made")

    weights = backbone / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointDamaged, match="another one or was changed"):
        checkpoints.load(tmp_path / "made", backbone=backbone)

    with pytest.raises(CheckpointDamaged, match="There is no folder"):
        checkpoints.load(tmp_path / "made", backbone=tmp_path / "gone")


def test_a_changed_adapter_is_refused(large, made_backbone, tmp_path):
    checkpoints.save(large, tmp_path / "made")
    weights = tmp_path / "made" / "adapter.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\1\0")

    with pytest.raises(CheckpointDamaged, match="changed after it was written"):
        checkpoints.load(tmp_path / "made", backbone=made_backbone)


def test_a_compact_checkpoint_needs_no_backbone_and_minds_none(checkpoint, tmp_path):
    checkpoints.save(checkpoint, tmp_path / "made")

    loaded = checkpoints.load(tmp_path / "made", backbone=tmp_path / "gone")

    assert loaded.digest == checkpoint.digest
