"""Two processes train as one: one gradient, the same weights, one checkpoint."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import distributed, multiprocessing

from generation.gan import checkpoint as checkpoints
from generation.gan import losses, ranks
from generation.gan.batches import collate
from generation.gan.config import DiscriminatorConfig, GeneratorConfig
from generation.gan.course import Course
from generation.gan.lessons import Encoder
from generation.gan.vocabulary import PAD, Vocabulary
from tests.generation.gan.conftest import shop
from tests.generation.gan.test_course import SHORT, Killed, train
from tests.generation.gan.test_learning import SMALL

BRIEF = replace(SHORT, pretrain_epochs=0.4, discriminator_steps=16, adversarial_rounds=3)


def together(work, folder):
    """Run a function in two processes that have joined; give what each of them saved."""
    context = multiprocessing.spawn(_joined, (work, str(folder)), nprocs=2, join=False)
    while not context.join():
        pass
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(2)]


def _joined(rank, work, folder):
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    place = f"file://{folder}/meeting"
    distributed.init_process_group("gloo", init_method=place, rank=rank, world_size=2)
    try:
        torch.save(work(Path(folder)), f"{folder}/{rank}.pt")
    finally:
        distributed.destroy_process_group()


def small_generator():
    """The same small generator and its encoder in every process."""
    torch.manual_seed(0)
    vocabulary = Vocabulary.train(shop(), size=420)
    sizes = GeneratorConfig(vocab_size=vocabulary.size, **SMALL)
    made = checkpoints.build(vocabulary, sizes, DiscriminatorConfig.like(sizes))
    encoder = Encoder(vocabulary, max_source=64, max_target=48)
    return made.generator.eval(), encoder  # in eval mode no batch norm sees its batch alone


def gradients(pairs):
    """Of one batch, averaged over those of all processes."""
    generator, _ = small_generator()
    batch = collate(pairs)
    noise = torch.ones(len(pairs), SMALL["noise_width"])
    known = generator.log_likelihood(batch.source, batch.inputs, batch.targets, noise)
    losses.likelihood_loss(known, batch.targets).backward()
    ranks.average(generator, (batch.targets != PAD).sum().item())
    return {
        name: weights.grad
        for name, weights in generator.named_parameters()
        if weights.grad is not None
    }


def talk(_folder):
    """What two processes say to each other, and their gradients of a share of a batch each."""
    rank, pairs = ranks.rank(), small_generator()[1].pairs(shop(12))
    said = {
        "agreed": ranks.agree(rank + 5.0),
        "mean": ranks.mean(rank + 1.0),
        "told": ranks.told(f"from {rank}"),
        "gathered": ranks.gathered(rank),
        "shared": ranks.shared_out([10, 11, 12, 13, 14]),
        "part": ranks.part(25),
    }
    return said, gradients(pairs[:3] if ranks.is_first() else pairs[3:])


@pytest.fixture(scope="module")
def talked(tmp_path_factory):
    """For each of two processes, what it heard and what its gradients became."""
    return together(talk, tmp_path_factory.mktemp("ranks"))


def test_two_processes_have_the_gradient_of_one_on_both_batches(talked):
    """The batches have 3 and 9 texts of different lengths: every token counts the same."""
    (_, first), (_, second) = talked

    whole = gradients(small_generator()[1].pairs(shop(12)))

    assert whole.keys() == first.keys() == second.keys()
    for name, gradient in whole.items():
        assert first[name].equal(second[name])
        torch.testing.assert_close(first[name], gradient)


def test_what_processes_say_to_each_other(talked):
    (first, _), (second, _) = talked

    common = {"agreed": 5.0, "mean": 1.5, "told": "from 0", "part": 13}
    assert first == {**common, "gathered": [0, 1], "shared": [10, 12, 14]}
    assert second == {**common, "gathered": [], "shared": [11, 13, 10]}


def test_one_process_alone_talks_to_nobody():
    assert (ranks.size(), ranks.rank(), ranks.is_first()) == (1, 0, True)
    assert (ranks.agree(3.0), ranks.mean(3.0), ranks.told("x"), ranks.gathered(1)) == (
        3.0,
        3.0,
        "x",
        [1],
    )
    assert ranks.shared_out([1, 2, 3]) == [1, 2, 3]
    assert ranks.part(24) == 24


def weights_of(checkpoint):
    return {
        f"{part}.{name}": value
        for part in ("generator", "discriminator")
        for name, value in getattr(checkpoint, part).state_dict().items()
    }


def train_whole_and_cut(folder):
    """Train once, and once more with a death in the middle of each phase but the first."""
    lines = []
    whole = train(shop(), folder / "whole", config=BRIEF, report=lines.append)
    keep, lives = Course.keep, [6, 7]

    def keep_and_die(course, phase, clock):
        keep(course, phase, clock)
        lives[-1] -= 1
        if not lives[-1]:
            raise Killed

    cut = None
    while cut is None:
        Course.keep = keep_and_die if lives else keep
        try:
            cut = train(shop(), folder / "cut", config=BRIEF, work=folder / "work")
        except Killed:
            lives.pop()
    held_out = [line["held_out"] for line in lines if "held_out" in line]
    return {
        "whole": weights_of(whole),
        "cut": weights_of(cut),
        "digest": whole.digest,
        "held_out": held_out,
        "has_played": any("generator_loss" in line for line in lines),
    }


@pytest.mark.slow
def test_two_processes_end_in_the_same_weights_even_when_they_were_killed(tmp_path):
    first, second = together(train_whole_and_cut, tmp_path)

    for name, value in first["whole"].items():
        assert value.equal(second["whole"][name]), name
        assert value.equal(first["cut"][name]), name
    assert first["held_out"][-1] < first["held_out"][0]
    assert first["has_played"]
    assert second["held_out"] == []  # the first one reports, and saves
    assert first["digest"] == second["digest"]
    assert checkpoints.load(tmp_path / "whole").digest == first["digest"]
