"""The bell and the list behind it are a person's own, and say what is so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from review.models import Notification, Preferences
from review.services import notify
from tests.conftest import make_user

LIST = "/review/notifications/"
KIND = Notification.Kind


@pytest.fixture
def browser(client, editor):
    """A signed-in editor's browser."""
    client.force_login(editor)
    return client


def act(name: str, notification: Notification) -> str:
    return reverse(f"review:notification-{name}", args=[notification.pk])


def make(recipient: User, number: int) -> None:
    """So many notifications of no draft, all but one of them read."""
    now = timezone.now()
    rows = [
        Notification(
            recipient=recipient,
            kind=KIND.ASSIGNED,
            created_at=now - timedelta(minutes=n // 2),  # two at a time
            read_at=now if n else None,
        )
        for n in range(number)
    ]
    Notification.objects.bulk_create(rows)


def test_the_bell_says_its_number_in_words(browser, drafts, editor):
    assert 'aria-label="No unread notifications"' in browser.get(LIST).content.decode()
    notify([editor], kind=KIND.ASSIGNED, draft=drafts[0])

    one = browser.get("/review/notifications/bell/").content.decode()
    notify([editor], kind=KIND.ASSIGNED, draft=drafts[1])
    two = browser.get("/review/notifications/bell/").content.decode()

    assert one.lstrip().startswith("<a ")
    assert 'aria-label="1 unread notification"' in one
    assert 'aria-label="2 unread notifications"' in two
    assert two in browser.get(LIST).content.decode().replace(' aria-current="page"', "")


def test_the_bell_stops_counting(browser, editor):
    now = timezone.now()
    kinds = [f"kind{number}" for number in range(120)]
    Notification.objects.bulk_create(
        Notification(recipient=editor, kind=kind, created_at=now) for kind in kinds
    )

    assert ">99+<" in browser.get("/review/notifications/bell/").content.decode()


def test_a_stranger_has_no_bell(client, draft):
    assert client.get("/review/notifications/bell/").status_code == 204
    assert 'id="bell"' not in client.get("/accounts/login/").content.decode()
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(LIST).status_code == 403


def test_the_bell_asks_at_most_once_in_a_while(browser, editor, django_assert_num_queries):
    with django_assert_num_queries(3):  # session, account, the number
        browser.get("/review/notifications/bell/")
    with django_assert_num_queries(5):  # the list and the preferences, and no number
        browser.get(LIST)


def test_the_list_shows_ones_own_and_who_did_what(browser, draft, editor, other_editor):
    notify([editor], kind=KIND.MENTIONED, draft=draft, actor=other_editor)
    notify([other_editor], kind=KIND.ASSIGNED, draft=draft, actor=editor)

    page = browser.get(LIST).content.decode()

    assert page.count('class="notice-row"') == 1
    assert "zhou mentioned you in a comment." in page
    assert "Hearth skillet 🍳" in page


def test_an_empty_list_says_when_it_fills(browser):
    assert "When a colleague names you in a comment" in browser.get(LIST).content.decode()


def test_what_is_opened_is_read(browser, draft, editor, other_editor):
    notify([editor], kind=KIND.REPLIED, draft=draft, actor=other_editor)
    notify([editor], kind=KIND.ASSIGNED, draft=draft, actor=other_editor)
    reply, assigned = Notification.objects.order_by("pk")
    detail = reverse("review:draft-detail", args=[draft.pk])

    assert browser.post(act("open", reply))["Location"] == f"{detail}#comments"
    assert browser.post(act("open", assigned))["Location"] == detail
    notify([editor], kind=KIND.ASSIGNED)
    many = Notification.objects.latest("pk")
    assert "Galley assigned drafts to you." in browser.get(LIST).content.decode()
    assert browser.post(act("open", many))["Location"] == "/review/?view=mine"

    assert not Notification.objects.unread().exists()


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (KIND.UNDELIVERED, "/review/publications/?status=failed"),
        (KIND.SECOND_OPINION, "/review/?view=second"),
        (KIND.DUE, "/review/?view=mine"),
    ],
)
def test_news_of_many_leads_to_where_they_are(browser, editor, kind, place):
    notify([editor], kind=kind)

    assert browser.post(act("open", Notification.objects.get()))["Location"] == place


def test_who_may_not_see_publications_is_led_to_the_desk(browser, editor):
    editor.user_permissions.remove(Permission.objects.get(codename="view_publication"))
    notify([editor], kind=KIND.UNDELIVERED)

    answer = browser.post(act("open", Notification.objects.get()))

    assert answer["Location"] == "/review/?view=mine"


def test_one_and_all_are_marked_as_read(
    browser, drafts, editor, django_capture_on_commit_callbacks
):
    for draft in [*drafts, None]:
        notify([editor], kind=KIND.ASSIGNED, draft=draft)
    first = Notification.objects.earliest("pk")
    browser.get(LIST)

    with django_capture_on_commit_callbacks(execute=True):
        one = browser.post(act("read", first), follow=True).content.decode()
    assert 'aria-label="2 unread notifications"' in browser.get(LIST).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/review/notifications/read/")
    page = browser.get(LIST).content.decode()

    assert f'id="notification-{first.pk}" data-read="yes"' in one
    assert page.count('data-read="yes"') == 3
    assert "No unread notifications" in page
    assert "Mark all as read" not in page


def test_nobody_reads_or_opens_those_of_others(browser, draft, other_editor):
    notify([other_editor], kind=KIND.ASSIGNED, draft=draft)
    note = Notification.objects.get()

    answers = [browser.post(act(name, note)) for name in ("read", "open")]
    browser.post("/review/notifications/read/")

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Notification.objects.unread().exists()
    assert browser.get(act("read", note)).status_code == 405


@pytest.mark.parametrize("number", [3, 60])
def test_the_list_asks_a_fixed_number_of_questions(
    browser, editor, draft, number, django_assert_num_queries
):
    make(editor, number)
    Notification.objects.update(draft=draft, actor=make_user("chen", ()))
    browser.get(LIST)

    with django_assert_num_queries(5):  # session, account, permissions, the list, preferences
        page = browser.get(LIST).content.decode()

    assert page.count('class="notice-row"') == min(number, 50)


def test_the_list_goes_on_where_its_page_ended(browser, editor, monkeypatch):
    monkeypatch.setattr("review.views.notifications._PAGE", 3)
    make(editor, 7)
    seen, path = [], LIST

    for _ in range(3):
        page = browser.get(path).content.decode()
        seen.append(re.findall(r'id="notification-(\d+)"', page))
        older = re.search(r'href="(\?before=[^"]+)"', page)
        path = LIST + older[1] if older else ""

    newest = Notification.objects.to(editor).values_list("pk", flat=True)
    assert [len(page) for page in seen] == [3, 3, 1]
    assert [int(pk) for page in seen for pk in page] == list(newest)
    assert path == ""


@pytest.mark.parametrize("key", ["x", "1", "_", "1_x", "²_1", f"{10**18}_1", f"{2**63}_1"])
def test_a_mistyped_key_is_the_first_page(browser, editor, key):
    make(editor, 2)

    page = browser.get(LIST, {"before": key}).content.decode()

    assert page.count('class="notice-row"') == 2


def test_the_daily_mail_is_switched_off_and_on(browser, editor):
    assert "Your account has no mail address" in browser.get(LIST).content.decode()
    User.objects.filter(pk=editor.pk).update(email="lin@example.com")

    browser.post("/review/preferences/", {"language": "zh-hans"})
    off = browser.get(LIST).content.decode()
    browser.post("/review/preferences/", {"language": "", "wants_digest": "on"})
    on = browser.get(LIST).content.decode()
    browser.post("/review/preferences/", {"language": "fr"})

    assert "Your account has no mail address" not in off
    assert '<option value="zh-hans" lang="zh-Hans" selected>' in off
    assert 'name="wants_digest" checked' not in off
    assert 'name="wants_digest" checked' in on
    assert Preferences.objects.values_list("wants_digest", "language").get() == (True, "")
