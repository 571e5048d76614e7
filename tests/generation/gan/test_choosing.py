"""Of a writer's drafts for one brief, which is nearest to what people write for such briefs?"""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
import torch

from generation.gan import checkpoint as checkpoints
from generation.gan import choosing, metrics, writing
from generation.gan.batches import Pair, pad
from generation.gan.choosing import Chooser
from generation.gan.config import TrainingConfig
from generation.gan.contest import contest
from generation.gan.vocabulary import END, PAD
from tests.generation.gan.conftest import MATERIALS, NOUNS, shop
from tests.generation.gan.lamps import CHAIR, LAMP, SEATS, SHINES, WORDS, brief, people, text


def knowing(real: list[Pair]) -> Chooser:
    chooser = Chooser()
    chooser.remember(real, random.Random(1))
    return chooser


def lifts(chooser: Chooser, pairs: list[Pair]) -> list[float]:
    sources, texts = [pair.source for pair in pairs], pad([pair.target for pair in pairs])
    return chooser.figures(sources, texts, torch.zeros(len(pairs)), torch.zeros(len(pairs)))[
        :, 3
    ].tolist()


def drafts(count: int, *, seed: int) -> tuple[list[list[int]], list[list[int]], list[list]]:
    """For each brief one draft that says what people say of it, and three that do not."""
    chance = random.Random(seed)
    sources, texts, wanted = [], [], []
    for at in range(count):
        kind, fit, unfit = (LAMP, SHINES, SEATS) if at % 2 else (CHAIR, SEATS, SHINES)
        source = brief(kind, 500 + seed * 1000 + at)
        for said in (unfit, fit, unfit, unfit):
            sources.append(source)
            texts.append(text(said, chance))
        wanted.append([text(fit, chance)])
    return sources, texts, wanted


def fitted(count: int = 40) -> Chooser:
    chooser = knowing(people())
    sources, texts, wanted = drafts(count, seed=2)
    nothing = torch.zeros(len(texts))
    chooser.fit(sources, pad(texts), nothing, nothing, wanted)
    return chooser


def test_it_learns_to_choose_what_is_nearest_to_people():
    chooser = fitted()
    sources, texts, _ = drafts(30, seed=6)

    worth = chooser(sources, pad(texts), torch.zeros(len(texts)), torch.zeros(len(texts)))

    assert (worth.view(-1, 4).argmax(1) == 1).float().mean() > 0.9


def test_a_figure_that_tells_the_nearest_draft_is_taken_into_account():
    chooser = knowing(people())
    sources, texts, wanted = drafts(40, seed=2)
    logits = torch.tensor([0.0, 1.0, 0.0, 0.0]).repeat(40)

    chooser.fit(sources, pad(texts), logits, torch.zeros(len(texts)), wanted)

    assert chooser.weights[0] > 0.1
    assert chooser.weights[1].abs() < 1e-6


def test_drafts_that_are_all_alike_teach_nothing():
    chooser = knowing(people())
    sources, texts, wanted = drafts(30, seed=2)
    same, nothing = pad([texts[0]] * len(texts)), torch.zeros(len(texts))

    chooser.fit(sources, same, nothing, nothing, wanted)

    assert not chooser.is_fitted
    assert chooser.weights.isfinite().all()


def test_what_a_draft_gives_is_the_slope_of_the_logarithm_of_bleu():
    _, texts, _ = drafts(6, seed=7)
    wanted = [[texts[4 * at + 1][2:] + [*WORDS][:6]] for at in range(6)]
    short = [words[: 6 + at % 5] for at, words in enumerate(texts)]
    counts = torch.tensor(
        [
            metrics.bleu_counts(
                [str(index) for index in words],
                [[str(index) for index in other] for other in wanted[at // 4]],
            )
            for at, words in enumerate(short)
        ],
        dtype=torch.double,
    )

    def bleu(at: int, more: float) -> float:
        weights = torch.ones(len(short), dtype=torch.double)
        weights[at] += more
        return math.log(metrics.bleu_of((weights @ counts).tolist()))

    slopes = [(bleu(at, 1e-5) - bleu(at, -1e-5)) / 2e-5 * len(short) for at in range(len(short))]

    assert choosing._gains(pad(short), wanted).flatten().tolist() == pytest.approx(  # noqa: SLF001
        slopes, abs=1e-4
    )


def test_before_that_logit_and_fluency_rank_and_then_editors_are_added(checkpoint):
    sources, texts, _ = drafts(2, seed=8)
    logits, fluency = torch.arange(8.0), -torch.arange(8.0) / 10
    known = checkpoint.discriminator.chooser

    assert torch.equal(
        writing.worth(checkpoint, sources, pad(texts), logits, fluency, torch.zeros(8)),
        logits + 5 * fluency,
    )

    known.load_state_dict(fitted().state_dict())
    known.weights[0] = 0.5
    checkpoint.discriminator.liking.weights[SHINES[1]] = -3.0
    liking = writing.liking(checkpoint, sources, pad(texts))
    ranked = writing.worth(checkpoint, sources, pad(texts), logits + liking, fluency, liking)

    assert liking.any()
    assert torch.allclose(ranked - liking, known(sources, pad(texts), logits, fluency), atol=1e-5)


def test_a_checkpoint_keeps_what_was_learnt_and_an_older_one_has_nothing(checkpoint, tmp_path):
    checkpoint.discriminator.chooser.load_state_dict(fitted().state_dict())
    sources, texts, _ = drafts(5, seed=9)
    nothing = torch.zeros(len(texts))
    before = checkpoint.discriminator.chooser(sources, pad(texts), nothing, nothing)

    checkpoints.save(checkpoint, tmp_path / "new")
    loaded = checkpoints.load(tmp_path / "new").discriminator

    assert torch.allclose(loaded.chooser(sources, pad(texts), nothing, nothing), before, atol=1e-2)
    old = {
        name: value
        for name, value in loaded.state_dict().items()
        if not name.startswith("chooser.")
    }
    loaded.load_state_dict(old)
    assert not loaded.chooser.is_fitted
    assert not len(loaded.chooser.titles)


def test_precedents_are_saved_without_their_padding_and_read_from_before_that():
    chooser = knowing([*people(), Pair(brief(LAMP, 900), text(SHINES, random.Random(3), words=40))])
    saved = chooser.state_dict()
    padded = {name: getattr(chooser, name) for name in saved}
    new, old = Chooser(), Chooser()

    new.load_state_dict(saved)
    old.load_state_dict(padded)

    assert saved["stretches"].numel() < padded["stretches"].numel() / 2
    assert (padded["stretches"] != PAD).sum() + len(chooser.titles) == saved["stretches"].numel()
    for name, value in padded.items():
        assert torch.equal(getattr(new, name), value)
        assert torch.equal(getattr(old, name), value)


def test_precedents_that_are_taken_in_take_the_place_of_others():
    chooser, other = knowing(people()), knowing(people(30, seed=5))
    some = [Pair(brief(LAMP, 999), [*SHINES, 44, 45, END])]
    before = lifts(chooser, some)

    chooser.load_state_dict(other.state_dict())

    assert before != lifts(other, some) == lifts(chooser, some)


def looping(count: int) -> tuple[list[list[int]], torch.Tensor, torch.Tensor]:
    """For each brief a draft that says its words twice, which D likes more or less, and one not."""
    chance = random.Random(4)
    sources, texts, logits = [], [], []
    for at in range(count):
        kind, fit = (LAMP, SHINES) if at % 2 else (CHAIR, SEATS)
        words = chance.sample(WORDS, 6)
        sources += [brief(kind, 700 + at)] * 2
        texts += [[*fit, *words[:3], *words[:3], END], [*fit, *words, END]]
        logits += [chance.random() + 0.5, 0.0]
    return sources, pad(texts), torch.tensor(logits)


def taught(sources: list, texts: torch.Tensor, logits: torch.Tensor, *, loops: int) -> Chooser:
    """One that has learnt where people loop in so many of four texts."""
    chooser, said = knowing(people()), texts.tolist()
    wanted = [[said[2 * at + (at // 2 % 4 >= loops)]] for at in range(len(said) // 2)]
    chooser.fit(sources, texts, logits, torch.zeros(len(texts)), wanted)
    return chooser


def share_of_loops(chooser: Chooser, sources: list, texts: torch.Tensor, logits) -> float:
    worth = chooser(sources, texts, logits, torch.zeros(len(texts))).view(-1, 2)
    return float((worth[:, 0] > worth[:, 1]).float().mean())


def test_what_it_chooses_says_no_more_again_than_people_do():
    sources, texts, logits = looping(80)

    chooser = taught(sources, texts, logits, loops=3)

    assert chooser.weights[0] > 0
    assert -20 < chooser.weights[4] < 0
    assert 0.7 < share_of_loops(chooser, sources, texts, logits) <= 0.75
    chooser.weights[4] = 0
    assert share_of_loops(chooser, sources, texts, logits) > 0.9


def test_it_does_not_ask_for_more_variety_than_people_have():
    sources, texts, logits = looping(80)

    chooser = taught(sources, texts, logits, loops=4)

    assert chooser.is_fitted
    assert chooser.weights[4] == 0


def test_weights_of_four_figures_say_nothing_of_the_fifth():
    state = fitted().state_dict()
    chooser = Chooser()

    chooser.load_state_dict(state | {"weights": torch.tensor([0.1, 0.2, 0.3, 0.4])})

    assert chooser.weights.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.0])


def test_weights_for_other_figures_are_refused():
    state = fitted().state_dict() | {"weights": torch.ones(9)}

    with pytest.raises(RuntimeError, match="size mismatch"):
        Chooser().load_state_dict(state)


@pytest.mark.parametrize(("held_out", "learns"), [(23, False), (24, True)])
def test_a_training_teaches_it_on_held_out_briefs(checkpoint, tmp_path, held_out, learns):
    records = [
        replace(
            record, title=f"{MATERIALS[at % 8]} {NOUNS[at // 8 % 6]} {'blue' if at < 48 else ''}"
        )
        for at, record in enumerate(shop(80))
    ]
    config = TrainingConfig(
        discriminator_steps=2,
        adversarial_rounds=1,
        briefs_per_round=2,
        samples_per_brief=2,
        pool=8,
        drafts=3,
        temperatures=(0.6, 1.0),
    )

    left = contest(
        checkpoint,
        records[:56],
        records[56 : 56 + held_out],
        into=tmp_path,
        seed=3,
        report=lambda line: None,
        config=config,
    )

    chooser = left["gan"].discriminator.chooser
    assert chooser.is_fitted == learns
    assert bool(len(chooser.titles)) == learns
    assert torch.equal(left["continued"].discriminator.chooser.weights, chooser.weights)
