"""A lot is judged by its sample: what passes, what does not, and what nobody may skip."""

from __future__ import annotations

import pytest
from django.utils import timezone

from generation.drafting import fill_run
from generation.models import Draft
from generation.services import close_campaign, start_run
from generation.statistics import sample_to_accept
from review.errors import BatchNotRead, BatchSettled, NotOneLot, TooFewToSample
from review.models import Assignment, Batch, BatchDraft, Decision
from review.services import (
    approve_draft,
    claim_draft,
    edit_draft,
    reading_of,
    reject_draft,
    release_drafts,
    settle_batch,
    start_batch,
    undo_decision,
    undo_group,
)
from tests.conftest import make_product


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("review.tasks.take_down.delay", lambda pk: None)
    monkeypatch.setattr("review.services.sampling.FEWEST", 4)


@pytest.fixture
def lot(campaign, checkpoint) -> list[int]:
    """Thirty English drafts of one kind by one checkpoint."""
    campaign.languages = ["en"]
    campaign.save()
    for number in range(2, 31):
        campaign.products.add(make_product(f"LM-TST-0{number:02}"))
    fill_run(start_run(campaign, seed=3, queue=False).pk)
    return list(Draft.objects.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def batch(lot, editor) -> Batch:
    return start_batch(lot, editor=editor)


def sample(batch: Batch) -> list[Draft]:
    return list(Draft.objects.filter(BatchDraft.objects.sampled_in(batch.pk)).order_by("pk"))


def test_a_sample_is_drawn_and_the_lot_is_the_editors(batch, lot, editor):
    assert len(sample(batch)) == sample_to_accept(30) < 30
    assert Assignment.objects.filter(editor=editor).count() == 30
    assert not Decision.objects.exists()


def test_the_rest_waits_for_the_end_of_the_sample(batch, editor):
    approve_draft(sample(batch)[0], editor=editor)

    with pytest.raises(BatchNotRead):
        settle_batch(batch, editor=editor)
    assert Decision.objects.count() == 1


def test_a_sample_that_passes_lets_the_rest_pass_as_one(batch, lot, editor):
    drawn = sample(batch)
    for draft in drawn:
        approve_draft(draft, editor=editor)

    outcome = settle_batch(batch, editor=editor)

    assert len(outcome.done) == 30 - len(drawn)
    assert not Draft.objects.awaiting_review().exists()
    assert settle_batch(Batch.objects.get(), editor=editor) == outcome  # asked twice, done once
    undo_group(outcome.group, editor=editor)
    assert Draft.objects.awaiting_review().count() == len(outcome.done)


@pytest.mark.parametrize("verdict", ["edit", "reject"])
def test_one_that_was_not_approved_as_it_was_gives_the_rest_back(batch, editor, verdict):
    first, *others = sample(batch)
    if verdict == "edit":
        edit_draft(first, editor=editor, text=f"{first.text} More.")
    else:
        reject_draft(first, editor=editor, reason="dull")
    for draft in others:
        approve_draft(draft, editor=editor)

    assert settle_batch(batch, editor=editor) is None

    assert Draft.objects.awaiting_review().count() == 30 - len(others) - 1
    assert not Assignment.objects.filter(draft__status="proposed").exists()
    with pytest.raises(BatchSettled):
        settle_batch(Batch.objects.get(), editor=editor)


def test_what_was_given_back_stays_so_for_a_page_that_saw_it_open(batch, editor):
    first, *others = sample(batch)
    rejection = reject_draft(first, editor=editor, reason="dull")
    for draft in others:
        approve_draft(draft, editor=editor)
    settle_batch(Batch.objects.get(), editor=editor)
    undo_decision(rejection, editor=editor)
    approve_draft(Draft.objects.get(pk=first.pk), editor=editor)
    assert reading_of(batch).passes

    with pytest.raises(BatchSettled):
        settle_batch(batch, editor=editor)  # read before it was given back

    assert Batch.objects.get().status == Batch.Status.FAILED
    assert not Decision.objects.filter(group=batch.group).exists()


def test_what_was_left_of_a_rest_waits_once_its_sample_passes_no_more(batch, editor, other_editor):
    drawn = sample(batch)
    approvals = [approve_draft(draft, editor=editor) for draft in drawn]
    held = Draft.objects.awaiting_review().first()
    claim_draft(held, editor=other_editor)
    settle_batch(batch, editor=editor)
    undo_decision(approvals[0], editor=editor)
    reject_draft(Draft.objects.get(pk=drawn[0].pk), editor=editor, reason="dull")
    release_drafts({held.pk: timezone.now()}, editor=other_editor)

    with pytest.raises(BatchSettled):
        settle_batch(Batch.objects.get(), editor=editor)

    held.refresh_from_db()
    assert held.status == "proposed"


def test_a_sample_that_cannot_be_read_any_more_passes_nothing(batch, campaign, editor):
    approve_draft(sample(batch)[0], editor=editor)
    close_campaign(campaign)

    reading = reading_of(batch)

    assert (reading.is_read, reading.passes, reading.rest) == (True, False, 0)
    assert settle_batch(batch, editor=editor) is None


def test_a_mixture_is_no_lot(drafts, editor):
    with pytest.raises(NotOneLot):
        start_batch([draft.pk for draft in drafts], editor=editor)


def test_of_a_few_each_is_read(lot, editor):
    with pytest.raises(TooFewToSample):
        start_batch(lot[:3], editor=editor)
    assert not Batch.objects.exists()


def test_the_pages_lead_through_it(client, lot, editor):
    client.force_login(editor)
    asked = client.post("/review/bulk/", {"drafts": ",".join(map(str, lot)), "action": "sample"})
    assert "Judge 30 drafts by a sample?" in asked.content.decode()

    group = asked.context["group"]
    sent = {"drafts": ",".join(map(str, lot)), "action": "sample", "group": group}
    page = client.post("/review/bulk/decide/", sent, follow=True).content.decode()

    batch = Batch.objects.get()
    assert page.count('<li id="row-') == len(sample(batch))
    assert f"Sample {batch.pk}" in page
    place = f"/review/batches/{batch.pk}/"
    assert "not read to its end" in client.get(place).content.decode()
    for draft in sample(batch):
        approve_draft(draft, editor=editor)
    assert (
        "This sample is read" in client.get(f"/review/?view=mine&batch={batch.pk}").content.decode()
    )
    rest = 30 - len(sample(batch))
    assert f"Approve the rest: {rest}" in client.get(place).content.decode()
    done = client.post(f"{place}settle/", follow=True).content.decode()
    assert f"{rest} drafts decided." in done
    assert Batch.objects.get().status == Batch.Status.PASSED


def test_the_number_of_a_large_rest_is_typed(client, batch, editor, monkeypatch):
    monkeypatch.setattr("review.forms.UNCONFIRMED", 5)
    client.force_login(editor)
    for draft in sample(batch):
        approve_draft(draft, editor=editor)
    place, rest = f"/review/batches/{batch.pk}/", reading_of(batch).rest
    assert f"Type {rest} to confirm" in client.get(place).content.decode()

    for typed in ("", str(rest + 1)):
        answer = client.post(f"{place}settle/", {"typed": typed})
        assert answer.status_code == 422
        assert f"Type {rest} to confirm that you mean all of these" in answer.content.decode()
    assert Batch.objects.get().status == Batch.Status.OPEN

    client.post(f"{place}settle/", {"typed": f" {rest} "})
    assert Batch.objects.get().status == Batch.Status.PASSED


def test_a_batch_is_its_editors_alone(client, batch, other_editor):
    client.force_login(other_editor)

    assert client.get(f"/review/batches/{batch.pk}/").status_code == 404
    assert client.post(f"/review/batches/{batch.pk}/settle/").status_code == 404
