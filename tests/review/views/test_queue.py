"""What is wanted soonest comes first: in the list, page by page, and in what is handed out."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import Campaign
from generation.models import Draft, Run
from generation.services import move_in_queue, start_run
from review.services import claim_first
from review.views.filters import waiting
from review.views.queue import page
from tests.benchmark.crowd import fill_desk
from tests.conftest import make_user
from tests.generation.models.test_draft_words import plan_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client, editor, monkeypatch):
    """A signed-in editor's browser."""
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    client.force_login(editor)
    return client


@pytest.fixture
def due(drafts, campaign) -> list[Draft]:
    """The drafts of a campaign that is wanted tomorrow, and was written before another one."""
    campaign.due_at = timezone.now() + timedelta(days=1)
    campaign.save(update_fields=["due_at"])
    move_in_queue(campaign)
    return drafts


@pytest.fixture
def newer(due, campaign) -> list[Draft]:
    """The drafts of another campaign, which nobody waits for."""
    from generation.drafting import fill_run  # noqa: PLC0415 - Celery's app is ready by now

    other = Campaign.objects.create(slug="whenever", languages=["en", "zh-hans"])
    other.products.set(campaign.products.all())
    other.kinds.set(campaign.kinds.all())
    run = start_run(other, seed=8, queue=False)
    fill_run(run.pk)
    return list(run.drafts.all())


def listed(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'<li id="row-(\d+)"', html)]


@pytest.mark.parametrize("asked", ["", "?view=all", "?language=en", "?view=late"])
def test_what_is_due_is_listed_before_what_is_newer(desk, due, newer, asked):
    for model in (Draft, Run):  # all is old
        model.objects.update(created_at=timezone.now() - timedelta(days=9))

    rows = listed(desk.get(f"/review/rows/{asked}").content.decode())

    number = len(rows) // 2
    assert number >= 1
    assert {*rows[:number]} <= {draft.pk for draft in due}
    assert {*rows[number:]} <= {draft.pk for draft in newer}


def test_what_is_due_is_handed_out_before_what_is_newer(desk, due, newer, editor):
    waiting = Draft.objects.awaiting_review().in_order()
    shown = claim_first(waiting, editor=editor)

    ahead = desk.get(f"/review/ahead/?shown={shown.pk}").json()["ahead"]["draft"]
    desk.post(reverse("review:draft-approve", args=[shown.pk]), headers=HTMX)
    then = desk.post(reverse("review:draft-approve", args=[ahead]), headers=HTMX)

    assert {shown.pk, ahead} == {draft.pk for draft in due}
    assert then.context["draft"].pk == newer[0].pk


def test_another_date_in_the_admin_moves_what_waits(client, due, newer, campaign):
    boss = make_user("boss", ("change_campaign",))
    boss.is_staff = True
    boss.save()
    client.force_login(boss)
    path = f"/admin/catalog/campaign/{campaign.pk}/change/"
    form = client.get(path).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent |= {"languages": '["en", "zh-hans"]', "name": "Spring", "variants": 1}

    answer = client.post(path, sent | {"due_at_0": "", "due_at_1": ""})

    assert answer.status_code == 302
    first = Draft.objects.awaiting_review().in_order()[:2]
    assert set(first) == set(newer)


def test_a_draft_says_that_its_date_brought_it_up(desk, due, newer):
    said = "All of its run comes before what is wanted later than"

    with_date = desk.get(reverse("review:draft-detail", args=[due[0].pk])).content.decode()
    without = desk.get(reverse("review:draft-detail", args=[newer[0].pk])).content.decode()

    assert said in with_date
    assert said not in without
    assert without.count("Why here: ") == with_date.count("Why here: ") == 1


def test_page_by_page_every_draft_is_listed_once_and_in_order(desk, due, newer, monkeypatch):
    monkeypatch.setattr("review.views.queue.PAGE", 1)
    order = list(Draft.objects.in_order().values_list("pk", flat=True))
    path, rows = "/review/rows/?", []

    while path:
        html = desk.get(path).content.decode()
        rows += listed(html)
        more = re.search(r'hx-get="(/review/rows/[^"]+after=[^"]+)"', html)
        path = unescape(more[1]) if more else ""

    assert rows == order
    assert len(rows) == 4


@pytest.mark.parametrize("is_due", [False, True])
def test_a_later_page_is_read_from_its_place_on(editor, campaign, checkpoint, is_due):
    if is_due:
        campaign.due_at = timezone.now()
        campaign.save(update_fields=["due_at"])
    fill_desk(campaign, checkpoint, 400)
    params = QueryDict(mutable=True)
    drafts = waiting(params, editor)
    _, params["after"] = page(drafts, params, editor)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page(drafts, params, editor)
    plan_of(drafts)  # from here on PostgreSQL takes an index for few drafts, too
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[connection.vendor]

    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {asked[-1]['sql']}")
        found = "\n".join(str(row[-1]) for row in cursor.fetchall())

    begins = {"sqlite": "draft_in_queue (status=? AND turn<?)", "postgresql": "turn <= "}
    assert begins[connection.vendor] in found
    assert "draft_in_queue" in found
    assert not re.search(r"TEMP B-TREE|\bSort\b", found)


def test_what_is_read_with_a_draft_is_found_by_it_and_not_in_all_of_its_run(campaign, checkpoint):
    fill_desk(campaign, checkpoint, 400)
    drafts = Draft.objects.awaiting_review().in_order()

    found = plan_of(drafts.annotate(folded=Draft.objects.number_folded()).values("folded")[:50])

    assert "generation_draft_duplicate_of_id" in found
    assert "generation_draft_run_id" not in found
