"""Views of the queue, its filters, and many drafts at once, as a browser sends them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Campaign
from generation.models import Draft, DraftFinding, Run
from review.models import Assignment, Decision, QueueView, SecondOpinionRule
from review.services import approve_draft, assign_drafts, defer_draft, reject_draft
from tests.conftest import make_user

HTMX = {"HX-Request": "true", "HX-Target": "work"}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("review.tasks.take_down.delay", lambda pk: None)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def shown(page: str) -> int:
    return page.count('<li id="row-')


def get(desk, query: str) -> str:
    return desk.get(f"/review/?{query}").content.decode()


def test_a_draft_is_put_off_and_comes_back(desk, drafts):
    first = drafts[0]

    asked = desk.get(f"/review/drafts/{first.pk}/defer/", headers=HTMX).content.decode()
    assert 'name="hours"' in asked
    answer = desk.post(
        f"/review/drafts/{first.pk}/defer/", {"version": 1, "hours": "4"}, headers=HTMX
    )

    assert answer.status_code == 200
    assert f'id="draft-{drafts[1].pk}"' in answer.content.decode()
    later = get(desk, "view=later")
    assert shown(later) == 1
    assert "Bring it back now" in later
    desk.post(f"/review/drafts/{first.pk}/bring-back/", headers=HTMX)
    assert Draft.objects.get(pk=first.pk).status == Draft.Status.PROPOSED


def test_putting_off_without_a_time_gets_one_sentence(desk, draft):
    answer = desk.post(f"/review/drafts/{draft.pk}/defer/", {"version": 1}, headers=HTMX)

    assert answer.status_code == 422
    assert "Choose when the draft comes back." in answer.content.decode()


def test_the_second_opinion_is_asked_of_others(client, drafts, editor, other_editor):
    SecondOpinionRule.objects.create(name="every draft", share=100)
    approve_draft(drafts[0], editor=editor)
    client.force_login(editor)
    own = client.get(f"/review/drafts/{drafts[0].pk}/").content.decode()
    assert "somebody else gives the second opinion" in own
    assert 'data-key="a"' not in own
    assert shown(get(client, "view=second")) == 0

    client.force_login(other_editor)
    page = get(client, "view=second")

    assert shown(page) == 1
    assert "A second opinion is wanted before it goes out." in page
    answer = client.post(f"/review/drafts/{drafts[0].pk}/approve/?view=second", {"version": 2})
    assert answer.status_code == 302
    assert Draft.objects.get(pk=drafts[0].pk).status == Draft.Status.APPROVED


def test_an_edit_shows_the_second_what_the_first_wrote(client, draft, editor, other_editor):
    SecondOpinionRule.objects.create(name="edits", of_edits=True)
    client.force_login(editor)
    words = f"{draft.text} And it lasts."
    client.post(f"/review/drafts/{draft.pk}/edit/", {"version": 1, "text": words})

    client.force_login(other_editor)
    page = get(client, "view=second")
    form = client.get(f"/review/drafts/{draft.pk}/edit/", headers=HTMX).content.decode()

    assert "<ins>" in page
    assert "And it lasts." in form


def test_what_is_somebodys_is_handed_to_nobody_else(desk, drafts, editor, other_editor, publisher):
    assign_drafts([drafts[0].pk], to=other_editor, by=publisher)
    assign_drafts([drafts[1].pk], to=editor, by=publisher)

    assert shown(get(desk, "")) == 1
    assert shown(get(desk, "view=mine")) == 1
    assert shown(get(desk, "view=all")) == 2
    assert shown(get(desk, "view=all&assignee=zhou")) == 1
    assert shown(get(desk, "view=all&assignee=-")) == 0


def test_where_all_is_assigned_to_others_the_desk_says_so(desk, drafts, other_editor, publisher):
    assign_drafts([draft.pk for draft in drafts], to=other_editor, by=publisher)

    assert "What waits is assigned to others" in get(desk, "")


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ("category=kitchen", 2),
        ("category=garden", 2),  # an unknown value is as good as none
        ("channel=storefront", 2),
        ("score=high", 1),
        ("score=low", 1),
        ("finding=any", 1),
        ("finding=like_title", 1),
        ("finding=repeated", 0),
        ("older=3", 1),
        ("view=late", 1),
        ("view=nonsense", 2),
    ],
)
def test_the_queue_can_be_narrowed_by_more(desk, drafts, filters, rows):
    finding = {"code": "like_title", "severity": "soft", "start": 0, "end": 1, "values": {}}
    four_days_ago = timezone.now() - timedelta(days=4)
    Run.objects.update(created_at=four_days_ago)
    Draft.objects.filter(pk=drafts[0].pk).update(
        score=0.9, findings=[finding], created_at=four_days_ago
    )
    DraftFinding.objects.keep(Draft.objects.all())
    Draft.objects.filter(pk=drafts[1].pk).update(score=0.2)

    assert shown(get(desk, filters)) == rows


def test_what_is_late_says_so(desk, drafts):
    Campaign.objects.update(due_at=timezone.now() - timedelta(hours=1))

    assert get(desk, "view=late").count("tag--red") == 2


def test_what_was_refused_twice_has_a_view(desk, campaign, checkpoint, editor):
    from generation.drafting import fill_run  # noqa: PLC0415
    from generation.services import start_run  # noqa: PLC0415

    for seed in (1, 2, 3):
        fill_run(start_run(campaign, seed=seed, queue=False).pk)
        if seed < 3:
            draft = Draft.objects.awaiting_review().filter(language="en").first()
            reject_draft(draft, editor=editor, reason="dull")

    assert shown(get(desk, "view=again")) == 1


def test_views_are_kept_shared_and_forgotten(client, drafts, editor, other_editor, publisher):
    client.force_login(editor)
    client.post("/review/views/?language=en", {"name": "English", "is_shared": "on"})
    view = QueueView.objects.get()
    assert (view.filters, view.is_shared) == ("language=en", False)  # editors share nothing
    assert "English</a>" in get(client, "")
    client.force_login(other_editor)
    assert 'href="?language=en"' not in get(client, "")
    assert client.post(f"/review/views/{view.pk}/delete/").status_code == 404

    client.force_login(editor)
    client.post(f"/review/views/{view.pk}/delete/")

    assert not QueueView.objects.exists()


def test_a_view_of_nothing_is_not_kept(desk, db):
    page = desk.post("/review/views/", {"name": "All"}, follow=True).content.decode()

    assert "Choose a filter first" in page
    assert not QueueView.objects.exists()


def test_many_are_shown_before_anything_happens(desk, drafts):
    numbers = [draft.pk for draft in drafts]

    page = desk.post("/review/bulk/", {"drafts": numbers, "action": "approve"}).content.decode()

    assert "Approve 2 drafts?" in page
    assert drafts[0].text in page
    assert not Decision.objects.exists()


def test_all_of_a_view_are_meant_by_its_filters(desk, drafts):
    page = desk.post("/review/bulk/?language=en", {"all": "on", "action": "reject"})

    assert "Reject 1 draft?" in page.content.decode()


def test_many_are_decided_and_taken_back_as_one(desk, drafts, editor):
    sent = {"drafts": ",".join(str(draft.pk) for draft in drafts), "group": str(uuid4())}

    page = desk.post("/review/bulk/decide/", {**sent, "action": "approve"}, follow=True)

    assert "2 drafts decided." in page.content.decode()
    assert {one.source for one in Decision.objects.all()} == {"bulk"}
    assert f'name="group" value="{sent["group"]}"' in page.content.decode()
    back = desk.post("/review/bulk/undo/", {"group": sent["group"]}, follow=True).content.decode()
    assert "2 decisions taken back." in back
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.PROPOSED}


@pytest.mark.parametrize(
    ("place", "back"),
    [
        ("/admin/generation/draft/?p=1", "/admin/generation/draft/?p=1"),
        ("https://elsewhere.example/", "/review/"),
        ("//elsewhere.example/", "/review/"),
        ("", "/review/"),
    ],
)
def test_what_is_taken_back_leads_to_the_page_of_ours_that_asked(desk, drafts, place, back):
    sent = {"drafts": ",".join(str(draft.pk) for draft in drafts), "group": str(uuid4())}
    desk.post("/review/bulk/decide/", {**sent, "action": "approve"})

    answer = desk.post("/review/bulk/undo/", {"group": sent["group"], "next": place})

    assert answer.url == back


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_the_undo_of_the_desk_takes_back_what_was_decided_together(desk, drafts, headers):
    sent = {"drafts": ",".join(str(draft.pk) for draft in drafts), "group": str(uuid4())}
    desk.post("/review/bulk/decide/", {**sent, "action": "approve"})

    answer = desk.post("/review/undo/", headers=headers, follow=True)

    assert "2 decisions taken back." in answer.content.decode()
    assert f'id="draft-{drafts[-1].pk}"' in answer.content.decode()
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.PROPOSED}


def test_one_of_them_is_taken_back_by_its_name(desk, drafts):
    sent = {"drafts": ",".join(str(draft.pk) for draft in drafts), "group": str(uuid4())}
    desk.post("/review/bulk/decide/", {**sent, "action": "approve"})
    first = Decision.objects.get(draft=drafts[0])

    desk.post("/review/undo/", {"decision": first.pk}, headers=HTMX)

    assert [Draft.objects.get(pk=draft.pk).is_open for draft in drafts] == [True, False]


def test_above_twenty_their_number_is_typed(desk, drafts, monkeypatch):
    for place in ("forms", "views.bulk"):
        monkeypatch.setattr(f"review.{place}.UNCONFIRMED", 1)
    sent = {"drafts": ",".join(str(draft.pk) for draft in drafts), "group": str(uuid4())}
    sent["action"] = "approve"

    answer = desk.post("/review/bulk/decide/", {**sent, "typed": "3"})
    assert answer.status_code == 422
    assert "Type 2 to confirm" in answer.content.decode()
    assert not Decision.objects.exists()

    desk.post("/review/bulk/decide/", {**sent, "typed": "2"})
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"action": "reject"}, "Choose a reason"),
        ({"action": "defer"}, "Choose when the draft comes back."),
        ({"action": "publish"}, "Choose what is to become"),
        ({}, "Choose what is to become"),
    ],
)
def test_what_is_missing_is_said_and_nothing_happens(desk, drafts, sent, words):
    sent = {"drafts": str(drafts[0].pk), "group": str(uuid4()), **sent}

    page = desk.post("/review/bulk/decide/", sent, follow=True).content.decode()

    assert words in page
    assert not Decision.objects.exists()


def test_marks_that_are_none_choose_nothing(desk, drafts):
    sent = {"drafts": "x,-1,99999999999999999999", "action": "approve"}

    page = desk.post("/review/bulk/", sent, follow=True).content.decode()

    assert "Choose the drafts first" in page


def test_many_are_assigned(desk, drafts, other_editor):
    numbers = ",".join(str(draft.pk) for draft in drafts)
    page = desk.post("/review/bulk/", {"drafts": numbers, "action": "assign"}).content.decode()
    assert "zhou" in page

    sent = {"drafts": numbers, "action": "assign", "group": str(uuid4())}
    desk.post("/review/bulk/decide/", {**sent, "editor": other_editor.pk})

    assert {one.editor for one in Assignment.objects.all()} == {other_editor}


def test_a_card_says_whose_it_is_and_leads_to_where_that_is_changed(
    desk, drafts, editor, other_editor, django_assert_num_queries
):
    place = f"/review/drafts/{drafts[0].pk}/"
    desk.get(place)
    with CaptureQueriesContext(connection) as before:
        assert "draft-card__whose" not in desk.get(place).content.decode()
    assign_drafts([drafts[0].pk], to=other_editor, by=editor)

    with django_assert_num_queries(len(before)):
        page = desk.get(place).content.decode()

    assert "Assigned to <b>zhou</b>" in page
    card = re.search(r'<form class="draft-card__whose".*?</form>', page, re.DOTALL)[0]
    action, sent = form_of(card)
    answer = desk.post(action, sent).content.decode()
    assert "Assign 1 draft?" in answer
    action, sent = form_of(answer[answer.index('<form class="form-grid"') :])
    desk.post(action, {**sent, "editor": editor.pk})
    assert Assignment.objects.get().editor == editor


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Where the first form of a page goes, and what it sends by itself."""
    form = page[: page.index("</form>")]
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return html.unescape(re.search(r'action="([^"]*)"', form)[1]), dict(sent)


def test_who_only_reads_sees_whose_a_draft_is(client, drafts, editor):
    assign_drafts([drafts[0].pk], to=editor, by=editor)
    client.force_login(make_user("reader", ()))

    page = client.get(f"/review/drafts/{drafts[0].pk}/").content.decode()

    card = re.search(r'<form class="draft-card__whose".*?</form>', page, re.DOTALL)[0]
    assert "Assigned to <b>lin</b>" in card
    assert "<button" not in card


def test_whose_a_draft_was_is_not_said_once_it_is_decided(desk, drafts, editor):
    assign_drafts([drafts[0].pk], to=editor, by=editor)
    approve_draft(drafts[0], editor=editor)

    assert "draft-card__whose" not in desk.get(f"/review/drafts/{drafts[0].pk}/").content.decode()


def test_who_only_reads_decides_nothing_in_bulk(client, drafts):
    client.force_login(make_user("reader", ()))
    page = client.get("/review/").content.decode()
    assert 'id="bulk"' not in page

    for place in ("bulk/", "bulk/decide/", "bulk/undo/"):
        assert client.post(f"/review/{place}").status_code == 403


def test_what_put_a_draft_where_it_is_is_said(desk, draft):
    for change, words in (
        ({"score": 0.9}, "it comes early"),
        ({"score": 0.5}, "your verdict teaches it most"),
        ({"score": 0.1}, "it comes late"),
        ({"is_random": True}, "one draft in twenty"),
    ):
        Draft.objects.filter(pk=draft.pk).update(findings=[], **change)
        assert words in desk.get(f"/review/drafts/{draft.pk}/").content.decode()


def test_every_view_asks_few_questions(desk, drafts, editor, django_assert_max_num_queries):
    desk.get("/review/")
    with django_assert_max_num_queries(8):
        desk.get("/review/?view=second")
    defer_draft(drafts[0], editor=editor, until=timezone.now() + timedelta(hours=1))
    with django_assert_max_num_queries(8):
        desk.get("/review/?view=later")
