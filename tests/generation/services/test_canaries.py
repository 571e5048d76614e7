"""A trial: some slots are written by another checkpoint, always the same ones, and it ends once."""

from __future__ import annotations

import math

import pytest
from django.db import IntegrityError, transaction

from catalog.models import AuditEntry
from generation import drafting, services
from generation.errors import CanaryRefused, CheckpointUnfit, CheckpointUnusable
from generation.models import Canary, Checkpoint, Draft, Run, Slot
from tests.conftest import make_product
from tests.generation.plain_writer import FITNESS
from tests.generation.services.test_checkpoints import (
    DAMAGED,
    checkpoint_named,
    flip_a_byte,
)

SEED = 7


@pytest.fixture
def rival(checkpoint, settings) -> Checkpoint:
    """Another checkpoint, as fit as the active one."""
    Checkpoint.objects.filter(pk=checkpoint.pk).keep_figures(fitness=FITNESS)
    return checkpoint_named("rival", settings)


@pytest.fixture
def canary(rival, publisher) -> Canary:
    return services.start_canary(rival, share=50, user=publisher)


@pytest.fixture
def trial_run(canary, campaign, settings) -> Run:
    """Twelve slots in chunks of four, half of them for the rival on average."""
    settings.GALLEY_RUN_CHUNK = 4
    for number in range(2, 7):
        campaign.products.add(make_product(f"LM-TST-00{number}"))
    return services.start_run(campaign, seed=SEED, queue=False)


def authors(run: Run) -> list[tuple[int, str]]:
    rows = run.drafts.order_by("slot__ordinal")
    return list(rows.values_list("slot__ordinal", "checkpoint__name"))


def expected(run: Run, share: int = 50) -> list[tuple[int, str]]:
    return [
        (slot.ordinal, "rival" if drafting.is_canary_slot(SEED, slot.ordinal, share) else "first")
        for slot in run.slots.order_by("ordinal")
    ]


@pytest.mark.parametrize("share", [1, 10, 50])
def test_the_share_is_kept_over_many_slots(share):
    count = sum(drafting.is_canary_slot(run, 0, share) for run in range(10_000))

    # Four standard errors of a share of ten thousand.
    assert abs(count - 100 * share) < 4 * math.sqrt(share * (100 - share))


def test_who_writes_a_slot_depends_on_the_slot_alone(trial_run):
    drafting.fill_run(trial_run.pk)

    assert authors(trial_run) == expected(trial_run)
    assert {name for _, name in authors(trial_run)} == {"first", "rival"}


def test_a_run_that_is_tried_again_has_the_same_writers(trial_run, publisher):
    drafting.fill_run(trial_run.pk)
    before = authors(trial_run)
    Draft.objects.filter(slot__ordinal__lt=8).delete()
    Slot.objects.filter(ordinal__lt=8).update(outcome="open")
    Run.objects.update(status="failed")

    services.retry_run(trial_run)
    drafting.fill_run(trial_run.pk)

    assert authors(trial_run) == before == expected(trial_run)


def test_runs_that_started_before_the_trial_know_nothing_of_it(run, rival, publisher):
    services.start_canary(rival, share=50, user=publisher)

    drafting.fill_run(run.pk)

    assert {name for _, name in authors(run)} == {"first"}


def test_an_ended_trial_writes_nothing_more(trial_run, canary, publisher):
    services.end_canary(canary, user=publisher)

    drafting.fill_run(trial_run.pk)

    assert {name for _, name in authors(trial_run)} == {"first"}
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "canary.start",
        "canary.end",
    ]


def test_a_promoted_checkpoint_writes_everything_and_finishes_its_runs(
    trial_run, canary, rival, publisher
):
    services.promote_canary(canary, user=publisher)

    drafting.fill_run(trial_run.pk)

    canary.refresh_from_db()
    assert (canary.status, canary.ended_by) == ("promoted", publisher)
    assert Checkpoint.objects.active().get() == rival
    assert authors(trial_run) == expected(trial_run)
    assert AuditEntry.objects.filter(action="canary.promote").get().details["previous"] == "first"


def test_promotion_goes_through_the_gate(canary, rival, publisher):
    Checkpoint.objects.filter(pk=rival.pk).keep_figures(fitness=FITNESS | {"unsupported": 1})

    with pytest.raises(CheckpointUnfit, match="1 of 8 texts"):
        services.promote_canary(canary, user=publisher)

    canary.refresh_from_db()
    assert canary.status == Canary.Status.RUNNING
    assert Checkpoint.objects.active().get().name == "first"


@pytest.mark.parametrize("share", [0, 51, -1])
def test_a_share_out_of_range_is_refused_by_both(rival, checkpoint, share):
    with pytest.raises(CanaryRefused, match="from 1 to 50 per cent"):
        services.start_canary(rival, share=share)
    with pytest.raises(IntegrityError), transaction.atomic():
        Canary.objects.create(checkpoint=rival, against=checkpoint, share=max(share, 0))

    assert not Canary.objects.exists()


def test_there_is_one_trial_at_a_time_and_never_of_the_active_one(canary, checkpoint, rival):
    with pytest.raises(CanaryRefused, match="A trial is under way"):
        services.start_canary(rival, share=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Canary.objects.create(checkpoint=rival, against=checkpoint, share=5)
    services.end_canary(canary)
    with pytest.raises(CanaryRefused, match="writes already"):
        services.start_canary(checkpoint, share=5)
    with pytest.raises(CanaryRefused, match="ended already"):
        services.promote_canary(canary)

    assert Canary.objects.count() == 1


def test_weights_that_are_gone_are_not_tried(rival):
    (rival.directory / "card.json").unlink()

    with pytest.raises(CheckpointUnusable, match="are gone"):
        services.start_canary(rival, share=5)


def test_one_flipped_byte_keeps_a_trial_from_starting(rival):
    flip_a_byte(rival)

    with pytest.raises(CheckpointUnusable, match=DAMAGED.format("rival")):
        services.start_canary(rival, share=5)

    assert not Canary.objects.exists()
    assert not AuditEntry.objects.exists()


def test_one_flipped_byte_keeps_a_trial_from_being_promoted(canary, rival, publisher):
    flip_a_byte(rival)

    with pytest.raises(CheckpointUnusable, match=DAMAGED.format("rival")):
        services.promote_canary(canary, user=publisher, reason="All the same.")

    canary.refresh_from_db()
    assert canary.status == Canary.Status.RUNNING
    assert Checkpoint.objects.active().get().name == "first"


def test_a_trial_ends_when_another_checkpoint_takes_its_rivals_place(canary, settings, publisher):
    other = checkpoint_named("other", settings)

    services.activate_checkpoint(other, user=publisher)

    canary.refresh_from_db()
    assert (canary.status, canary.ended_by) == ("ended", publisher)


def test_a_trial_ends_when_its_rival_is_rolled_back(rival, settings, publisher):
    other = checkpoint_named("other", settings)
    services.activate_checkpoint(other, user=publisher)
    canary = services.start_canary(rival, share=5)

    services.roll_back(other, user=publisher)

    canary.refresh_from_db()
    assert (canary.status, canary.ended_by) == ("ended", publisher)


def test_the_page_compares_both_and_says_when_it_cannot_tell(client, publisher, trial_run):
    drafting.fill_run(trial_run.pk)
    ours = [draft.pk for draft in Draft.objects.filter(checkpoint__name="rival")]
    Draft.objects.filter(pk__in=ours[:2]).approve()
    Draft.objects.filter(pk__in=ours[2:3]).reject()
    client.force_login(publisher)

    page = client.get("/canaries/").content.decode()

    assert "rival writes 50 % of the next drafts" in page
    assert "66.7 %" in page  # two of three
    assert "20.8–93.9 %" in page  # Wilson's interval of them
    assert "Too few drafts are decided to tell" in page


def test_the_page_starts_promotes_and_ends(client, publisher, rival, canary):
    client.force_login(publisher)

    assert (
        "The trial has ended"
        in client.post(f"/canaries/{canary.pk}/end/", follow=True).content.decode()
    )
    client.post("/canaries/start/", {"checkpoint": rival.pk, "share": "20"})
    again = Canary.objects.running().get()
    assert (again.share, again.started_by) == (20, publisher)
    client.post(f"/canaries/{again.pk}/promote/")

    assert Checkpoint.objects.active().get() == rival


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"share": "51"}, "a whole number of per cent from 1 to 50"),
        ({"share": "many"}, "a whole number of per cent from 1 to 50"),
        ({"checkpoint": "0"}, "Choose a checkpoint that does not write already."),
        ({"checkpoint": ""}, "Choose the checkpoint that shall be on trial."),
    ],
)
def test_bad_input_gets_one_sentence(client, publisher, rival, wish, sentence):
    client.force_login(publisher)

    answer = client.post(
        "/canaries/start/", {"checkpoint": rival.pk, "share": "5"} | wish, follow=True
    )

    assert sentence in answer.content.decode()
    assert not Canary.objects.exists()


def test_who_may_only_look_sees_no_button_and_is_refused(client, editor, canary, rival):
    client.force_login(editor)

    page = client.get("/canaries/").content.decode()

    assert "<form" not in page.split("<main")[1]
    for path in (f"/canaries/{canary.pk}/end/", f"/canaries/{canary.pk}/promote/"):
        assert client.post(path).status_code == 403
    assert client.post("/canaries/start/").status_code == 403
    assert Canary.objects.running().exists()
