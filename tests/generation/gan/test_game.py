"""The game keeps what passes its gate, goes back where nothing does, and refuses a collapse."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from generation.gan import game, losses
from generation.gan.batches import pad
from generation.gan.config import TrainingConfig
from generation.gan.game import Game, gate
from generation.gan.judging import Judge, Negatives
from generation.gan.lessons import written_by_people
from generation.gan.probing import Probe
from generation.gan.repetition import Repetition
from generation.gan.training import Clock, Collapsed, copied
from generation.gan.vocabulary import END

OPEN = {"gate_loss": 9.0, "gate_distinct": 0.0, "gate_repetition": 1.0}
BEFORE = {"held_out": 2.0, "distinct_4": 0.8, "repeated_4": 0.03}


@pytest.fixture
def play(checkpoint, encoder, records):
    """Play on the small shop; give the game and its lines."""

    def run(*, learnt=records[:40], **settings):
        config = TrainingConfig(
            briefs_per_round=4, samples_per_brief=2, generator_rate=1e-2, **settings
        )
        real = encoder.pairs(learnt)
        negatives = Negatives(sampled=real[:8], facts=encoder.copied)
        free = frozenset(encoder.vocabulary.free_ids)
        judge = Judge(checkpoint.discriminator, real, negatives, config, accuracy=0.7, free=free)
        probe = Probe(checkpoint, records[40:], encoder, seed=1)
        played, lines = Game(checkpoint, judge, config, probe=probe, seed=1), []
        played.run(Clock(600), lines.append, lambda: None)
        return SimpleNamespace(game=played, lines=lines, checks=[x for x in lines if "passed" in x])

    return run


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        ({}, True),
        ({"held_out": 2.039}, True),
        ({"held_out": 2.041}, False),
        ({"distinct_4": 0.721}, True),
        ({"distinct_4": 0.719}, False),
        ({"repeated_4": 0.0349}, True),
        ({"repeated_4": 0.0351}, False),
    ],
)
def test_the_gate_lets_a_little_be_lost_and_no_more(now, passes):
    assert gate(BEFORE | now, BEFORE, TrainingConfig()) is passes


def test_where_nothing_is_held_out_the_gate_is_open():
    assert gate({}, {}, TrainingConfig())


def test_two_failures_in_a_row_end_the_game_with_the_weights_before_it(play, checkpoint):
    before = copied(checkpoint.generator)

    played = play(adversarial_rounds=20, gate_rounds=2, gate_distinct=9.0)

    assert [line["passed"] for line in played.checks] == [False, False]
    assert played.game.result()["rounds"] == 4
    assert played.game.result()["kept_round"] == 0
    after = checkpoint.generator.state_dict()
    assert all(value.equal(after[name]) for name, value in before.items())


def test_what_passed_last_is_the_average_that_stays(play, checkpoint):
    before = copied(checkpoint.generator)

    played = play(adversarial_rounds=5, gate_rounds=2, **OPEN)

    assert [line["step"] for line in played.checks] == [2, 4, 5]
    assert played.game.result()["kept_round"] == 5
    average = played.game.average.state_dict()
    after = checkpoint.generator.state_dict()
    assert all(value.equal(after[name]) for name, value in average.items())
    assert not after["embed.weight"].equal(before["embed.weight"])


def test_a_failure_between_two_passes_does_not_end_it(play, monkeypatch):
    answers = iter([True, False, True, False, False, True])
    monkeypatch.setattr(game, "gate", lambda *_: next(answers))

    played = play(adversarial_rounds=12, gate_rounds=2)

    assert [line["passed"] for line in played.checks] == [True, False, True, False, False]
    assert played.game.result() | {"rounds": 10, "kept_round": 6} == played.game.result()


def test_a_check_reports_both_losses_the_gradient_variety_and_samples(play):
    line = play(adversarial_rounds=2, gate_rounds=2, **OPEN).checks[0]

    numbers = {
        "generator_loss",
        "discriminator_loss",
        "gradient_norm",
        "held_out",
        "held_out_accuracy",
        "distinct_4",
        "self_bleu_4",
    }
    assert all(isinstance(line[name], float) for name in numbers)
    assert 0 <= line["held_out_accuracy"] <= 1
    assert {sample["language"] for sample in line["samples"]} <= {"zh", "en"}
    assert all(sample.keys() == {"ref", "language", "text"} for sample in line["samples"])


def test_rates_rise_for_some_rounds_and_fall(play, monkeypatch):
    rates, set_rate = [], game.set_rate

    def heard(optimizer, rate):
        rates.append(rate)
        set_rate(optimizer, rate)

    monkeypatch.setattr(game, "set_rate", heard)
    play(adversarial_rounds=6, warmup_rounds=3, gate_rounds=9, **OPEN)

    # rising (1/3, 2/3, 1) times falling along a line from 1 to 0.1 in six rounds
    assert rates == pytest.approx(
        [1e-2 * rise * fall for rise, fall in zip(
            (1 / 3, 2 / 3, 1, 1, 1, 1), (0.85, 0.7, 0.55, 0.4, 0.25, 0.1), strict=True
        )]
    )  # fmt: skip


def test_the_game_is_played_at_each_temperature_in_turn(play, monkeypatch):
    drawn, rolled_out = [], game.rolled_out

    def heard(*args, draw, **wishes):
        drawn.append(draw.temperature)
        return rolled_out(*args, draw=draw, **wishes)

    monkeypatch.setattr(game, "rolled_out", heard)
    play(adversarial_rounds=4, gate_rounds=9, temperatures=(0.5, 1.0, 1.2), **OPEN)

    assert drawn == [0.5, 1.0, 1.2, 0.5]


def test_more_or_less_likely_texts_are_no_merit(play, monkeypatch):
    """That is for the temperature to say: the advantages know how likely each text was."""
    heard = []
    counted = losses.leave_one_out
    monkeypatch.setattr(
        losses,
        "leave_one_out",
        lambda rewards, known: heard.append((rewards, known)) or counted(rewards, known),
    )

    play(adversarial_rounds=1, **OPEN)

    [(rewards, known)] = heard
    assert rewards.shape == known.shape == (4, 2)
    assert not torch.equal(rewards, known)
    assert (known < 0).all()
    assert (known > -10).all()  # nats a token, not a text's


@pytest.mark.parametrize(
    ("temperature", "rate", "moves"), [(0.6, 10.0, True), (1.0, 10.0, False), (0.6, 0.0, False)]
)
def test_patience_and_restraint_are_learnt_where_texts_are_drawn_coolly_at_a_rate_of_their_own(
    play, records, temperature, rate, moves
):
    played = play(
        learnt=[replace(record, style="lively") for record in records[:40]],
        adversarial_rounds=2,
        temperatures=(temperature,),
        single_rate=rate,
        gate_rounds=1,
        **OPEN,
    )

    generator = played.game.checkpoint.generator
    assert bool(generator.patience.weight.any()) is moves
    assert bool(generator.restraint.weight.any()) is moves


def test_the_anchor_pulls_at_weights_and_leaves_patience_and_restraint_alone(
    play, records, monkeypatch
):
    def only_single(optimizer, loss, generator, clip_norm):
        for layer in generator.single:
            layer.weight.data += 1
        return 0.0

    monkeypatch.setattr(game, "update", only_single)

    lively = [replace(record, style="lively") for record in records[:40]]
    played = play(learnt=lively, adversarial_rounds=3, temperatures=(0.6,), **OPEN)

    assert played.game.step == 3
    assert played.lines[-1]["drift"] == pytest.approx(0.0, abs=1e-2)


def test_nothing_is_counted_of_tokens_where_it_weighs_nothing(play, monkeypatch):
    def counted(*_, **__):
        raise AssertionError

    monkeypatch.setattr(losses, "token_advantages", counted)

    played = play(adversarial_rounds=2, precedent_weight=0.0, gate_rounds=1, **OPEN)

    assert all(line["gradient_norm"] > 0 for line in played.lines)
    assert not any("precedent" in line for line in played.lines)


def test_a_judge_that_is_nearly_always_right_still_learns_once_in_a_round(play, monkeypatch):
    learnt = []

    def learn(judge, chance):
        learnt.append(judge.accuracy)
        judge.accuracy = 0.95
        return {"discriminator_loss": 0.1}

    monkeypatch.setattr(Judge, "learn", learn)
    play(adversarial_rounds=4, discriminator_updates=2, gate_rounds=9, **OPEN)

    assert learnt == [0.7, 0.95, 0.95, 0.95, 0.95]  # two updates, and then one in each round


@pytest.mark.parametrize("languages", [{"en"}, {"zh", "en"}])
def test_texts_that_became_alike_are_refused(play, checkpoint, records, languages):
    """The decoder's last norm is pushed to one word, which it then always writes in English.

    Chinese texts cannot hold it, and are as varied as before.
    """
    generator = checkpoint.generator
    word = checkpoint.vocabulary.tokenizer.token_to_id("a")
    with torch.no_grad():
        generator.norm_target.bias.copy_(1e3 * generator.embed.weight[word])
        generator.copy_gate.weight.zero_()
        generator.copy_gate.bias.fill_(-99.0)

    with pytest.raises(Collapsed, match="became alike"):
        play(adversarial_rounds=0, learnt=[item for item in records if item.language in languages])


def test_a_probe_writes_the_same_for_the_same_weights(checkpoint, encoder, records):
    first, second = (Probe(checkpoint, records, encoder, seed=4) for _ in range(2))

    texts = first.write(checkpoint.generator)

    assert texts == second.write(checkpoint.generator)
    assert len(texts) == 48
    assert not any("<" in text for text in texts)  # facts are filled in
    assert Probe(checkpoint, [], encoder, seed=4).figures(checkpoint.generator) == {}


def test_each_token_is_praised_for_what_it_gives_by_precedent(play, monkeypatch):
    """And pulled back to where the writer stood, from the round on in which it stands elsewhere."""
    given, praised = [], []
    monkeypatch.setattr(losses, "leave_one_out", lambda rewards, known: torch.zeros_like(rewards))
    advantages_of, loss_of = losses.token_advantages, losses.policy_gradient_loss

    def token_advantages(gains, known, real, apart, *, copies):
        found = advantages_of(gains, known, real, apart, copies=copies)
        given.append((gains, known, real, apart, copies, found))
        return found

    def policy_gradient_loss(chosen, advantages, lengths):
        praised.append((chosen.detach(), advantages))
        return loss_of(chosen, advantages, lengths)

    monkeypatch.setattr(losses, "token_advantages", token_advantages)
    monkeypatch.setattr(losses, "policy_gradient_loss", policy_gradient_loss)

    judge = play(
        adversarial_rounds=4,
        temperatures=(0.8, 1.0),
        precedent_weight=3.0,
        token_pull=2.0,
        gate_rounds=9,
        **OPEN,
    ).game.judge

    drifts = []
    for (_, known, _, _, copies, found), (chosen, advantages) in zip(given, praised, strict=True):
        assert copies == 2
        drifts.append(chosen - known)
        assert torch.allclose(advantages, 3 * (found - 2 * drifts[-1]), atol=1e-5)
    assert drifts[0].abs().max() < 0.05 < drifts[-1].abs().max()  # but for half precision
    # The fourth round is held against the second, at the same temperature, and against itself.
    last, second = judge.negatives.sampled, judge.negatives.replayed[16:24]
    texts = pad([pair.target for pair in last], multiple=16)
    sources, lately = [pair.source for pair in last], [*second, *last]
    gains = judge.precedents.credits(sources, texts, against=lately)
    gains += 2 * judge.repetition.credits(sources, texts, against=Repetition(lately, judge.free))
    assert torch.equal(given[-1][0], gains)
    assert torch.equal(given[-1][2], texts > END)  # how long a text is, is for the judge to say
    ends = given[-1][3]  # where it may end: after a mark or a fact
    assert ends.any()
    for text, flags in zip(texts.tolist(), ends.tolist(), strict=True):
        assert flags == [False, *(word in judge.free for word in text[:-1])]


def test_the_game_is_for_the_briefs_that_it_is_given(
    play, checkpoint, encoder, records, monkeypatch
):
    asked: list[tuple[int, ...]] = []
    rolled_out = game.rolled_out

    def heard(generator, vocabulary, sources, **how):
        asked.extend(map(tuple, sources))
        return rolled_out(generator, vocabulary, sources, **how)

    monkeypatch.setattr(game, "rolled_out", heard)
    real = encoder.pairs(records[:40])
    config = TrainingConfig(briefs_per_round=6, samples_per_brief=2)
    judge = Judge(
        checkpoint.discriminator, real, Negatives(sampled=real[:8]), config, played=real[:2]
    )
    probe = Probe(checkpoint, records[40:], encoder, seed=1)

    Game(checkpoint, judge, replace(config, adversarial_rounds=3), probe=probe, seed=1).run(
        Clock(600), lambda _: None, lambda: None
    )

    assert set(asked) == {tuple(pair.source) for pair in real[:2]}
    assert len(asked) == 18


def test_what_is_composed_is_not_played_for(encoder, records):
    calm = replace(records[0], ref="calm")
    lively = replace(calm, style="lively")
    summary = replace(calm, kind="seo", style="market")
    ad = replace(calm, kind="ad", style="lively", text="An oak lamp.")
    pairs = {item: encoder.pair(item) for item in (calm, lively, summary, ad)}

    found = written_by_people(pairs.values(), encoder.vocabulary)

    assert found == [pairs[lively], pairs[summary]]
