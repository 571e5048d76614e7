"""Times are shown in the zone of whoever looks, and read in it where they are typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from catalog.models import Campaign
from config.zones import COOKIE
from generation.models import Draft
from review.models import Publication
from review.services import approve_draft, claim_draft, defer_draft

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
NOW = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _an_hour(monkeypatch):
    """Time stands still: it is five in the morning of the 2nd in China, the 1st elsewhere."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


@pytest.fixture
def desk(client, publisher):
    """A signed-in person's browser."""
    client.force_login(publisher)
    return client


def page_of(desk, path: str, zone: str) -> str:
    """A page as somebody there sees it."""
    desk.cookies[COOKIE] = zone
    return desk.get(path).content.decode()


@pytest.mark.parametrize(
    ("zone", "written", "put_off", "until"),
    [
        (
            SHANGHAI,
            '<time datetime="2026-03-01T10:13:00+08:00">2026-03-01 10:13</time>',
            '<time datetime="2026-03-02T05:00:00+08:00">05:00</time>',
            "Put off until 2026-03-02 09:00.",
        ),
        (
            NEW_YORK,
            '<time datetime="2026-02-28T21:13:00-05:00">2026-02-28 21:13</time>',
            '<time datetime="2026-03-01T16:00:00-05:00">16:00</time>',
            "Put off until 2026-03-01 20:00.",
        ),
    ],
)
def test_a_drafts_history_has_its_readers_hours_and_the_date_of_other_days(
    desk, draft, editor, zone, written, put_off, until
):
    Draft.objects.update(created_at="2026-03-01T02:13Z")
    defer_draft(draft, editor=editor, until=datetime(2026, 3, 2, 1, 0, tzinfo=UTC))

    page = page_of(desk, reverse("review:draft-detail", args=[draft.pk]), zone)

    assert written in page
    assert put_off in page
    assert until in page
    assert " UTC" not in page


@pytest.mark.parametrize(
    ("zone", "since", "due"),
    [(SHANGHAI, "05:00", "due 08-01 09:00"), (NEW_YORK, "16:00", "due 07-31 21:00")],
)
def test_the_desk_says_since_when_and_until_when_there(desk, draft, editor, zone, since, due):
    claim_draft(draft, editor=editor)
    Campaign.objects.update(due_at="2026-08-01T01:00Z")

    page = page_of(desk, reverse("review:draft-detail", args=[draft.pk]), zone)

    assert f"has had this draft open since {since}." in page
    assert page.count(due) == 2


def test_what_is_typed_for_a_campaign_is_read_where_it_was_typed(desk, product):
    wish = {"name": "Mid-autumn", "kinds": ["1"], "languages": ["en"], "variants": "1"}
    wish |= {"skus": product.sku, "starts_at": "2027-08-01T09:00"}
    wish |= {"due_at": "2027-08-03T18:30", "publish_at": "2027-08-05T00:00"}
    page = page_of(desk, "/campaigns/new/", SHANGHAI)

    assert page.count("Asia/Shanghai time. ") == 3
    assert "UTC" not in page
    assert desk.post("/campaigns/new/", wish).status_code == 302

    campaign = Campaign.objects.get()
    assert campaign.starts_at == datetime(2027, 8, 1, 1, 0, tzinfo=UTC)
    assert campaign.due_at == datetime(2027, 8, 3, 10, 30, tzinfo=UTC)
    assert campaign.publish_at == datetime(2027, 8, 4, 16, 0, tzinfo=UTC)
    assert "at 2027-08-01 09:00</p>" in page_of(desk, f"/campaigns/{campaign.slug}/", SHANGHAI)
    assert "<td>2027-07-31 21:00</td>" in page_of(desk, "/campaigns/", NEW_YORK)


def test_the_form_names_the_zone_in_chinese_and_anew_for_everybody(desk):
    desk.cookies[COOKIE] = SHANGHAI
    page = desk.get("/campaigns/new/", headers={"Accept-Language": "zh-hans"}).content.decode()

    assert page.count("按 Asia/Shanghai 时间。") == 3
    assert page_of(desk, "/campaigns/new/", NEW_YORK).count("America/New_York time. ") == 3


def test_an_hour_that_a_zone_leaps_over_is_refused(desk, product):
    wish = {"name": "Spring", "kinds": ["1"], "languages": ["en"], "variants": "1"}
    wish |= {"skus": product.sku, "starts_at": "2027-03-14T02:30"}
    desk.cookies[COOKIE] = NEW_YORK

    answer = desk.post("/campaigns/new/", wish)

    assert answer.status_code == 422
    assert "in time zone America/New_York" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_publication_goes_out_at_the_hour_of_whoever_schedules_it(desk, draft, editor):
    approve_draft(draft, editor=editor)
    place = reverse("review:publication-schedule", args=[Publication.objects.get().pk])
    page = page_of(desk, reverse("review:publication-list"), SHANGHAI)

    row = desk.post(place, {"at": "2026-08-01T09:00"}, headers=HTMX).content.decode()

    assert Publication.objects.get().publish_at == datetime(2026, 8, 1, 1, 0, tzinfo=UTC)
    for shown in (page, row):
        assert ">When, in Asia/Shanghai</label>" in shown
    assert "<small>2026-08-01 09:00</small>" in row
