"""Bulk actions in the admin go through the desk's services."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from generation.models import Draft, Run, Slot
from review.models import AssignmentRule, Decision, SecondOpinionRule


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("generation.tasks.fill_run.delay", lambda pk: None)


def act(client, page: str, action: str, rows, **more):
    chosen = {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows], **more}
    return client.post(f"/admin/{page}/", chosen)


def answer_of(page) -> dict[str, list[str] | str]:
    """What a browser sends of the page that asks for the reason, as it came."""
    html = page.content.decode()
    fields: dict[str, list[str] | str] = {"reason": "", "note": ""}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html):
        fields.setdefault(name, []).append(value)
    return fields


def test_drafts_are_approved_in_bulk(admin_client, drafts):
    act(admin_client, "generation/draft", "approve_chosen", drafts)

    assert list(Decision.objects.values_list("verdict", flat=True)) == ["approved", "approved"]


def test_a_bulk_rejection_asks_why_first(admin_client, drafts):
    asked = act(admin_client, "generation/draft", "reject_chosen", drafts)
    assert "the writer learns from them" in asked.content.decode()
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


def test_all_of_more_drafts_than_a_form_has_fields_are_rejected(
    admin_client, drafts, settings, monkeypatch
):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 9
    monkeypatch.setattr("review.admin._SHOWN", 1)
    first = drafts[:1]
    asked = act(admin_client, "generation/draft", "reject_chosen", first, select_across="1")
    late = clone(drafts[0])
    assert "The first 1 of 2 are shown." in asked.content.decode()

    admin_client.post("/admin/generation/draft/", answer_of(asked) | {"reason": "dull"})

    assert set(Decision.objects.values_list("draft", flat=True)) == {row.pk for row in drafts}
    assert Draft.objects.awaiting_review().get() == late


def clone(draft: Draft) -> Draft:
    """Another draft for the same product, in a slot of its own."""
    slot = Slot.objects.get(pk=draft.slot_id)
    slot.pk, slot.ordinal, slot.variant = None, 99, 99
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
