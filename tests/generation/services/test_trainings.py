"""Orders for training: started once, stopped, taken up again, and never by the clock unasked."""

from __future__ import annotations

import os
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import AuditEntry
from generation import services, training
from generation.errors import CheckpointMissing, NothingToLearn, RunNotStartable
from generation.models import Checkpoint, Example, TrainingPoint, TrainingRun
from tests.conftest import kept
from tests.generation.plain_writer import PlainWriter


@pytest.fixture(autouse=True)
def queued(monkeypatch, settings, tmp_path):
    """The orders that were queued."""
    settings.GALLEY_WORK_DIR = tmp_path / "work"
    queued: list[int] = []
    monkeypatch.setattr("generation.tasks.train.delay", queued.append)
    return queued


class Cut(Exception):
    """What stops a training in these tests."""


def cut_off(monkeypatch, order, *, user=None) -> list[dict]:
    """Have the writer keep a place and be cut off at its second report; give what it was told."""
    learn, told = PlainWriter.learn, []

    def halves(self, lessons, **wish):
        told.append({**wish, "lessons": lessons})
        place = wish["work"] / "state-000001"
        wish["report"]({"phase": "adversarial", "step": 1, "reward": 0.5, "samples": []})
        if not place.exists():
            place.mkdir(parents=True)
            (place / "tensors").write_bytes(b"x" * 1000)
            services.stop_training(order, user=user)
        wish["report"]({"phase": "adversarial", "step": 2, "reward": 0.7})
        return learn(self, lessons, **wish)

    monkeypatch.setattr(PlainWriter, "learn", halves)
    return told


def test_a_stopped_training_goes_on_with_what_it_began_with(
    lessons, draft, publisher, queued, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        order = services.start_training(
            minutes=3, settings={"generator_rate": 2e-4}, user=publisher
        )
    told = cut_off(monkeypatch, order, user=publisher)
    assert training.train_run(order.pk) == 0
    order.refresh_from_db()
    assert (order.status, order.stopped_by, order.kept_bytes) == ("failed", publisher, 1000)
    kept(Example.positive(draft, "Decided after it had begun."))
    Example.objects.update(is_held_out=False)

    with django_capture_on_commit_callbacks(execute=True):
        services.resume_training(order, user=publisher)
    assert training.train_run(order.pk) == 1

    order.refresh_from_db()
    assert queued == [order.pk, order.pk]
    assert (order.status, order.stopped_by, order.work.exists()) == ("finished", None, False)
    first, second = told
    for name in ("seed", "minutes", "settings", "work", "into"):
        assert first[name] == second[name]
    assert first["settings"] == {"generator_rate": 2e-4}
    assert [lesson.text for lesson in second["lessons"]] == ["A good text."]
    assert list(TrainingPoint.objects.values_list("phase", "step", "figures__reward")) == [
        ("adversarial", 1, 0.5),
        ("adversarial", 2, 0.7),
    ]
    acts = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["training.start", "training.stop", "training.resume"]


def test_it_continues_the_checkpoint_that_was_active_when_it_was_ordered(
    lessons, checkpoint, publisher
):
    order = services.start_training(user=publisher)
    Checkpoint.objects.filter(pk=checkpoint.pk).retire()

    training.train_run(order.pk)

    order.refresh_from_db()
    assert order.checkpoint.parent == checkpoint


def test_a_worker_that_died_after_the_weights_were_saved_does_not_train_again(
    lessons, publisher, monkeypatch
):
    order = services.start_training(user=publisher)

    def dies(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(PlainWriter, "fitness", dies)
        with pytest.raises(KeyboardInterrupt):
            training.train_run(order.pk)
    monkeypatch.setattr(PlainWriter, "learn", lambda *_, **__: pytest.fail("It trained again."))
    TrainingRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))

    assert training.train_run(order.pk) == 1

    order.refresh_from_db()
    assert order.checkpoint.metrics["lessons"] == 1


def test_a_place_is_deleted_only_when_nobody_works_on_it(lessons, publisher, monkeypatch):
    order = services.start_training(user=publisher)
    with pytest.raises(RunNotStartable, match="stop it first"):
        services.forget_training(order, user=publisher)
    cut_off(monkeypatch, order, user=publisher)
    training.train_run(order.pk)

    assert services.forget_training(order, user=publisher) == 1000

    assert not order.work.exists()
    assert AuditEntry.objects.filter(action="training.forget").get().details == {"bytes": 1000}


def test_a_place_is_measured_while_its_worker_moves_it(lessons, publisher, monkeypatch):
    order = services.start_training(user=publisher)
    (order.work / "state-000001").mkdir(parents=True)
    (order.work / "state-000001" / "tensors").write_bytes(b"x" * 1000)
    walk = os.walk

    def seen_before_it_moved(folder):
        yield str(folder), [], [".state-000002.new"]
        yield from walk(folder)

    monkeypatch.setattr(os, "walk", seen_before_it_moved)

    assert order.kept_bytes == 1000


def test_what_ended_well_is_not_resumed(lessons, publisher):
    order = services.start_training(user=publisher)
    training.train_run(order.pk)

    with pytest.raises(RunNotStartable, match="Only a training that was cut off"):
        services.resume_training(order, user=publisher)


def test_nothing_is_resumed_beside_another_training(lessons, publisher):
    order = services.start_training(user=publisher)
    services.stop_training(order, user=publisher)
    services.start_training(user=publisher)

    with pytest.raises(RunNotStartable, match="under way"):
        services.resume_training(order, user=publisher)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_managers_at_once_one_starts_and_the_other_is_told(checkpoint):
    together, refused = Barrier(2), []

    def start():
        together.wait()
        try:
            services.start_training(kind="full")
        except RunNotStartable as reason:
            refused.append(str(reason))
        finally:
            connection.close()

    threads = [Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["A training is under way; wait until it has ended."]
    assert TrainingRun.objects.count() == 1


def test_there_must_be_something_to_learn(checkpoint, publisher):
    with pytest.raises(NothingToLearn, match="decide some drafts first"):
        services.start_training(user=publisher)

    assert not TrainingRun.objects.exists()


def test_there_must_be_a_checkpoint_to_continue(db):
    with pytest.raises(CheckpointMissing, match="No checkpoint is active"):
        services.start_training()

    assert not TrainingRun.objects.exists()


def test_the_night_trains_only_where_it_is_wanted_and_there_is_enough(lessons, settings):
    settings.GALLEY_NIGHTLY_LESSONS = 1
    assert settings.GALLEY_NIGHTLY_TRAINING is False
    assert services.start_nightly_training() == 0
    settings.GALLEY_NIGHTLY_TRAINING = True
    settings.GALLEY_NIGHTLY_LESSONS = 2
    assert services.start_nightly_training() == 0
    settings.GALLEY_NIGHTLY_LESSONS = 1

    assert services.start_nightly_training() == 1
    assert services.start_nightly_training() == 0

    order = TrainingRun.objects.get()
    assert (order.is_feedback, order.requested_by, order.minutes) == (True, None, 20)


def test_a_night_without_a_checkpoint_is_in_the_log(lessons, checkpoint, settings, caplog):
    settings.GALLEY_NIGHTLY_TRAINING, settings.GALLEY_NIGHTLY_LESSONS = True, 1
    Checkpoint.objects.filter(pk=checkpoint.pk).retire()

    assert services.start_nightly_training() == 0

    assert "The training of the night did not start: No checkpoint is active" in caplog.text


def test_the_night_waits_for_new_decisions_and_activates_nothing(lessons, checkpoint, settings):
    settings.GALLEY_NIGHTLY_TRAINING, settings.GALLEY_NIGHTLY_LESSONS = True, 1
    services.start_nightly_training()
    training.train_run(TrainingRun.objects.get().pk)

    assert services.start_nightly_training() == 0

    assert Checkpoint.objects.active().get() == checkpoint
