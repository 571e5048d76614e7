"""Orders that can be carried out, and one sentence for those that cannot."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog.errors import EmptyCampaign
from catalog.models import Campaign
from generation import drafting, services, training
from generation.errors import (
    CheckpointMissing,
    CheckpointUnusable,
    NothingToLearn,
    RunNotStartable,
)
from generation.models import Checkpoint, Draft, Example, Run, Slot
from tests.conftest import kept
from tests.generation.plain_writer import PlainWriter, lay_files


def test_a_run_has_a_slot_for_each_text(run):
    slots = Slot.objects.filter(run=run).values_list("ordinal", "kind__slug", "language", "variant")

    assert list(slots) == [(0, "description", "en", 0), (1, "description", "zh-hans", 0)]


def test_an_empty_campaign_is_refused_and_nothing_is_written(campaign, checkpoint):
    campaign.products.clear()

    with pytest.raises(EmptyCampaign) as refusal:
        services.start_run(campaign)

    assert str(refusal.value) == (
        "The campaign asks for nothing: choose products, kinds of copy and languages."
    )
    assert Run.objects.count() == 0


def test_without_a_checkpoint_nothing_starts(campaign, db):
    with pytest.raises(CheckpointMissing, match="No checkpoint is active"):
        services.start_run(campaign)

    assert Run.objects.count() == 0


def test_a_checkpoint_whose_files_are_gone_is_named(campaign, checkpoint):
    (checkpoint.directory / "card.json").unlink()

    with pytest.raises(CheckpointMissing, match="“first” are gone"):
        services.start_run(campaign)


def test_a_closed_campaign_starts_nothing(campaign, checkpoint):
    Campaign.objects.close(timezone.now())

    with pytest.raises(RunNotStartable, match="The campaign is closed"):
        services.start_run(campaign)

    assert Run.objects.count() == 0


def test_closing_takes_the_undecided_drafts_off_the_desk(drafts, campaign):
    Draft.objects.filter(pk=drafts[0].pk).approve()

    assert services.close_campaign(campaign) == 1

    campaign.refresh_from_db()
    assert (campaign.status, campaign.closed_at is None) == ("closed", False)
    assert [Draft.objects.get(pk=draft.pk).status for draft in drafts] == ["approved", "expired"]
    assert Run.objects.get().status == Run.Status.FINISHED
    assert services.close_campaign(campaign) == 0


def test_a_closed_campaigns_run_ends_and_its_worker_stores_no_more(
    run, campaign, django_capture_on_commit_callbacks
):
    class Closing(PlainWriter):
        """Closes the campaign while it writes."""

        def write(self, briefs, **wish):
            with django_capture_on_commit_callbacks(execute=True):
                services.close_campaign(campaign)
            return super().write(briefs, **wish)

    drafting.fill_run(run.pk, writer=Closing("d1"))

    run.refresh_from_db()
    assert (run.status, run.failure) == (
        "failed",
        "The campaign was closed before the run had ended.",
    )
    assert Draft.objects.count() == 0
    with pytest.raises(RunNotStartable, match="The campaign is closed"):
        services.retry_run(run)


def turns(campaign: Campaign) -> list[int]:
    """The turns of a campaign's runs."""
    return list(campaign.runs.order_by("pk").values_list("turn", flat=True))


def test_runs_take_their_turns_by_due_dates_and_the_newer_ones_first(campaign, checkpoint):
    now = timezone.now()
    made = {}
    for name, due_at in {"later": now + timedelta(days=9), "late": now, "any": None}.items():
        made[name] = Campaign.objects.create(slug=name, languages=["en"], due_at=due_at)
        made[name].products.set(campaign.products.all())
        made[name].kinds.set(campaign.kinds.all())
        services.start_run(made[name], queue=False)
    Run.objects.update(status=Run.Status.FINISHED)
    services.start_run(made["late"], queue=False)

    first, second = turns(made["late"])
    (later,), (whenever,) = turns(made["later"]), turns(made["any"])

    assert second > first > later > whenever


def test_another_due_date_moves_runs_and_all_their_drafts(drafts, campaign, run):
    ranked = list(Draft.objects.in_order().values_list("pk", "rank", "is_random"))
    approved = Draft.objects.filter(pk=drafts[0].pk)
    approved.approve()  # taken back it would be in the queue again
    Campaign.objects.update(due_at=timezone.now())

    assert services.move_in_queue(campaign) == 2

    run.refresh_from_db()
    assert run.turn > run.pk
    assert set(Draft.objects.values_list("turn", flat=True)) == {run.turn}
    # In the run everything stands where it stood, what chance placed as well.
    assert list(Draft.objects.in_order().values_list("pk", "rank", "is_random")) == ranked

    Campaign.objects.update(due_at=None)
    services.move_in_queue(campaign)

    assert set(Draft.objects.values_list("turn", flat=True)) == {run.pk}


def test_other_campaigns_stay_where_they_are(drafts, campaign):
    other = Campaign.objects.create(slug="other", due_at=timezone.now())

    assert services.move_in_queue(other) == 0

    assert set(Draft.objects.values_list("turn", flat=True)) == set(turns(campaign))


def test_what_is_stored_after_another_due_date_stands_by_it(run, campaign):
    class Moving(PlainWriter):
        """Hears of a due date while it writes."""

        def write(self, briefs, **wish):
            Campaign.objects.update(due_at=timezone.now())
            services.move_in_queue(campaign)
            return super().write(briefs, **wish)

    drafting.fill_run(run.pk, writer=Moving("d1"))

    (turn,) = turns(campaign)
    assert turn > run.pk
    assert set(Draft.objects.values_list("turn", flat=True)) == {turn}


def test_two_runs_never_have_the_same_turn(run, campaign, checkpoint):
    services.move_in_queue(campaign)
    run.refresh_from_db()

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(campaign=campaign, checkpoint=checkpoint, seed=1, turn=run.turn)

    assert Run.objects.count() == 1


def test_what_was_written_before_there_were_turns_is_placed_as_what_is_written_now(
    drafts, campaign
):
    Campaign.objects.update(due_at=timezone.now())
    services.move_in_queue(campaign)
    placed = turns(campaign)
    Run.objects.update(turn=None)
    Draft.objects.update(turn=0)

    migration = import_module("generation.migrations.0018_place_runs_by_due_dates")
    migration.place(apps, SimpleNamespace(connection=connection))

    assert turns(campaign) == placed
    assert set(Draft.objects.values_list("turn", flat=True)) == set(placed)


def test_nothing_is_closed_unless_its_drafts_expire_too(drafts, campaign, monkeypatch):
    def broken(drafts):
        raise DatabaseError

    monkeypatch.setattr("generation.models.draft.DraftQuerySet.expire", broken)

    with pytest.raises(DatabaseError):
        services.close_campaign(campaign)

    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.OPEN


def test_a_run_that_is_under_way_has_to_end_first(run, campaign):
    for status in (Run.Status.QUEUED, Run.Status.RUNNING):
        Run.objects.update(status=status, lease=uuid4(), heartbeat_at=timezone.now())
        with pytest.raises(RunNotStartable) as refusal:
            services.start_run(campaign)
        assert str(refusal.value) == (
            "A run of this campaign is under way; wait until it has ended."
        )
    assert Run.objects.count() == 1

    Run.objects.update(status=Run.Status.FINISHED)
    services.start_run(campaign, queue=False)

    assert Run.objects.count() == 2


def test_a_failed_run_waits_for_the_one_that_succeeded_it(run, campaign):
    Run.objects.update(status=Run.Status.FAILED)
    services.start_run(campaign, queue=False)

    with pytest.raises(RunNotStartable, match="A run of this campaign is under way"):
        services.retry_run(run)

    run.refresh_from_db()
    assert run.status == Run.Status.FAILED


def test_a_run_that_is_under_way_is_not_started_again(run):
    with pytest.raises(RunNotStartable, match="Only a run that failed"):
        services.retry_run(run)


def test_a_broker_that_is_down_loses_nothing(
    campaign, checkpoint, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def down(pk):
        raise OperationalError("no broker")

    monkeypatch.setattr("generation.tasks.fill_run.delay", down)
    with django_capture_on_commit_callbacks(execute=True):
        run = services.start_run(campaign)

    run.refresh_from_db()
    assert run.status == Run.Status.QUEUED
    assert "no broker" in caplog.text
    queued = []
    monkeypatch.setattr("generation.tasks.fill_run.delay", queued.append)
    Run.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timezone.timedelta(minutes=6))
    assert services.requeue_lost_jobs() == 1
    assert queued == [run.pk]


def test_a_due_campaign_starts_once(campaign, checkpoint, monkeypatch):
    monkeypatch.setattr("generation.tasks.fill_run.delay", lambda pk: None)
    Campaign.objects.update(starts_at=timezone.now())

    assert services.start_due_runs() == 1
    assert services.start_due_runs() == 0
    assert Run.objects.count() == 1


def test_a_start_by_hand_leaves_the_hour_standing(campaign, checkpoint, monkeypatch):
    monkeypatch.setattr("generation.tasks.fill_run.delay", lambda pk: None)
    hour = timezone.now() + timedelta(hours=1)
    Campaign.objects.update(starts_at=hour)
    by_hand = services.start_run(campaign)
    campaign.refresh_from_db()
    assert campaign.awaits_its_hour
    assert services.start_due_runs() == 0

    monkeypatch.setattr("django.utils.timezone.now", lambda: hour)
    assert services.start_due_runs() == 0  # the run by hand is still under way
    Run.objects.filter(pk=by_hand.pk).update(status=Run.Status.FINISHED)

    assert services.start_due_runs() == 1
    Run.objects.update(status=Run.Status.FINISHED)
    assert services.start_due_runs() == 0
    campaign.refresh_from_db()
    assert not campaign.awaits_its_hour


def test_a_start_by_hand_after_the_hour_is_the_one_that_was_due(campaign, checkpoint):
    Campaign.objects.update(starts_at=timezone.now())
    run = services.start_run(campaign, queue=False)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.FINISHED)

    assert services.start_due_runs() == 0


def test_a_due_campaign_that_breaks_holds_up_no_other(campaign, checkpoint, monkeypatch, caplog):
    queued = []
    monkeypatch.setattr("generation.tasks.fill_run.delay", queued.append)
    for slug in ("broken-before", "broken-after"):
        broken = Campaign.objects.create(slug=slug, name=slug, languages=["en", "en"])
        broken.products.set(campaign.products.all())
        broken.kinds.set(campaign.kinds.all())
    now = timezone.now()
    Campaign.objects.filter(slug="broken-before").update(created_at=now - timedelta(days=1))
    Campaign.objects.update(starts_at=now)

    started = services.start_due_runs()

    assert started == 1
    assert Run.objects.get().campaign == campaign
    assert list(Campaign.objects.filter(started_at=None).values_list("slug", flat=True)) == [
        "broken-after",
        "broken-before",
    ]
    assert "broken-before was due and did not start" in caplog.text
    assert "broken-after was due and did not start" in caplog.text
    assert "Traceback" in caplog.text


def test_a_due_campaign_waits_for_a_checkpoint(campaign, db, caplog):
    Campaign.objects.update(starts_at=timezone.now())

    started = services.start_due_runs()

    assert started == 0
    assert "spring was due and did not start: No checkpoint is active" in caplog.text
    assert Campaign.objects.get().started_at is None


def test_only_one_checkpoint_writes(checkpoint, settings):
    digest = lay_files(settings.GALLEY_CHECKPOINT_DIR / "second", "second")
    second = Checkpoint.objects.create(name="second", digest=digest, path="second")

    services.activate_checkpoint(second, reason="It was measured elsewhere.")

    states = dict(Checkpoint.objects.values_list("name", "status"))
    assert states == {"first": "retired", "second": "active"}


def test_weights_that_were_replaced_do_not_write_under_the_old_name(checkpoint, campaign):
    (checkpoint.directory / "card.json").write_text('{"digest": "others"}')

    with pytest.raises(CheckpointMissing, match="files of the checkpoint “first” are gone"):
        services.start_run(campaign)
    with pytest.raises(CheckpointUnusable, match="are gone"):
        services.activate_checkpoint(checkpoint)


def test_a_checkpoint_whose_language_model_is_not_there_does_not_write(
    checkpoint, campaign, settings, tmp_path
):
    card = {"digest": checkpoint.digest, "backbone": {"name": "some-7B"}}
    (checkpoint.directory / "card.json").write_text(json.dumps(card))
    weights = checkpoint.directory / "generator.safetensors"
    weights.rename(weights.with_name("adapter.safetensors"))
    refusal = "writes with the language model “some-7B”: set GALLEY_BACKBONE"

    for folder in (None, tmp_path / "gone"):
        settings.GALLEY_BACKBONE = folder
        with pytest.raises(CheckpointUnusable, match=refusal):
            services.start_run(campaign)
        with pytest.raises(CheckpointUnusable, match=refusal):
            services.activate_checkpoint(checkpoint)
    settings.GALLEY_BACKBONE = tmp_path

    assert services.activate_checkpoint(checkpoint) == checkpoint
    assert checkpoint.require_files() == checkpoint.directory


def test_an_upgrade_lets_the_new_starter_write(db, settings, tmp_path):
    settings.GALLEY_STARTER_CHECKPOINT = tmp_path
    for digest in ("shipped-1", "shipped-2"):
        card = json.dumps({"digest": digest, "metrics": {}})
        (tmp_path / "card.json").write_text(card)
        services.ensure_starter_checkpoint()

    states = dict(Checkpoint.objects.values_list("digest", "status"))
    assert states == {"shipped-1": "retired", "shipped-2": "active"}


def test_an_upgrade_leaves_the_shops_own_checkpoint_writing(checkpoint, settings, tmp_path):
    settings.GALLEY_STARTER_CHECKPOINT = tmp_path
    (tmp_path / "card.json").write_text('{"digest": "shipped", "metrics": {}}')

    services.ensure_starter_checkpoint()

    assert Checkpoint.objects.active().get() == checkpoint


def test_feedback_without_decisions_is_refused_in_one_sentence(checkpoint):
    with pytest.raises(NothingToLearn, match="decide some drafts first"):
        training.train(feedback=True, corpus=[], minutes=1, seed=1, report=lambda _: None)

    assert Checkpoint.objects.count() == 1


def test_feedback_ends_in_an_inactive_child_of_the_active_checkpoint(draft, checkpoint):
    kept(Example.positive(draft, "A good text."))
    kept(Example.negative(draft, "dull", 0.7))
    Example.objects.update(is_held_out=False)

    child = training.train(feedback=True, corpus=[], minutes=1, seed=1, report=lambda _: None)

    assert (child.status, child.parent) == ("trained", checkpoint)
    assert child.metrics["lessons"] == 2
    assert Example.objects.filter(used_in=child).count() == 2


def test_refusals_alone_are_learnt_from_too(draft, checkpoint):
    kept(Example.negative(draft, "dull", 0.7))
    Example.objects.update(is_held_out=False)

    child = training.train(feedback=True, corpus=[], minutes=1, seed=1, report=lambda _: None)

    assert child.metrics["lessons"] == 1


def test_one_training_at_a_time(checkpoint, monkeypatch):
    monkeypatch.setattr("generation.tasks.train.delay", lambda pk: None)
    services.start_training(kind="full")

    with pytest.raises(RunNotStartable, match="under way"):
        services.start_training(kind="full")
