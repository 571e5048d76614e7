"""What a lead sees of the desk: whole figures, whose cost does not grow, for leads alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from catalog.models import Campaign, ContentKind
from config.zones import COOKIE
from generation.models import Checkpoint, Draft, Run, Slot
from review import reports
from review.models import Decision
from review.statistics import agreement
from tests.conftest import make_user

HTMX = {"HX-Request": "true"}
# A Wednesday, so that a week of seven days is cut in two.
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_day(monkeypatch):
    """Time stands still, so that no midnight comes between two looks."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def lead(client, db):
    """A signed-in lead's browser."""
    client.force_login(make_user("lead", ("see_dashboard",)))
    return client


@pytest.fixture
def decide(run, editor) -> Callable[..., Decision]:
    """Make a draft with a decision of some moments ago."""
    kind = ContentKind.objects.get(slug="description")

    def made(verdict: str = "approved", *, ago: timedelta = timedelta(), **more) -> Decision:
        decided = Decision(
            draft=make_draft(more.pop("run", run), kind=more.pop("kind", kind)),
            editor=more.pop("editor", editor),
            verdict=verdict,
            final_text="" if verdict == "rejected" else "A text.",
            reason=more.pop("reason", "dull" if verdict == "rejected" else ""),
            draft_version=2,
            **more,
        )
        status = "rejected" if verdict == "rejected" else "approved"
        Draft.objects.filter(pk=decided.draft_id).update(status=status, decided_at=NOW)
        return dated(decided, NOW - ago)

    return made


def make_draft(run: Run, *, kind: ContentKind, ago: timedelta = timedelta()) -> Draft:
    slot = Slot.objects.create(
        run=run,
        ordinal=10_000 + Slot.objects.count(),
        product=run.campaign.products.get(),
        kind=kind,
        language="en",
        variant=100 + Slot.objects.count(),
        outcome=Slot.Outcome.FILLED,
    )
    draft = Draft.objects.create(
        slot=slot,
        run=run,
        product=slot.product,
        kind=kind,
        checkpoint=run.checkpoint,
        language="en",
        text="A pan.",
        score=0.5,
        seed=1,
    )
    Draft.objects.filter(pk=draft.pk).update(created_at=NOW - ago)
    return draft


def dated(decision: Decision, at: datetime) -> Decision:
    """Write a decision as one of another moment; the clock gives the moment."""
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("django.utils.timezone.now", lambda: at)
        decision.save()
    return decision


def undo(decision: Decision) -> None:
    Decision.objects.create(
        draft=decision.draft,
        editor=decision.editor,
        verdict="undone",
        undoes=decision,
        draft_version=decision.draft_version + 1,
    )


def second(first: Decision, verdict: str, editor: User, *, reason: str = "", **more) -> Decision:
    """Give a second opinion on a verdict."""
    return Decision.objects.create(
        draft=first.draft,
        editor=editor,
        verdict=verdict,
        final_text="" if verdict == "rejected" else "A text.",
        reason=reason,
        seconds=first,
        draft_version=first.draft_version + 1,
        **more,
    )


def rows_of(page: str, slug: str) -> list[list[str]]:
    """The cells of a breakdown's rows, without their tags."""
    table = page.partition(f'id="by-{slug}"')[2].partition("<tbody>")[2].partition("</table>")[0]
    cells = [re.split(r"</t[hd]>", row)[:-1] for row in table.split("</tr>")[:-1]]
    return [[" ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in row] for row in cells]


def test_only_who_leads_sees_it_and_the_way_to_it(client, editor, drafts):
    client.force_login(editor)

    assert client.get("/review/dashboard/").status_code == 403
    assert client.get("/review/dashboard/download/").status_code == 403
    assert "/review/dashboard/" not in client.get("/review/").content.decode()


def test_a_lead_gets_there_from_the_desk(lead, drafts):
    assert 'href="/review/dashboard/"' in lead.get("/review/").content.decode()

    page = lead.get("/review/dashboard/").content.decode()

    assert '<a href="/review/dashboard/" aria-current="page">Dashboard</a>' in page


def test_a_new_shop_is_told_what_will_be_here(lead):
    page = lead.get("/review/dashboard/").content.decode()

    assert "Nobody has decided anything yet" in page
    assert '<a class="button button--primary" href="/review/">To the desk</a>' in page
    assert "<table" not in page


def test_what_waits_is_shown_before_anything_is_decided(lead, run):
    kind = ContentKind.objects.get(slug="description")
    for hours in (0.5, 2, 30, 100, 200, 300):
        oldest = make_draft(run, kind=kind, ago=timedelta(hours=hours))

    answer = lead.get("/review/dashboard/")

    page = answer.content.decode()
    assert [count for _name, count in answer.context["ages"]] == [1, 1, 1, 1, 2]
    assert f'href="/review/drafts/{oldest.pk}/" lang="en">LM-TST-001</a>' in page
    assert "waiting for 1\xa0week, 5\xa0days" in page
    assert "0 of 6" in page
    assert "Too little was decided to say when the queue is empty." in page
    assert "Nobody has decided anything yet" in page


def test_figures_are_cut_by_kind_checkpoint_and_editor(lead, decide, other_editor):
    for _ in range(3):
        decide("approved", active_seconds=10)
    decide("edited", active_seconds=50, editor=other_editor, edit_ratio=0.1)
    decide("rejected", reason="garbled", kind=ContentKind.objects.get(slug="ad"))

    page = lead.get("/review/dashboard/").content.decode()

    assert [row[:2] for row in rows_of(page, "kind")] == [
        ["Product description", "4"],
        ["Ad line", "1"],
    ]
    assert rows_of(page, "checkpoint") == [
        ["first", "5", "", "60.0 23.1–88.2", "20.0 3.6–62.4", "20.0 3.6–62.4"]
    ]
    assert [(row[0], row[1], row[-1]) for row in rows_of(page, "editor")] == [
        ("lin", "4", "4"),
        ("zhou", "1", "1"),
    ]
    assert re.search(r"Garbled.*?>1</td>.*?>100</td>", page)


def test_what_chance_placed_is_held_against_what_the_order_did(lead, decide):
    def by_chance(verdict: str, score: float) -> None:
        pk = decide(verdict).draft_id
        Draft.objects.filter(pk=pk).update(is_random=True, score=score)

    for _ in range(3):
        decide("approved")
    for at in range(8):
        by_chance("approved", 0.5 + at / 100)
        by_chance("edited", 0.9)
    for score in (0.1, 0.2, 0.95):
        by_chance("rejected", score)

    page = lead.get("/review/dashboard/").content.decode()
    assert [row[:2] for row in rows_of(page, "place")] == [
        ["placed by the order", "3"],
        ["placed by chance", "19"],
    ]
    assert "in 67 of 100 pairs" not in page  # of fewer than twenty nothing is said

    by_chance("rejected", 0.96)
    cache.clear()

    assert "higher in 50 of 100 pairs" in lead.get("/review/dashboard/").content.decode()


def test_what_was_taken_back_counts_only_as_that(lead, decide):
    decide("approved")
    undo(decide("rejected"))

    answer = lead.get("/review/dashboard/")

    assert answer.context["figures"].done.n == 1
    assert rows_of(answer.content.decode(), "editor") == [
        [
            *("lin", "1", ""),
            *("100.0 20.7–100.0", "0.0 0.0–79.3", "0.0 0.0–79.3", "50.0 9.5–90.5"),
            *("—", "1"),
        ]
    ]


def test_two_verdicts_on_a_draft_are_twice_the_work_and_one_decision(lead, decide, other_editor):
    first = decide("edited", is_provisional=True, active_seconds=9)
    second(first, "rejected", other_editor, active_seconds=4, reason="dull")
    undone = decide("approved", is_provisional=True)
    undo(second(undone, "rejected", other_editor, reason="garbled"))

    answer = lead.get("/review/dashboard/")

    figures, page = answer.context["figures"], answer.content.decode()
    assert (figures.done.n, figures.medians["edited"].seconds) == (3, 9)
    assert [(row[0], row[1]) for row in rows_of(page, "editor")] == [("lin", "2"), ("zhou", "1")]
    assert [(tally.approved, tally.edited, tally.rejected) for _w, tally in figures.by_week] == [
        (1, 0, 1)
    ]
    assert [(tally.approved, tally.edited, tally.rejected) for _c, tally in figures.by_kind] == [
        (1, 0, 1)
    ]
    assert figures.reasons == {"dull": 1}


def test_a_second_approval_of_an_edit_agrees_with_it(lead, decide, other_editor):
    assert "agreement-title" not in lead.get("/review/dashboard/").content.decode()
    for one, other in (("edited", "approved"), ("approved", "approved"), ("approved", "edited")):
        second(decide(one, is_provisional=True), other, other_editor)
    undo(second(decide("approved", is_provisional=True), "rejected", other_editor, reason="dull"))
    cache.clear()

    answer = lead.get("/review/dashboard/")

    assert Decision.objects.pairs() == {
        ("edited", "edited"): 1,
        ("approved", "approved"): 1,
        ("approved", "edited"): 1,
    }
    assert (answer.context["agreement"].same.count, answer.context["agreement"].same.n) == (2, 3)
    assert "agreement-title" in answer.content.decode()


def test_a_draft_that_is_put_off_is_neither_decided_nor_taken_back(lead, decide, run):
    decide("approved")
    draft = make_draft(run, kind=ContentKind.objects.get(slug="description"))
    Draft.objects.filter(pk=draft.pk).put_off(NOW + timedelta(days=1))
    put_off = Decision.objects.create(
        draft=draft,
        editor=Decision.objects.get().editor,
        verdict="deferred",
        until=NOW + timedelta(days=1),
        draft_version=2,
    )
    undo(put_off)

    figures = lead.get("/review/dashboard/").context["figures"]

    assert (figures.done.n, figures.waiting["all"]) == (1, 0)
    assert [tally.undone for _name, tally, _days in figures.by_editor] == [0]


def test_what_awaits_a_second_opinion_waits(lead, run):
    draft = make_draft(run, kind=ContentKind.objects.get(slug="description"))
    Draft.objects.filter(pk=draft.pk).ask_second()

    figures = lead.get("/review/dashboard/").context["figures"]

    assert (figures.waiting["all"], figures.oldest) == (1, draft)


def test_who_took_all_back_is_there_too(lead, decide, other_editor):
    decide("approved")
    undo(decide("approved", editor=other_editor))

    rows = rows_of(lead.get("/review/dashboard/").content.decode(), "editor")

    assert [row[:2] for row in rows] == [["lin", "1"], ["zhou", "0"]]
    assert rows[1][-3:] == ["100.0 20.7–100.0", "—", "—"]


def test_a_period_ends_today_and_days_begin_at_the_readers_midnight(lead, decide):
    # In Auckland it is 01:00 of Thursday the 26th.
    decide("approved", ago=timedelta(minutes=59))
    decide("approved", ago=timedelta(minutes=61))
    decide("approved", ago=timedelta(days=6))
    decide("approved", ago=timedelta(days=6, hours=2))

    lead.cookies[COOKIE] = "Pacific/Auckland"
    figures = lead.get("/review/dashboard/?days=7").context["figures"]

    assert [(f"{day:%m-%d}", tally.n) for day, tally in figures.by_day] == [
        ("11-20", 1),
        ("11-21", 0),
        ("11-22", 0),
        ("11-23", 0),
        ("11-24", 0),
        ("11-25", 1),
        ("11-26", 1),
    ]
    assert (figures.today.n, figures.days) == (1, 3)
    assert [(f"{week:%m-%d}", tally.n) for week, tally in figures.by_week] == [
        ("11-16", 1),
        ("11-23", 2),
    ]


def test_today_begins_at_midnight_where_each_reader_is(lead, decide):
    for hours in (1, 9, 15, 21):  # ago: 12:00 UTC is 20:00 in China and 07:00 in New York
        decide("approved", ago=timedelta(hours=hours))

    seen = []
    for zone in ("Asia/Shanghai", "America/New_York", ""):
        lead.cookies[COOKIE] = zone
        answer = lead.get("/review/dashboard/")
        figures, page = answer.context["figures"], answer.content.decode()
        seen.append((figures.today.n, f"<dd>{figures.today.n}</dd>" in page))
        seen.append(re.search(r"Counted at ([^<]*)", page)[1])

    assert seen == [
        *[(3, True), "20:00 (Asia/Shanghai)."],
        *[(1, True), "07:00 (America/New_York)."],
        *[(2, True), "12:00 (UTC)."],
    ]


def test_a_download_is_of_the_readers_day(lead, decide, monkeypatch):
    decide()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=5))
    lead.cookies[COOKIE] = "Asia/Shanghai"

    answer = lead.get("/review/dashboard/download/")

    assert 'filename="galley-2026-11-26-30-days.csv"' in answer["Content-Disposition"]


@pytest.mark.parametrize(("days", "count"), [("7", 1), ("30", 2), ("90", 3), ("8", 2), ("x", 2)])
def test_a_period_is_chosen_in_the_address(lead, decide, days, count):
    for ago in (1, 20, 80, 100):
        decide("approved", ago=timedelta(days=ago))

    answer = lead.get(f"/review/dashboard/?days={days}")

    assert answer.context["figures"].done.n == count


def test_a_quiet_time_says_so(lead, decide):
    decide("approved", ago=timedelta(days=20))

    page = lead.get("/review/dashboard/?days=7").content.decode()

    assert "Nothing was decided in this time" in page
    assert "Nobody has decided" not in page


def test_a_campaign_is_chosen_in_the_address(lead, decide, campaign, checkpoint, product):
    decide("approved")
    other = Campaign.objects.create(slug="autumn", name="Autumn", languages=["en"])
    other.products.add(product)
    run = Run.objects.create(campaign=other, checkpoint=checkpoint, seed=1)
    undo(decide("rejected", run=run))
    decide("edited", run=run, active_seconds=4)
    kind = ContentKind.objects.get(slug="description")
    make_draft(run, kind=kind)
    make_draft(Run.objects.get(campaign=campaign), kind=kind)

    answer = lead.get("/review/dashboard/?campaign=autumn")

    figures = answer.context["figures"]
    assert (figures.done.approved, figures.done.edited, figures.waiting["all"]) == (0, 1, 1)
    assert [(one.slug, share.count, share.n) for one, share in figures.campaigns] == [
        ("autumn", 2, 3)
    ]
    assert figures.medians["edited"].seconds == 4
    assert [tally.undone for _name, tally, _days in figures.by_editor] == [1]
    assert '<option value="autumn" selected>' in answer.content.decode()
    assert lead.get("/review/dashboard/").context["figures"].done.n == 2


def test_medians_are_of_active_seconds_by_verdict(lead, decide):
    for seconds in (100, 4, 8, 10):
        decide("approved", active_seconds=seconds)
    for seconds in (30, 1, 2):
        decide("rejected", active_seconds=seconds)
    decide("rejected", active_seconds=None)
    undo(decide("edited", active_seconds=1))

    found = lead.get("/review/dashboard/").context["figures"].medians

    assert {name: (median.n, median.seconds) for name, median in found.items()} == {
        "approved": (4, 9.0),
        "rejected": (3, 2.0),
    }


def test_a_pace_makes_a_forecast(lead, decide, run):
    for at in range(20):
        decide("approved", ago=timedelta(days=at % 4), active_seconds=36)
    for _ in range(12):
        make_draft(run, kind=ContentKind.objects.get(slug="description"))

    page = lead.get("/review/dashboard/").content.decode()

    # A hundred an hour and five on a day with any: 12 drafts take 7.2 minutes, or 2.4 days.
    assert "At this pace the queue is empty after about 7 minutes of work." in page
    assert "As much as waits is decided in 3 days like those with decisions." in page
    assert "On 4 of 30 days somebody decided, about 5 drafts each" in page


def test_htmx_gets_the_figures_alone_and_a_browser_that_goes_back_the_page(lead, decide):
    decide("approved")

    panel = lead.get("/review/dashboard/", headers=HTMX)
    restored = lead.get(
        "/review/dashboard/", headers={**HTMX, "HX-History-Restore-Request": "true"}
    )

    assert panel.content.decode().lstrip().startswith('<div class="stack" id="dashboard">')
    assert "<html" in restored.content.decode()
    assert "HX-Request" in panel["Vary"]


def test_charts_say_in_a_table_what_they_draw_and_need_no_colour(lead, decide):
    decide("approved", ago=timedelta(days=9))
    decide("rejected")

    answer = lead.get("/review/dashboard/")

    page, weeks = answer.content.decode(), answer.context["weeks"].data
    assert [(line["dashed"], line["dotted"]) for line in weeks["series"]] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert 'id="numbers-pace"' in page
    assert 'id="numbers-weeks"' not in page  # the table by week says the same and more
    assert [row[:2] for row in rows_of(page, "week")] == [["2026-11-16", "1"], ["2026-11-23", "1"]]


def test_figures_are_kept_for_a_while(lead, decide):
    decide("approved")
    lead.get("/review/dashboard/")
    decide("approved")

    kept = lead.get("/review/dashboard/").context["figures"].done.n
    cache.clear()

    assert kept == 1
    assert lead.get("/review/dashboard/").context["figures"].done.n == 2


def test_it_asks_the_same_number_of_questions_whatever_there_is(lead, decide, checkpoint, product):
    def asked() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as questions:
            lead.get("/review/dashboard/")
        return len(questions)

    decide("approved", active_seconds=1)
    decide("rejected")
    few = asked()
    for at in range(6):
        campaign = Campaign.objects.create(slug=f"c{at}", name=f"C{at}", languages=["en"])
        campaign.products.add(product)
        other = Checkpoint.objects.create(name=f"k{at}", digest=f"k{at}", path=f"k{at}")
        run = Run.objects.create(campaign=campaign, checkpoint=other, seed=at)
        person = make_user(f"p{at}", ())
        undo(decide("approved", run=run, editor=person))
        for verdict in ("approved", "edited", "rejected"):
            decide(verdict, run=run, editor=person, ago=timedelta(days=at))

    assert asked() == few == 17 + 1  # the bell asks once too


def test_a_download_gives_the_figures_by_name(lead, decide, other_editor):
    decide("approved", active_seconds=5)
    undo(decide("edited", editor=other_editor))
    decide("rejected", editor=other_editor)

    answer = lead.get("/review/dashboard/download/?days=7")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == ('attachment; filename="galley-2026-11-25-7-days.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["by"], row["name"], row["decided"]) for row in rows] == [
        ("week", "2026-11-23", "2"),
        ("checkpoint", "first", "2"),
        ("kind", "Product description", "2"),
        ("place", "placed by the order", "2"),
        ("editor", "lin", "1"),
        ("editor", "zhou", "1"),
    ]
    assert (rows[5]["taken_back"], rows[5]["rejected_least"]) == ("1", "20.7")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1"])
def test_no_name_in_a_download_is_a_formula(lead, decide, name):
    Checkpoint.objects.update(name=name)
    decide("approved")

    text = lead.get("/review/dashboard/download/").content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows if row["by"] == "checkpoint"] == [f"'{name}"]


def test_two_who_judged_one_draft_are_held_against_each_other():
    pairs = {("approved", "approved"): 6, ("rejected", "rejected"): 2, ("approved", "rejected"): 2}

    some = render_to_string("review/_dashboard_agreement.html", {"agreement": agreement(pairs)})
    alike = {"agreement": agreement({("approved", "approved"): 4})}

    # 8 of 10 are the same; .8 * .6 + .2 * .4 = .56 would be by chance: .24 / .44.
    assert "80.0 % <small>49.0–94.3 %</small>" in some
    assert "<dd>0.55</dd>" in some
    assert "kappa says nothing here" not in some
    assert "kappa says nothing here" in render_to_string("review/_dashboard_agreement.html", alike)


@pytest.mark.parametrize(
    ("hours", "words"), [(0.001, "1 minute"), (1.9, "114 minutes"), (2.4, "2 hours")]
)
def test_a_length_of_time_is_said_in_whole_ones(hours, words):
    assert reports.duration(hours) == words
