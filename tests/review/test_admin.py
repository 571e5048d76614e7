"""Bulk actions in the admin go through the desk's services."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User

from generation.models import Draft, Run, Slot
from review.models import AssignmentRule, Decision, Publication, SecondOpinionRule
from review.services import approve_draft, claim_draft, reject_draft


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("review.tasks.take_down.delay", lambda pk: None)
    monkeypatch.setattr("generation.tasks.fill_run.delay", lambda pk: None)


def act(client, page: str, action: str, rows, **more):
    chosen = {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows], **more}
    return client.post(f"/admin/{page}/", chosen)


def answer_of(page) -> dict[str, list[str] | str]:
    """What a browser sends of the page that asks, as it came."""
    html = page.content.decode()
    fields: dict[str, list[str] | str] = {"reason": "", "note": ""}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html):
        fields.setdefault(name, []).append(value)
    return fields


def confirm(client, page: str, action: str, rows, **more):
    """Choose rows and an action, and send what the page that asks has in it."""
    asked = act(client, page, action, rows)
    return client.post(f"/admin/{page}/", answer_of(asked) | more, follow=True)


def test_an_approval_is_shown_before_it_happens(admin_client, drafts, editor, other_editor):
    rule = SecondOpinionRule.objects.create(name="every draft", share=100)
    admin = User.objects.get(username="admin")
    own, held, gone, free = [*drafts, clone(drafts[0], 98), clone(drafts[1], 99)]
    approve_draft(own, editor=admin)
    claim_draft(own, editor=editor)  # who gives the second opinion on it: it is counted once
    claim_draft(held, editor=other_editor)
    reject_draft(gone, editor=editor, reason="dull")
    rule.delete()

    page = act(admin_client, "generation/draft", "approve_chosen", [own, held, gone, free])

    html = re.sub(r"\s+", " ", page.content.decode())
    assert "<h1>Approve 4 drafts?</h1>" in html
    assert '<b class="num">1</b> approved, and sent to their channels' in html
    rows = {row.pk: f"/admin/generation/draft/{row.pk}/change/" for row in Draft.objects.all()}
    parts = html.split("<h2>")
    for words, draft in (
        ("All of them", free),
        ("1 open on other desks, left as they are", held),
        ("1 accepted by yourself: somebody else gives the second opinion", own),
        ("1 decided or put off already, left as they are", gone),
    ):
        part = next(part for part in parts if part.startswith(f"{words}</h2>"))
        assert [pk for pk, place in rows.items() if place in part] == [draft.pk]
    assert Draft.objects.get(pk=free.pk).status == Draft.Status.PROPOSED


def test_what_is_confirmed_is_approved_and_taken_back_as_one(admin_client, drafts):
    page = confirm(admin_client, "generation/draft", "approve_chosen", drafts).content.decode()

    assert [(one.verdict, one.source) for one in Decision.objects.all()] == [
        ("approved", "admin"),
        ("approved", "admin"),
    ]
    assert "2 drafts decided. Undo takes all of it back as one" in page
    sent = dict(re.findall(r'<input type="hidden" name="(group|next)" value="([^"]*)"', page))
    back = admin_client.post("/review/bulk/undo/", sent, follow=True)
    assert back.redirect_chain == [("/admin/generation/draft/", 302)]
    assert "2 decisions taken back." in back.content.decode()
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.PROPOSED}


def test_an_approval_that_comes_twice_is_one(admin_client, drafts):
    asked = answer_of(act(admin_client, "generation/draft", "approve_chosen", drafts))
    admin_client.post("/admin/generation/draft/", asked)

    again = admin_client.post("/admin/generation/draft/", asked, follow=True).content.decode()

    assert "2 drafts decided." in again
    assert "stay as they are" not in again
    assert Decision.objects.count() == 2


def test_one_that_is_approved_is_taken_back_on_the_desk(admin_client, draft):
    page = confirm(admin_client, "generation/draft", "approve_chosen", [draft]).content.decode()

    assert "1 draft decided. Undo on the desk takes it back, for 10 minutes." in page
    assert "bulk/undo" not in page
    admin_client.post("/review/undo/")
    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PROPOSED


@pytest.mark.parametrize("action", ["approve_chosen", "reject_chosen"])
def test_above_as_many_as_on_the_desk_their_number_is_typed(
    admin_client, drafts, monkeypatch, action
):
    monkeypatch.setattr("review.forms.UNCONFIRMED", 1)
    asked = act(admin_client, "generation/draft", action, drafts)
    assert "Type 2 to confirm that you mean all of them" in asked.content.decode()
    answer = answer_of(asked) | {"reason": "dull"}

    refused = admin_client.post("/admin/generation/draft/", answer | {"typed": "3"})
    assert refused.status_code == 422
    assert "Type 2 to confirm that you mean all of these drafts." in refused.content.decode()
    assert answer_of(refused)["group"] == answer["group"]
    assert Decision.objects.count() == 0

    admin_client.post("/admin/generation/draft/", answer | {"typed": "2"})
    assert Decision.objects.count() == 2


def test_up_to_as_many_nothing_is_typed(admin_client, drafts):
    asked = act(admin_client, "generation/draft", "approve_chosen", drafts)

    assert 'name="typed"' not in asked.content.decode()


def test_where_nothing_would_happen_there_is_no_button(admin_client, draft, editor):
    reject_draft(draft, editor=editor, reason="dull")

    page = act(admin_client, "generation/draft", "approve_chosen", [draft]).content.decode()

    assert "1</b> decided or put off already" in page
    assert "Approve them" not in page


def test_a_bulk_rejection_asks_why_first(admin_client, drafts):
    asked = act(admin_client, "generation/draft", "reject_chosen", drafts)
    assert "the writer learns half as much from each" in asked.content.decode()
    assert Decision.objects.count() == 0

    admin_client.post("/admin/generation/draft/", answer_of(asked) | {"reason": "dull"})

    assert list(Decision.objects.values_list("reason", flat=True)) == ["dull", "dull"]


def test_a_bulk_rejection_without_a_reason_is_one_sentence(admin_client, drafts):
    asked = act(admin_client, "generation/draft", "reject_chosen", drafts)
    assert '<option value="" selected>' in asked.content.decode()

    again = admin_client.post("/admin/generation/draft/", answer_of(asked))

    page = again.content.decode()
    assert page.count("Choose a reason: the writer learns from it.") == 1
    assert answer_of(again)["chosen"] == answer_of(asked)["chosen"]
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("action", ["approve_chosen", "reject_chosen"])
def test_all_of_more_drafts_than_a_form_has_fields_are_decided(
    admin_client, drafts, settings, monkeypatch, action
):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 9
    monkeypatch.setattr("review.admin.confirming._SHOWN", 1)
    first = drafts[:1]
    asked = act(admin_client, "generation/draft", action, first, select_across="1")
    late = clone(drafts[0])
    assert "The first 1 of them" in asked.content.decode()

    admin_client.post("/admin/generation/draft/", answer_of(asked) | {"reason": "dull"})

    assert set(Decision.objects.values_list("draft", flat=True)) == {row.pk for row in drafts}
    assert Draft.objects.awaiting_review().get() == late


def test_texts_are_withdrawn_and_published_again(admin_client, drafts, editor):
    approve_draft(drafts[0], editor=editor)
    publication = Publication.objects.get()

    asked = act(admin_client, "review/publication", "withdraw_chosen", [publication])
    assert "1</b> taken off their channels" in asked.content.decode()
    assert Publication.objects.get().status == Publication.Status.QUEUED
    page = confirm(admin_client, "review/publication", "withdraw_chosen", [publication])
    assert "1 publication withdrawn. To bring a text back" in page.content.decode()
    again = act(admin_client, "review/publication", "withdraw_chosen", [publication])
    assert "1</b> left as they are: This text is not on a shelf" in again.content.decode()
    assert "Withdraw them" not in again.content.decode()

    asked = act(admin_client, "generation/draft", "publish_chosen", drafts).content.decode()
    assert "1</b> sent to their channels again" in asked
    assert "1</b> left as they are: This draft is not approved yet" in asked
    page = confirm(admin_client, "generation/draft", "publish_chosen", drafts).content.decode()
    assert "1 draft published again. To take a text off again" in page
    assert "1 stays as it is. This draft is not approved yet" in page
    assert Publication.objects.get().status == Publication.Status.QUEUED


def clone(draft: Draft, place: int = 99) -> Draft:
    """Another draft for the same product, in a slot of its own."""
    slot = Slot.objects.get(pk=draft.slot_id)
    slot.pk, slot.ordinal, slot.variant = None, place, place
    slot.save(force_insert=True)
    late = Draft.objects.get(pk=draft.pk)
    late.pk, late.slot = None, slot
    late.save(force_insert=True)
    return late


def test_campaigns_are_written_for_in_bulk(admin_client, campaign, checkpoint):
    act(admin_client, "catalog/campaign", "write_drafts", [campaign])

    assert Run.objects.get().campaign == campaign


def test_campaigns_are_closed_in_bulk_with_their_drafts(admin_client, campaign, drafts):
    act(admin_client, "catalog/campaign", "close_campaigns", [campaign])

    campaign.refresh_from_db()
    assert campaign.status == "closed"
    assert not Draft.objects.awaiting_review().exists()


def test_both_fields_of_a_moment_have_names(admin_client, campaign):
    page = admin_client.get(f"/admin/catalog/campaign/{campaign.pk}/change/").content.decode()

    named = re.findall(r'<input type="text" name="(\w+_[01])"[^>]* aria-label="([^"]+)"', page)
    assert ("due_at_0", "wanted by: date") in named
    assert ("due_at_1", "wanted by: time") in named
    assert len(named) == 6


def test_a_draft_can_be_read_and_not_changed(admin_client, draft):
    path = f"/admin/generation/draft/{draft.pk}/change/"
    assert draft.text.split(":")[0] in admin_client.get(path).content.decode()

    admin_client.post(path, {"text": "changed"})

    assert Draft.objects.get(pk=draft.pk).text == draft.text


@pytest.mark.parametrize(
    "page",
    [
        "catalog/product",
        "catalog/campaign",
        "catalog/buyerreview",
        "generation/run",
        "generation/checkpoint",
        "generation/example",
        "review/comment",
        "review/decision",
        "review/notification",
        "review/publication",
        "review/shelfcopy",
    ],
)
def test_every_list_opens(admin_client, draft, page):
    assert admin_client.get(f"/admin/{page}/").status_code == 200


def test_an_administrator_makes_rules(admin_client, editor):
    rule = {"name": "Edits", "of_edits": "on", "share": "0", "is_active": "on"}
    admin_client.post("/admin/review/secondopinionrule/add/", rule)
    given = {"name": "All", "editors": [editor.pk], "is_active": "on"}
    admin_client.post("/admin/review/assignmentrule/add/", given)

    assert SecondOpinionRule.objects.get().of_edits
    assert list(AssignmentRule.objects.get().editors.all()) == [editor]


def test_a_rule_without_a_condition_gets_one_sentence(admin_client):
    rule = {"name": "Nothing", "share": "0", "is_active": "on"}
    page = admin_client.post("/admin/review/secondopinionrule/add/", rule).content.decode()

    assert "Choose at least one condition, or a share of all." in page
    assert not SecondOpinionRule.objects.exists()
