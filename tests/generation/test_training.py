"""An order for training is carried out once, however silent it is, and can be stopped."""

from __future__ import annotations

from threading import Semaphore

import pytest
from django.utils import timezone

from catalog.models.job import JobQuerySet
from generation import services, training
from generation.errors import RunNotStartable
from generation.models import Checkpoint, TrainingRun
from tests.generation.plain_writer import PlainWriter


@pytest.fixture
def order(lessons, monkeypatch) -> TrainingRun:
    """An order to learn from one approval."""
    monkeypatch.setattr("generation.tasks.train.delay", lambda pk: None)
    return services.start_training(minutes=1)


def teach(monkeypatch, lesson) -> None:
    """Have the writer do something before it learns."""
    learn = PlainWriter.learn

    def slowly(self, lessons, **wish):
        lesson(wish["report"])
        return learn(self, lessons, **wish)

    monkeypatch.setattr(PlainWriter, "learn", slowly)


def test_an_order_ends_in_an_inactive_checkpoint(order, checkpoint):
    assert training.train_run(order.pk) == 1
    assert training.train_run(order.pk) == 0

    order.refresh_from_db()
    assert order.status == TrainingRun.Status.FINISHED
    assert (order.checkpoint.status, order.checkpoint.parent) == ("trained", checkpoint)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_silent_training_keeps_its_lease(order, settings, monkeypatch):
    settings.GALLEY_STALE_RUN_SECONDS = 1
    beaten, beat = Semaphore(0), JobQuerySet.beat
    heard = []

    def beat_and_tell(self, at, **wish):
        moved = beat(self, at, **wish)
        beaten.release()
        return moved

    def silent(report):
        before = TrainingRun.objects.get(pk=order.pk).heartbeat_at
        heard.append(all(beaten.acquire(timeout=5) for _ in range(6)))
        heard.append(TrainingRun.objects.get(pk=order.pk).heartbeat_at - before)
        heard.append(services.requeue_lost_jobs())

    monkeypatch.setattr(JobQuerySet, "beat", beat_and_tell)
    teach(monkeypatch, silent)

    assert training.train_run(order.pk) == 1
    assert heard[0] is True
    assert heard[1].total_seconds() > settings.GALLEY_STALE_RUN_SECONDS
    assert heard[2] == 0


def test_a_stopped_training_ends_at_its_next_report(order, editor, monkeypatch):
    def stopped(report):
        services.stop_training(order, user=editor)
        report({"phase": "likelihood", "step": 50})

    teach(monkeypatch, stopped)

    assert training.train_run(order.pk) == 0

    order.refresh_from_db()
    assert order.status == TrainingRun.Status.FAILED
    assert order.failure == f"{editor.get_username()} stopped it."
    assert Checkpoint.objects.count() == 1
    with pytest.raises(RunNotStartable, match="ended already"):
        services.stop_training(order, user=editor)


def test_what_nobody_foresaw_fails_the_order_and_is_not_tried_for_ever(order, monkeypatch):
    def breaks(report):
        raise ZeroDivisionError

    teach(monkeypatch, breaks)

    with pytest.raises(ZeroDivisionError):
        training.train_run(order.pk)

    order.refresh_from_db()
    assert order.status == TrainingRun.Status.FAILED
    assert not TrainingRun.objects.stale(timezone.now()).exists()


def test_the_page_says_where_a_training_is_and_stops_it(client, publisher, order):
    TrainingRun.objects.update(status="running", progress={"phase": "discriminator", "step": 25})
    client.force_login(publisher)

    assert "the judge learns alone, step 25" in client.get("/training/").content.decode()
    client.post(f"/training/{order.pk}/stop/")

    order.refresh_from_db()
    assert order.status == TrainingRun.Status.FAILED


def test_the_page_says_what_was_left_out_of_the_texts_and_why(client, publisher, checkpoint):
    checkpoint.metrics = {
        "prepared": {
            "shop/<b>.jsonl": {"read": 9, "kept": 6, "cleaned": 4, "too short": 1, "duplicate": 2},
            "old.jsonl": {"read": 3, "kept": 3},
        }
    }
    checkpoint.save(update_fields=["metrics"])
    client.force_login(publisher)

    page = client.get("/training/").content.decode()

    rows = page.partition('id="preparation"')[2].partition("</section>")[0]
    assert "shop/&lt;b&gt;.jsonl" in rows
    assert "there already: 2<br>too short, or too short without its claims: 1</td>" in rows
    assert "cleaned" not in rows
    assert rows.count("nothing") == 1
