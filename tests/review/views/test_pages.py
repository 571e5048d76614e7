"""The editors' pages and the shop, for htmx and for a plain browser."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.forms import whole_number
from catalog.models import AuditEntry, ContentKind
from generation.models import Draft, DraftWords, Slot
from review import delivery
from review.models import Claim, Decision, Publication, ShelfCopy
from review.services import (
    approve_draft,
    assign_drafts,
    claim_draft,
    end_tour,
    reject_draft,
    take_over_draft,
    undo_decision,
)
from tests.conftest import EDITOR, make_product, make_user

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


@pytest.fixture
def desk(client, editor):
    """A signed-in editor's browser."""
    client.force_login(editor)
    return client


def url(name: str, draft: Draft) -> str:
    return reverse(f"review:{name}", args=[draft.pk])


def test_the_desk_asks_for_a_name(client, db):
    answer = client.get("/review/")

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/review/")


def test_the_desk_shows_the_queue_and_the_best_draft(desk, drafts):
    page = desk.get("/review/").content.decode()

    assert page.count('<li id="row-') == 2
    assert page.count("data-current") == 1
    assert 'class="draft-card"' in page


def test_an_empty_desk_says_why(desk, db):
    assert "Every draft is decided" in desk.get("/review/").content.decode()
    assert "No draft matches" in desk.get("/review/?language=en").content.decode()


@pytest.mark.parametrize(("filters", "rows"), [("language=en", 1), ("kind=ad", 0), ("q=LM-TST", 2)])
def test_the_queue_can_be_narrowed(desk, drafts, filters, rows):
    page = desk.get(f"/review/?{filters}").content.decode()

    assert page.count('<li id="row-') == rows


def test_an_approval_is_answered_by_the_next_draft(desk, drafts):
    answer = desk.post(url("draft-approve", drafts[0]), {"version": 1}, headers=HTMX)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'id="draft-{drafts[1].pk}"' in page
    assert 'hx-swap-oob="true"' in page
    assert Decision.objects.get().verdict == "approved"


def test_a_page_has_the_next_draft_before_it_is_asked_for(desk, drafts, editor):
    desk.get("/review/")

    answer = desk.get(f"/review/ahead/?shown={drafts[0].pk}").json()

    assert answer["ahead"]["draft"] == drafts[1].pk
    html = answer["ahead"]["html"]
    assert f'id="draft-{drafts[1].pk}"' in html
    assert url("draft-approve", drafts[1]) in html
    assert "<b>1</b> draft waits" in html  # as it will be when it is shown
    assert 'id="messages"' not in html
    assert set(Claim.objects.values_list("draft", "editor")) == {
        (draft.pk, editor.pk) for draft in drafts
    }


def test_a_page_is_told_how_many_wait_after_what_others_did(
    desk, drafts, other_editor, django_assert_num_queries
):
    assert "1 waits</p>" in desk.get("/review/counts/?language=en").content.decode()
    english = next(draft for draft in drafts if draft.language == "en")
    approve_draft(english, editor=other_editor)

    with django_assert_num_queries(4):  # session, account, permissions, and one count
        numbers = desk.get("/review/counts/?language=en").content.decode()

    assert "0 wait</p>" in numbers
    assert "<b>0</b> drafts wait" in numbers
    assert numbers.count('hx-swap-oob="true"') == 2


def test_what_a_page_has_decided_and_not_sent_yet_is_held_and_comes_next_no_more(
    desk, drafts, editor
):
    decided, other = drafts
    desk.get(f"/review/drafts/{decided.pk}/")

    answer = desk.get(f"/review/ahead/?shown=&unsent={decided.pk}").json()

    assert answer["ahead"]["draft"] == other.pk
    assert Claim.objects.filter(editor=editor).count() == 2
    ids = f"{decided.pk},{other.pk}"
    assert desk.get(f"/review/ahead/?shown=&unsent={ids}").json()["ahead"] is None
    assert desk.get("/review/ahead/?shown=&unsent=x,-1").json()["ahead"] is not None


def test_a_page_that_has_gone_on_gets_the_news_and_the_draft_after(desk, drafts):
    approved, shown = drafts
    carried = {"version": 1, "shown": shown.pk}

    answer = desk.post(url("draft-approve", approved), carried, headers=HTMX)

    found = answer.json()
    assert answer.status_code == 200
    assert found["ahead"] is None
    assert "Approved: Hearth skillet" in found["news"]
    assert f'data-gone="{approved.pk}"' in found["news"]
    assert "<b>1</b> draft waits" in found["news"]
    assert 'id="work"' not in found["news"]
    assert Decision.objects.get().draft == approved


@pytest.mark.parametrize("verdict", ["approve", "edit", "reject"])
def test_a_page_that_has_gone_on_is_told_what_was_not_decided(desk, drafts, other_editor, verdict):
    decided, shown = drafts
    approve_draft(decided, editor=other_editor)
    carried = {"version": 1, "shown": shown.pk, "text": f"{decided.text} Mine.", "reason": "dull"}

    answer = desk.post(url(f"draft-{verdict}", decided), carried, headers=HTMX)

    news = answer.json()["news"]
    assert answer.status_code == 409
    assert "Not decided: Hearth skillet 🍳. zhou was faster" in news
    assert f'href="{url("draft-detail", decided)}?"' in news
    assert f'data-gone="{decided.pk}"' not in news
    assert Decision.objects.count() == 1


def test_a_page_that_has_gone_on_is_told_of_a_text_that_was_refused(desk, drafts):
    edited, shown = drafts
    carried = {"version": 1, "shown": shown.pk, "text": "The best pan, 99 cm." * 6}

    answer = desk.post(url("draft-edit", edited), carried, headers=HTMX)

    assert answer.status_code == 422
    assert "Not decided: Hearth skillet 🍳. " in answer.json()["news"]
    assert not Decision.objects.exists()


def test_who_only_reads_has_no_draft_held(client, drafts, db):
    client.force_login(make_user("reader", ()))

    assert client.get(f"/review/ahead/?shown={drafts[0].pk}").status_code == 403
    assert not Claim.objects.exists()


def test_a_plain_browser_is_sent_to_the_desk(desk, draft):
    answer = desk.post(url("draft-approve", draft), {"version": 1})

    assert (answer.status_code, answer["Location"]) == (302, "/review/")


def test_a_decision_that_came_late_says_so(desk, draft, other_editor):
    approve_draft(draft, editor=other_editor)

    answer = desk.post(
        url("draft-edit", draft),
        {"version": 1, "text": draft.text + " My own words."},
        headers=HTMX,
    )

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "zhou was faster" in page
    assert "My own words." in page
    assert Decision.objects.count() == 1


def test_a_rejection_without_a_reason_gets_one_sentence(desk, draft):
    answer = desk.post(url("draft-reject", draft), {"version": 1}, headers=HTMX)

    assert answer.status_code == 422
    assert "Choose a reason: the writer learns from it." in answer.content.decode()
    assert Draft.objects.get(pk=draft.pk).status == "proposed"


def test_a_rejection_with_a_reason_is_kept(desk, draft):
    answer = desk.post(
        url("draft-reject", draft), {"version": 1, "reason": "dull", "note": "Flat."}, headers=HTMX
    )

    assert answer.status_code == 200
    assert Decision.objects.values_list("reason", "note").get() == ("dull", "Flat.")


def test_where_a_fault_is_and_how_grave_comes_with_the_rejection(desk, draft):
    answer = desk.post(
        url("draft-reject", draft),
        {
            "version": 1,
            "reason": "dull",
            "severity": "3",
            "spans": "[[0, 6]]",
            "shown_at": "2026-11-29T18:00:00.123Z",
        },
        headers=HTMX,
    )

    decision = Decision.objects.get()
    assert answer.status_code == 200
    assert (decision.severity, decision.spans, decision.source) == (3, [[0, 6]], "desk")
    assert decision.shown_at.isoformat() == "2026-11-29T18:00:00.123000+00:00"


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("verb", "given", "chosen"),
    [
        ("reject", {"severity": "3"}, ['name="severity" value="3"']),
        ("reject", {"reason": "dull", "spans": "{"}, ['value="dull"', 'value="2"']),
        ("defer", {}, []),
        ("defer", {"hours": "24", "version": "x"}, ['value="24"']),
    ],
)
def test_a_form_that_is_refused_comes_back_filled_in(desk, draft, verb, given, chosen, headers):
    carried = {"version": 1, "note": 'Flat, & "dull" 平淡', **given}

    answer = desk.post(url(f"draft-{verb}", draft), carried, headers=headers)

    form = form_of(answer.content.decode())
    assert answer.status_code == 422
    assert 'value="Flat, &amp; &quot;dull&quot; 平淡"' in form
    marked = re.findall(r"<input type=.radio. ([^>]*) checked>", form)
    assert [words for words, mark in zip(chosen, marked, strict=True) if words not in mark] == []
    assert not Decision.objects.exists()


def form_of(page: str) -> str:
    """The form that asks why not, or until when."""
    return re.search(r'<form class="reject-form.*?</form>', page, re.DOTALL)[0]


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(("verb", "given"), [("reject", "dull"), ("defer", "24")])
def test_who_decides_another_version_than_the_one_there_can_send_the_note_again(
    desk, draft, verb, given, headers
):
    carried = {"version": 7, "note": "Flat.", "reason": given, "hours": given}

    answer = desk.post(url(f"draft-{verb}", draft), carried, headers=headers)

    page = answer.content.decode()
    form = form_of(page)
    assert answer.status_code == 409
    assert "This draft has changed in the meantime" in page
    assert 'name="version" value="1"' in form
    assert 'value="Flat."' in form
    assert re.search(rf'value="{given}" data-choice required checked', form)
    assert "Your note was not sent" not in page
    assert not Decision.objects.exists()


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize("verb", ["reject", "defer"])
def test_the_note_of_who_came_too_late_can_be_read_and_told(
    desk, draft, other_editor, verb, headers
):
    approve_draft(draft, editor=other_editor)
    carried = {"version": 1, "note": "Flat.", "reason": "dull", "hours": "24"}

    answer = desk.post(url(f"draft-{verb}", draft), carried, headers=headers)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "zhou was faster" in page
    assert "Your note was not sent and is not lost: <q>Flat.</q>" in page
    assert 'data-propose="@zhou Flat."' in page
    assert 'class="reject-form' not in page
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "spans", ["[[0, 99999]]", "[[5, 2]]", '[["a", 2]]', "[1, 2]", "[[0,1,2]]", "{"]
)
def test_a_marked_place_that_is_none_gets_one_sentence(desk, draft, spans):
    answer = desk.post(
        url("draft-reject", draft), {"version": 1, "reason": "dull", "spans": spans}, headers=HTMX
    )

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_refused_text_stays_in_the_form(desk, draft):
    answer = desk.post(
        url("draft-edit", draft), {"version": 1, "text": "The best pan, 99 cm." * 6}, headers=HTMX
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The best pan, 99 cm." in page
    assert 'role="alert"' in page


def test_one_press_takes_the_last_decision_back(desk, drafts):
    desk.post(url("draft-reject", drafts[0]), {"version": 1, "reason": "dull"}, headers=HTMX)

    answer = desk.post("/review/undo/?language=en", {"current": drafts[1].pk}, headers=HTMX)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="draft-{drafts[0].pk}" data-draft="{drafts[0].pk}" data-status="proposed"' in page
    assert "Taken back: Hearth skillet" in page
    assert page.count("Taken back</span>") == 1  # in its history
    assert Draft.objects.get(pk=drafts[0].pk).status == "proposed"


def test_a_toast_takes_back_the_decision_that_it_tells_of(desk, drafts):
    first = desk.post(url("draft-approve", drafts[0]), {"version": 1}, headers=HTMX)
    named = re.search(r'name="decision" value="(\d+)"', first.content.decode())[1]
    desk.post(url("draft-approve", drafts[1]), {"version": 1}, headers=HTMX)

    desk.post("/review/undo/", {"decision": named}, headers=HTMX)

    assert [Draft.objects.get(pk=draft.pk).status for draft in drafts] == ["proposed", "approved"]


def test_what_cannot_be_taken_back_is_said_and_the_open_draft_stays(desk, drafts):
    answer = desk.post("/review/undo/", {"current": drafts[1].pk}, headers=HTMX)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There is no decision of yours from the last 10 minutes to take back." in page
    assert f'id="draft-{drafts[1].pk}"' in page


def test_a_plain_browser_that_takes_back_is_sent_to_the_draft(desk, draft):
    desk.post(url("draft-approve", draft), {"version": 1})

    answer = desk.post("/review/undo/")

    assert (answer.status_code, answer["Location"]) == (302, url("draft-detail", draft))


def test_the_same_press_twice_is_one_decision(desk, drafts):
    wish = {"version": 1, "key": "0b6f4a8e-3f1b-4c52-9a54-0d9c3a2f6f11"}

    answers = [desk.post(url("draft-approve", drafts[0]), wish, headers=HTMX) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Decision.objects.count() == 1


def test_a_draft_on_another_desk_says_whose_and_can_be_taken_over(desk, drafts, other_editor):
    claim_draft(drafts[0], editor=other_editor)

    held = desk.get(url("draft-detail", drafts[0])).content.decode()

    assert "<b>zhou</b> has had this draft open since" in held
    assert 'data-key="a"' not in held
    assert "open: zhou" in held
    late = desk.post(url("draft-approve", drafts[0]), {"version": 1}, headers=HTMX)
    assert late.status_code == 409
    assert "zhou has this draft open" in late.content.decode()

    taken = desk.post(url("draft-take-over", drafts[0]), headers=HTMX).content.decode()

    assert 'data-key="a"' in taken
    assert (
        desk.post(url("draft-approve", drafts[0]), {"version": 1}, headers=HTMX).status_code == 200
    )


def test_why_a_draft_is_taken_over_is_kept_on_record(desk, draft, other_editor):
    claim_draft(draft, editor=other_editor)
    assert 'name="note"' in desk.get(url("draft-detail", draft)).content.decode()

    refused = desk.post(url("draft-take-over", draft), {"note": "x" * 2_001}, headers=HTMX)
    assert (refused.status_code, AuditEntry.objects.count()) == (422, 0)
    desk.post(url("draft-take-over", draft), {"note": "zhou 在休假"}, headers=HTMX)

    details = AuditEntry.objects.get(action="draft.take_over").details
    assert details == {"holder": "zhou", "note": "zhou 在休假"}


def test_what_is_decided_is_not_taken_over(desk, draft, other_editor):
    approve_draft(draft, editor=other_editor)

    page = desk.post(url("draft-take-over", draft), headers=HTMX).content.decode()

    assert 'data-status="approved"' in page
    assert not Claim.objects.exists()


def test_a_search_goes_on_where_its_page_ended(desk, drafts, monkeypatch):
    monkeypatch.setattr("review.views.queue.PAGE", 1)
    newest, oldest = max(draft.pk for draft in drafts), min(draft.pk for draft in drafts)

    first = desk.get("/review/rows/?q=LM-TST").content.decode()
    path = re.search(r'hx-get="(/review/rows/[^"]+after=[^"]+)"', first)[1].replace("&amp;", "&")
    second = desk.get(path).content.decode()

    assert re.findall(r'id="row-(\d+)"', first) == [str(newest)]
    assert re.findall(r'id="row-(\d+)"', second) == [str(oldest)]
    assert "queue-more" not in second


def test_a_desk_hears_that_its_draft_was_taken(desk, draft, other_editor):
    desk.get(url("draft-detail", draft))
    still_mine = desk.post(url("draft-claim", draft), headers=HTMX).content.decode()
    assert 'hx-trigger="every 60s' in still_mine

    take_over_draft(draft, editor=other_editor)

    taken = desk.post(url("draft-claim", draft), headers=HTMX).content.decode()
    assert "<b>zhou</b> has had this draft open since" in taken


@pytest.mark.parametrize("is_taken_back", [False, True])
def test_a_desk_that_no_news_reach_hears_that_its_draft_was_decided(
    desk, draft, other_editor, is_taken_back
):
    approve_draft(draft, editor=other_editor)
    if is_taken_back:
        undo_decision(Decision.objects.get(), editor=other_editor)

    answer = desk.post(url("draft-claim", draft), {"version": 1}, headers=HTMX)

    assert answer.status_code == 200
    assert "Meanwhile this draft was decided" in answer.content.decode()
    assert "hx-post" not in answer.content.decode()
    told = json.loads(answer["HX-Trigger-After-Settle"])
    assert told == {"galley:drafts-decided": {"drafts": [draft.pk]}}
    assert not Claim.objects.exists()


def test_a_desk_hears_that_its_draft_is_nobody_elses_any_more(desk, drafts, other_editor):
    shown, other = drafts
    carried = {"version": 1, "held": 1}
    claim_draft(shown, editor=other_editor)
    held = desk.post(url("draft-claim", shown), carried, headers=HTMX).content.decode()
    assert "<b>zhou</b> has had this draft open since" in held
    claim_draft(other, editor=other_editor)

    free = desk.post(url("draft-claim", shown), carried, headers=HTMX).content.decode()

    assert "Nobody has this draft open any more." in free
    assert f'hx-get="{url("draft-detail", shown)}?"' in free
    assert Claim.objects.get().draft == other  # nobody has asked for it


def test_a_page_that_is_closed_lets_its_drafts_go(client, drafts, editor):
    page = client.__class__(enforce_csrf_checks=True)
    page.force_login(editor)
    html = page.get("/review/").content.decode()
    shown = Claim.objects.get(editor=editor).draft_id
    given = re.search(r'data-given="(\d+)"', html)[1]
    again = re.search(r'data-given="(\d+)"', page.get("/review/").content.decode())[1]
    token = re.search(r'"X-CSRFToken": "(\w+)"', html)[1]
    body = {"drafts": f"{shown}@{again},x,{shown}@,7@{2**63 - 1}", "csrfmiddlewaretoken": token}

    refused = page.post("/review/drafts/release/", body | {"csrfmiddlewaretoken": ""})

    assert refused.status_code == 403
    assert Claim.objects.exists()
    late = page.post("/review/drafts/release/", body | {"drafts": f"{shown}@{given}"})
    assert late.status_code == 204
    assert Claim.objects.exists()  # the page that was loaded anew shows it
    assert page.post("/review/drafts/release/", body).status_code == 204
    assert not Claim.objects.exists()


@pytest.mark.parametrize(("asked", "most", "number"), [("2", 500, 2), ("9", 1, 1), ("-1", 9, 1)])
def test_rows_that_a_page_has_are_given_anew_together(
    desk, drafts, monkeypatch, asked, most, number
):
    monkeypatch.setattr("review.views.queue.PAGE", 1)
    monkeypatch.setattr("review.views.queue._MOST_ROWS", most)

    rows = desk.get(f"/review/rows/?rows={asked}").content.decode()

    assert rows.count('<li id="row-') == number
    assert ('id="queue-more"' in rows) == (number == 1)


def test_where_all_drafts_are_on_other_desks_the_queue_says_so(desk, draft, other_editor):
    Draft.objects.exclude(pk=draft.pk).delete()
    claim_draft(draft, editor=other_editor)

    page = desk.get("/review/").content.decode()

    assert "Somebody has each of these drafts open" in page
    assert page.count('<li id="row-') == 1


def test_who_only_reads_holds_nothing(client, draft):
    reader = make_user("reader", ())
    client.force_login(reader)

    page = client.get("/review/").content.decode()

    assert "You may read drafts; editors decide them." in page
    assert not Claim.objects.exists()


def test_the_forms_are_fragments_for_htmx_and_pages_without(desk, draft):
    for name in ("draft-edit", "draft-reject"):
        assert (
            desk.get(url(name, draft), headers=HTMX).content.decode().lstrip().startswith("<form")
        )
        assert "<!doctype html>" in desk.get(url(name, draft)).content.decode()


def test_the_diff_marks_words_in_english(desk, draft):
    answer = desk.post(url("draft-diff", draft), {"text": draft.text.replace("cast iron", "steel")})

    page = answer.content.decode()
    assert "<del>cast iron</del><ins>steel</ins>" in page


def test_who_may_not_decide_is_refused(client, draft, django_user_model):
    client.force_login(django_user_model.objects.create_user("guest"))

    assert client.get("/review/").status_code == 403
    assert client.post(url("draft-approve", draft)).status_code == 403
    assert Decision.objects.count() == 0


def test_generated_text_is_escaped(desk, draft):
    Draft.objects.filter(pk=draft.pk).update(text="<script>alert(1)</script> & more")

    page = desk.get(url("draft-detail", draft)).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("copies", [1, 12])
def test_the_desk_asks_a_fixed_number_of_questions(
    desk, editor, campaign, checkpoint, copies, django_assert_num_queries
):
    from generation.drafting import fill_run  # noqa: PLC0415
    from generation.services import start_run  # noqa: PLC0415

    for number in range(2, copies + 1):
        campaign.products.add(make_product(f"LM-TST-0{number:02}"))
    fill_run(start_run(campaign, seed=3, queue=False).pk)
    desk.get("/review/")

    with django_assert_num_queries(8):
        desk.get("/review/")
    end_tour(editor)
    with django_assert_num_queries(8):
        desk.get("/review/")
    shown = Claim.objects.get().draft_id
    desk.get(f"/review/ahead/?shown={shown}")
    with django_assert_num_queries(6):  # held already; how many wait was counted just now
        desk.get(f"/review/ahead/?shown={shown}")


def test_the_desk_tells_which_rejections_a_draft_is_like(desk, drafts, editor):
    near = [{"draft": drafts[1].pk, "reason": "dull", "similarity": 0.614}]
    Draft.objects.filter(pk=drafts[0].pk).update(
        explanation=drafts[0].explanation | {"rejections": near}
    )
    reject_draft(drafts[1], editor=editor, reason="dull", note="Says nothing.")

    page = desk.get(url("draft-detail", drafts[0])).content.decode()

    _, _, listed = page.partition('class="nearest-list"')
    assert f'href="{url("draft-detail", drafts[1])}"' in listed
    assert "61 % alike" in listed
    assert ">Dull<" in listed
    assert "Says nothing." in listed
    assert "lin, " in listed
    assert drafts[1].text in listed


def test_a_draft_without_a_near_rejection_says_so(desk, draft):
    page = desk.get(url("draft-detail", draft)).content.decode()

    assert "Nothing that was rejected reads like this draft." in page
    assert "No words in particular would score .60." in page


def test_a_draft_that_was_never_explained_is_shown_without(desk, draft):
    Draft.objects.filter(pk=draft.pk).update(explanation={})

    page = desk.get(url("draft-detail", draft)).content.decode()

    assert "nearest-list" not in page
    assert "Like approved copy" in page
    assert 'class="claim"' in page


def test_an_edit_leaves_the_explanation_of_what_the_machine_wrote(desk, draft):
    before = draft.explanation

    desk.post(url("draft-edit", draft), {"version": 1, "text": draft.text + " Truly."})
    page = desk.get(url("draft-detail", draft)).content.decode()

    draft.refresh_from_db()
    assert draft.status == "approved"
    assert draft.explanation == before
    assert page.count('class="heat" data-heat="3"') == 2  # in the copy, in the legend
    assert "<ins> Truly.</ins>" in page


def test_the_shop_shows_the_approved_text_and_its_label(desk, draft, client):
    desk.post(url("draft-approve", draft), {"version": 1})
    delivery.deliver(Publication.objects.get().pk)
    client.logout()

    page = client.get(f"/shop/en/{draft.product.sku}/").content.decode()

    assert "read and approved by an editor" in page
    structured = re.search(r"ld\+json\">(.*?)</script>", page, re.DOTALL)[1]
    assert json.loads(structured)["description"] == draft.text
    assert "proof-strip" not in page


def test_the_shop_shows_a_kind_of_copy_that_somebody_added(desk, draft, client):
    kind = ContentKind.objects.get(slug="description")
    kind.pk, kind.slug, kind.name_en = None, "care-note", "Care note"
    kind.save()
    Draft.objects.filter(pk=draft.pk).update(kind=kind)
    desk.post(url("draft-approve", draft), {"version": 1})
    delivery.deliver(Publication.objects.get().pk)

    page = client.get(f"/shop/en/{draft.product.sku}/").content.decode()

    assert "<h2>Care note</h2>" in page
    assert draft.text in page
    assert "read and approved by an editor" in page


def test_the_shop_falls_back_to_the_text_before(client, product):
    page = client.get("/shop/en/LM-TST-001/").content.decode()

    assert "An old text about a pan." in page
    assert "approved by an editor" not in page


def test_the_shop_speaks_two_languages_and_no_other(client, product):
    assert "晨炉铸铁煎锅" in client.get("/shop/zh-hans/LM-TST-001/").content.decode()
    assert client.get("/shop/fr/LM-TST-001/").status_code == 404


def test_a_publisher_withdraws_from_the_list(client, publisher, draft, desk):
    desk.post(url("draft-approve", draft), {"version": 1})
    publication = Publication.objects.get()
    delivery.deliver(publication.pk)
    path = reverse("review:publication-withdraw", args=[publication.pk])
    assert desk.post(path).status_code == 403
    client.force_login(publisher)

    answer = client.post(path, headers=HTMX)

    assert answer.status_code == 200
    assert "Withdrawn" in answer.content.decode()
    assert "galley:shelf-changed" in answer.headers["HX-Trigger-After-Settle"]
    assert not ShelfCopy.objects.live().exists()
    assert client.post(path, headers=HTMX).status_code == 409


@pytest.mark.parametrize("number", ["²", "８", "-1", "x", "9" * 20, str(2**63), "9" * 5000])
def test_a_number_that_no_row_can_have_is_as_good_as_none(client, publisher, draft, number):
    client.force_login(publisher)
    approve_draft(draft, editor=publisher)
    plain = client.get("/review/publications/").content.decode()
    rows = client.get("/review/rows/").content.decode()

    pages = [
        client.get("/review/publications/", {"before": number}),
        client.get("/review/rows/", {"current": number}),
        client.get("/review/rows/", {"after": f"{number}_1_2"}),
        client.get("/review/rows/", {"after": f"1_1_{number}"}),
        client.get("/review/rows/", {"after": "1_nan_1"}),
    ]

    assert [page.status_code for page in pages] == [200] * 5
    assert pages[0].content.decode().count("<tr") == plain.count("<tr")
    assert all(page.content.decode() == rows for page in pages[1:])


def test_the_greatest_number_of_a_row_is_read():
    assert whole_number(str(2**63 - 1)) == 2**63 - 1


def test_what_a_draft_would_replace_is_said_and_shown(desk, drafts, editor):
    first, _ = drafts
    slot = {"product": first.product, "kind": first.kind, "language": first.language}
    now = timezone.now()
    for number, text in enumerate(("An old text.", "The text of today.", "A text taken down.")):
        ShelfCopy.objects.create(
            **slot,
            text=text,
            key=uuid4(),
            ordered_at=now + timedelta(minutes=number),
            placed_at=now,
            removed_at=now if number == 2 else None,
        )

    page = desk.get(url("draft-detail", first)).content.decode()
    other = desk.get(url("draft-detail", drafts[1])).content.decode()
    typed = desk.post(
        url("draft-diff", first), {"text": "The text of tomorrow."}, headers=HTMX
    ).content.decode()

    _, _, told = page.partition('id="live-diff"')
    assert "<del>The text of today" in told
    assert "An old text" not in page
    assert "A text taken down" not in page
    assert 'id="live-diff"' not in other
    assert "The text of <del>today</del><ins>tomorrow</ins>." in typed


@pytest.fixture
def alike(drafts, campaign) -> list[Draft]:
    """The English draft, and two for other products that are nearly the same; all wait."""
    first = drafts[0]
    kind = ContentKind.objects.get(slug="description")
    found = [first]
    for number, words in enumerate(["Yours.", "Ours."], start=2):
        slot = Slot.objects.create(
            run=first.run,
            ordinal=100 + number,
            product=make_product(f"LM-TST-00{number}"),
            kind=kind,
            language="en",
            variant=1,
            outcome=Slot.Outcome.FILLED,
        )
        copied = {"checkpoint": first.checkpoint, "brief": first.brief, "score": 0.1, "seed": 1}
        copied |= {"text": f"{first.text} {words}", "kind": kind, "language": "en"}
        found.append(
            Draft.objects.create(
                slot=slot, run=first.run, product=slot.product, duplicate_of=first, **copied
            )
        )
    return found


def rows_of(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'<li id="row-(\d+)"', page)]


def test_what_is_nearly_the_same_is_one_row_and_is_decided_together(desk, drafts, alike):
    first, *others = alike

    page = desk.get("/review/").content.decode()
    assert sorted(rows_of(page)) == sorted(draft.pk for draft in drafts)
    assert "+2 alike" in page
    assert "<b>2</b> drafts wait" in page

    card = desk.get(url("draft-detail", first)).content.decode()
    assert f'value="{first.pk},{others[0].pk},{others[1].pk}"' in card
    assert "<ins> Yours.</ins>" in card
    asked = desk.post(
        "/review/bulk/", {"drafts": ",".join(str(d.pk) for d in alike), "action": "approve"}
    )
    assert asked.context["number"] == 3


def test_what_was_like_a_decided_draft_is_a_row_again_and_says_so(desk, alike, editor):
    first, *others = alike
    reject_draft(first, editor=editor, reason="dull")

    page = desk.get("/review/").content.decode()

    assert {draft.pk for draft in others} <= set(rows_of(page))
    card = desk.get(url("draft-detail", others[0])).content.decode()
    assert "Nearly the same" in card
    assert "Rejected" in card


@pytest.mark.parametrize("asked", ["alike=each", "q=Hearth"])
def test_each_of_them_can_be_seen(desk, alike, asked):
    DraftWords.objects.keep(alike[1:])

    page = desk.get(f"/review/?{asked}").content.decode()

    assert {draft.pk for draft in alike} <= set(rows_of(page))


def test_chance_is_not_folded_away(desk, alike):
    Draft.objects.filter(pk=alike[2].pk).update(is_random=True)

    page = desk.get("/review/").content.decode()

    assert alike[2].pk in rows_of(page)
    assert "+1 alike" in page


def test_who_is_without_the_first_of_them_sees_the_next(desk, alike, other_editor, publisher):
    assign_drafts([alike[0].pk], to=other_editor, by=publisher)

    page = desk.get("/review/").content.decode()

    assert alike[0].pk not in rows_of(page)
    assert {alike[1].pk, alike[2].pk} <= set(rows_of(page))


def test_a_text_that_was_not_sent_stands_beside_what_somebody_else_decided(
    desk, draft, editor, other_editor
):
    place = url("draft-compare", draft)
    assert desk.post(place, {"text": "Mine."}).status_code == 204  # it waits

    reject_draft(draft, editor=other_editor, reason="dull")

    page = desk.post(place, {"text": f"{draft.text} Mine."}).content.decode()
    assert "zhou rejected it: Dull" in page
    assert "<ins> Mine.</ins>" in page
    assert f'data-propose="@zhou {draft.text} Mine."' in page
    assert "/review/undo/" not in page  # who may not take it back is not asked to
    assert desk.post(place, {"text": " "}).status_code == 204
    desk.force_login(make_user("lead", (*EDITOR, "undo_any_decision")))
    assert "/review/undo/" in desk.post(place, {"text": "Mine."}).content.decode()


def test_a_note_that_was_not_sent_stands_beside_what_somebody_else_decided(
    desk, draft, editor, other_editor
):
    place = url("draft-compare", draft)
    assert desk.post(place, {"note": "Flat."}).status_code == 204  # it waits

    approve_draft(draft, editor=other_editor)

    page = desk.post(place, {"note": "Flat."}).content.decode()
    assert "Your note was not sent and is not lost: <q>Flat.</q>" in page
    assert "Tell zhou in a comment" in page
    assert desk.post(place, {"note": " "}).status_code == 204
    desk.force_login(other_editor)
    assert desk.post(place, {"note": "Flat."}).status_code == 204


def test_a_note_on_a_draft_that_expired_can_be_read(desk, draft):
    Draft.objects.filter(pk=draft.pk).update(status="expired")

    page = desk.post(url("draft-compare", draft), {"note": "Flat."}).content.decode()

    assert "<q>Flat.</q>" in page
    assert "data-propose" not in page


def test_a_text_beside_ones_own_decision_is_none_that_was_not_sent(desk, draft, editor):
    approve_draft(draft, editor=editor)

    assert desk.post(url("draft-compare", draft), {"text": "Mine."}).status_code == 204
