"""What the generator promises, whatever its weights are."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch

from generation.gan.batches import collate, pad
from generation.gan.config import TrainingConfig
from generation.gan.likelihood import likelihood_of
from generation.gan.training import optimizer_for, update
from generation.gan.vocabulary import END, PAD


@pytest.mark.parametrize(
    ("temperature", "patience", "restraint"),
    [(1.0, 0, 0), (0.6, 2, 3), (0.8, 1, 1.5), (0.4, 2, 4.5), (1.5, 0, 0)],
)
def test_the_likelihood_of_a_text_is_what_its_tokens_are_drawn_with(
    checkpoint, encoder, records, temperature, patience, restraint
):
    chinese = [replace(item, style="lively") for item in records if item.language == "zh"]
    batch = collate(encoder.pairs(chinese[:6]))
    restrained = set(checkpoint.vocabulary.restrained_ids)
    text = batch.inputs[0].tolist()
    at = next(at for at, word in enumerate(text) if word in restrained)
    batch.targets[0, at] = batch.inputs[0, at + 1] = text[at]  # somebody stammers
    generator = checkpoint.generator.eval()
    noise = torch.randn(6, 4, generator=torch.Generator().manual_seed(1))

    with torch.no_grad():
        generator.patience.weight.fill_(2.0)
        generator.restraint.weight.fill_(3.0)
    full = generator(batch.source, batch.inputs, noise).detach()
    cheap = generator.log_likelihood(batch.source, batch.inputs, batch.targets, noise, temperature)

    full[..., END] -= patience  # as it is drawn with
    held_back = 0
    for row, text in enumerate(batch.inputs.tolist()):
        for at in range(len(text)):
            for word in set(text[: at + 1]) & restrained:
                full[row, at, word] -= restraint
                held_back += word == batch.targets[row, at]
    assert held_back
    full = full.exp().pow(1 / temperature)  # as `sampling.choose` cools it
    wanted = (
        (full / full.sum(-1, keepdim=True)).log().gather(2, batch.targets.unsqueeze(-1)).squeeze(-1)
    )
    wanted = wanted.masked_fill(batch.targets == PAD, 0.0)
    assert torch.allclose(cheap, wanted, atol=1e-5)


def test_calm_copy_ends_by_its_plan_and_states_facts_in_like_forms(checkpoint, encoder, records):
    generator = checkpoint.generator.eval()
    calm, lively = encoder.pairs([records[1], replace(records[1], style="lively")])
    noise = torch.zeros(2, 4)

    def likelihoods() -> torch.Tensor:
        batch = collate([calm, lively])
        return generator.log_likelihood(batch.source, batch.inputs, batch.targets, noise, 0.6)

    before = likelihoods()
    with torch.no_grad():
        generator.patience.weight.fill_(2.0)
        generator.restraint.weight.fill_(3.0)
    after = likelihoods()

    assert torch.equal(after[0], before[0])
    assert not torch.equal(after[1], before[1])


@pytest.mark.parametrize(("temperature", "nats"), [(1.3, 0), (1.0, 0), (0.8, 1), (0.6, 2), (0, 2)])
def test_patience_counts_where_texts_are_drawn_coolly(checkpoint, temperature, nats):
    with torch.no_grad():
        checkpoint.generator.patience.weight.fill_(2.0)

    assert checkpoint.generator.ending(temperature).item() == pytest.approx(-nats)


def test_restraint_holds_chinese_words_back_and_neither_marks_nor_facts(checkpoint):
    generator, vocabulary = checkpoint.generator, checkpoint.vocabulary
    with torch.no_grad():
        generator.restraint.weight.fill_(2.0)

    again = generator.again(0.8)

    held_back = [index for index, nats in enumerate(again.tolist()) if nats == -1]
    assert len(held_back) > 20
    assert all("\u4e00" <= piece[-1] <= "\u9fff" for piece in vocabulary.pieces(held_back))
    assert not again[[PAD, END, *vocabulary.free_ids, *vocabulary.copied_ids]].any()
    assert set(again.tolist()) == {0, -1}
    assert not generator.again(1.0).any()


def test_likelihood_moves_neither_patience_nor_restraint(checkpoint, encoder, records):
    generator = checkpoint.generator
    optimizer = optimizer_for(generator, 0.1, TrainingConfig())

    loss = likelihood_of(generator, collate(encoder.pairs(records[:4])))
    update(optimizer, loss, generator, 1.0)

    assert not generator.patience.weight.any()
    assert not generator.restraint.weight.any()


def test_probabilities_of_the_next_token_sum_to_one(checkpoint, encoder, records):
    batch = collate(encoder.pairs(records[:4]))

    log_probs = checkpoint.generator.eval()(batch.source, batch.inputs, torch.zeros(4, 4))

    assert torch.allclose(log_probs.exp().sum(-1), torch.ones(log_probs.shape[:2]), atol=1e-4)


def test_padding_a_brief_changes_nothing(checkpoint, encoder, records):
    pair = encoder.pair(records[0])
    inputs = torch.tensor([pair.target[:-1]])
    narrow, wide = pad([pair.source]), pad([pair.source, [9] * (len(pair.source) + 7)])[:1]
    generator = checkpoint.generator.eval()

    short = generator(narrow, inputs, torch.zeros(1, 4))
    long = generator(wide, inputs, torch.zeros(1, 4))

    assert torch.allclose(short, long, atol=1e-5)


def test_a_position_never_sees_what_comes_after_it(checkpoint, encoder, records):
    batch = collate(encoder.pairs(records[:1]))
    changed = batch.inputs.clone()
    changed[:, -1] = 9
    generator = checkpoint.generator.eval()

    first = generator(batch.source, batch.inputs, torch.zeros(1, 4))
    second = generator(batch.source, changed, torch.zeros(1, 4))

    assert torch.allclose(first[:, :-1], second[:, :-1], atol=1e-6)
    assert not torch.allclose(first[:, -1], second[:, -1], atol=1e-6)


def test_noise_reaches_the_words(checkpoint, encoder, records):
    batch = collate(encoder.pairs(records[:1]))
    generator = checkpoint.generator.eval()

    quiet = generator(batch.source, batch.inputs, torch.zeros(1, 4))
    loud = generator(batch.source, batch.inputs, torch.ones(1, 4))

    assert not torch.allclose(quiet, loud, atol=1e-6)


def test_a_text_can_be_cooled_as_by_another_generator(checkpoint, encoder, records):
    lively = [replace(record, style="lively") for record in records[:4]]
    batch = collate(encoder.pairs(lively))
    generator, noise = checkpoint.generator.eval(), torch.zeros(4, 4)
    other = copy.deepcopy(generator)
    for layer in other.single:
        torch.nn.init.constant_(layer.weight, 2.0)
    texts = batch.source, batch.inputs, batch.targets, noise, 0.6

    borrowed = generator.log_likelihood(*texts, cooled_as=other)

    assert torch.allclose(borrowed, other.log_likelihood(*texts))
    assert not torch.allclose(borrowed, generator.log_likelihood(*texts))


def test_every_weight_of_the_generator_gets_a_gradient(checkpoint, encoder, records):
    generator = checkpoint.generator.train()

    batch = collate(encoder.pairs(records[:8]))
    likelihood_of(generator, batch).backward()
    noise = torch.zeros(8, 4)
    cool = generator.log_likelihood(batch.source, batch.inputs, batch.targets, noise, 0.8)
    cool.sum().backward()

    without = [name for name, weight in generator.named_parameters() if weight.grad is None]
    assert without == []


def test_a_tiny_batch_can_be_learnt_by_heart(checkpoint, encoder, records):
    batch = collate(encoder.pairs(records[:4]))
    generator = checkpoint.generator
    optimizer = optimizer_for(generator, 5e-3, TrainingConfig())
    first = likelihood_of(generator.train(), batch).item()

    for _ in range(80):
        update(optimizer, likelihood_of(generator.train(), batch), generator, 1.0)

    assert first > 5.0
    assert likelihood_of(generator.eval(), batch).item() < 0.5
