"""Which checkpoint writes: figures decide, or a written reason; and the way back is one step."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.models import AuditEntry
from generation import gate, services, training
from generation.errors import CheckpointUnfit, CheckpointUnusable, NothingToRollBack
from generation.models import Activation, Checkpoint
from tests.generation.plain_writer import FITNESS, lay_files


def checkpoint_named(name: str, settings, **fitness) -> Checkpoint:
    digest = lay_files(settings.GALLEY_CHECKPOINT_DIR / name, name)
    return Checkpoint.objects.create(
        name=name, digest=digest, path=name, metrics={"fitness": FITNESS | fitness}
    )


def flip_a_byte(checkpoint: Checkpoint) -> None:
    """Damage the weights of a checkpoint whose card stays whole."""
    path = checkpoint.directory / "generator.safetensors"
    first, *others = path.read_bytes()
    path.write_bytes(bytes([first ^ 1, *others]))


@pytest.fixture
def measured(checkpoint) -> Checkpoint:
    """The active checkpoint, with the figures that the gate asks."""
    Checkpoint.objects.filter(pk=checkpoint.pk).keep_figures(fitness=FITNESS)
    return Checkpoint.objects.get(pk=checkpoint.pk)


@pytest.fixture
def fit(measured, settings) -> Checkpoint:
    return checkpoint_named("fit", settings)


@pytest.fixture
def unfit(measured, settings) -> Checkpoint:
    return checkpoint_named("unfit", settings, unsupported=2)


def active_name() -> str:
    return Checkpoint.objects.active().get().name


def test_a_fit_checkpoint_writes_and_it_is_on_record(fit, publisher):
    services.activate_checkpoint(fit, user=publisher, reason="not needed")

    assert active_name() == "fit"
    activation = Activation.objects.get()
    assert (activation.previous.name, activation.user, activation.reason) == (
        "first",
        publisher,
        "",
    )
    entry = AuditEntry.objects.get(action="checkpoint.activate")
    assert (entry.user, entry.details["previous"]) == (publisher, "first")


def test_an_unfit_one_is_refused_and_nothing_changes(unfit, publisher):
    for reason in ("", "   \n"):
        with pytest.raises(CheckpointUnfit, match="2 of 8 texts state a number"):
            services.activate_checkpoint(unfit, user=publisher, reason=reason)

    assert active_name() == "first"
    assert not Activation.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_written_reason_overrides_and_is_kept(unfit, publisher):
    services.activate_checkpoint(unfit, user=publisher, reason="The numbers are model names.")

    activation = Activation.objects.get()
    assert active_name() == "unfit"
    assert activation.reason == "The numbers are model names."
    assert activation.sentences == ["2 of 8 texts state a number that the brief lacks."]
    details = AuditEntry.objects.get(action="checkpoint.activate").details
    assert (details["objections"], details["reason"]) == (
        ["unsupported"],
        "The numbers are model names.",
    )


def test_an_override_without_a_reason_is_not_even_a_row(unfit):
    with pytest.raises(IntegrityError), transaction.atomic():
        Activation.objects.create(checkpoint=unfit, objections=[{"code": "unsupported"}])


def test_rolling_back_takes_one_activation_after_the_other_off_the_pile(
    fit, measured, publisher, settings
):
    third = checkpoint_named("third", settings)
    services.activate_checkpoint(fit, user=publisher)
    services.activate_checkpoint(third, user=publisher)

    assert services.roll_back(third, user=publisher) == fit
    assert services.roll_back(fit, user=publisher) == measured
    with pytest.raises(NothingToRollBack, match="No checkpoint wrote before “first”"):
        services.roll_back(measured, user=publisher)

    assert active_name() == "first"
    assert AuditEntry.objects.filter(action="checkpoint.roll_back").count() == 2


def test_a_second_press_rolls_nothing_back(fit, measured, publisher):
    services.activate_checkpoint(fit, user=publisher)
    services.roll_back(fit, user=publisher)

    with pytest.raises(NothingToRollBack, match="somebody was faster"):
        services.roll_back(fit, user=publisher)

    assert active_name() == "first"


def test_nobody_rolls_back_to_weights_that_are_gone(fit, measured, publisher):
    services.activate_checkpoint(fit, user=publisher)
    (measured.directory / "card.json").unlink()

    with pytest.raises(CheckpointUnusable, match="“first” are gone"):
        services.roll_back(fit, user=publisher)

    assert active_name() == "fit"
    assert Activation.objects.standing().count() == 1


DAMAGED = "The files of the checkpoint “{}” are damaged: restore them from a copy, or choose"


def test_one_flipped_byte_keeps_a_checkpoint_from_writing(fit, publisher):
    flip_a_byte(fit)

    with pytest.raises(CheckpointUnusable, match=DAMAGED.format("fit")):
        services.activate_checkpoint(fit, user=publisher, reason="All the same.")

    assert active_name() == "first"
    assert not Activation.objects.exists()
    assert not AuditEntry.objects.exists()


def test_weights_that_are_missing_beside_a_whole_card_are_told_too(fit, publisher):
    (fit.directory / "tokenizer.json").unlink()

    with pytest.raises(CheckpointUnusable, match=DAMAGED.format("fit")):
        services.activate_checkpoint(fit, user=publisher)

    assert active_name() == "first"


def test_one_flipped_byte_keeps_a_rollback_from_happening(fit, measured, publisher):
    services.activate_checkpoint(fit, user=publisher)
    flip_a_byte(measured)

    with pytest.raises(CheckpointUnusable, match=DAMAGED.format("first")):
        services.roll_back(fit, user=publisher)

    assert active_name() == "fit"
    assert Activation.objects.standing().count() == 1
    assert not AuditEntry.objects.filter(action="checkpoint.roll_back").exists()


def test_measuring_asks_the_active_one_too(checkpoint, settings, publisher, monkeypatch):
    other = checkpoint_named("other", settings)
    Checkpoint.objects.filter(pk=other.pk).update(metrics={"lessons": 3})
    with pytest.raises(CheckpointUnfit, match="Its figures are missing"):
        services.activate_checkpoint(other, user=publisher)

    assert training.measure(other.pk) == 2
    assert training.measure(other.pk) == 1

    other.refresh_from_db()
    assert other.metrics == {"lessons": 3, "fitness": FITNESS}
    services.activate_checkpoint(other, user=publisher)
    assert active_name() == "other"


def test_who_was_trained_on_other_texts_is_compared_on_those(checkpoint, settings, publisher):
    """The active one answers to them too, and what it answered before stays."""
    own, starters = checkpoint_named("own", settings), checkpoint_named("like the first", settings)
    (own.directory / "questions").write_text("about tea")
    Checkpoint.objects.update(metrics={})

    assert training.measure(own.pk) == 2
    assert training.measure(starters.pk) == 1

    checkpoint.refresh_from_db()
    assert checkpoint.metrics["fitness"] == FITNESS
    assert checkpoint.metrics["answers"] == {"about tea": FITNESS | {"asked": "about tea"}}
    for made in (own, starters):
        made.refresh_from_db()
        assert not gate.objections(made.metrics, checkpoint.metrics)
    worse = own.metrics["fitness"] | {"loss": 1.3}
    (objection,) = gate.objections({"fitness": worse}, checkpoint.metrics)
    assert objection.code == "forgot"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_managers_at_once_leave_one_that_writes(fit, unfit, settings):
    other = checkpoint_named("other", settings)
    together, refused = Barrier(2), []

    def activate(chosen):
        together.wait()
        try:
            services.activate_checkpoint(chosen)
        except Exception as reason:  # noqa: BLE001 - the test says which there were
            refused.append(reason)
        finally:
            connection.close()

    threads = [Thread(target=activate, args=(chosen,)) for chosen in (fit, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == []
    assert Checkpoint.objects.active().count() == 1
    newest = Activation.objects.standing().first()
    assert newest.checkpoint.name == active_name()
    assert newest.previous.name in {"fit", "other"}
