"""One mail a day of what a person has not read, in their language, and never two of them."""

from __future__ import annotations

import smtplib
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from review import digests, schedule
from review.models import Notification, Preferences
from review.services import choose, notify, read_all_notifications

KIND = Notification.Kind


class Mailbox(EmailBackend):
    """A mail server that takes nothing for zhou."""

    def send_messages(self, messages):
        """Refuse a whole batch that zhou is in."""
        if any("zhou@example.com" in message.to for message in messages):
            raise smtplib.SMTPRecipientsRefused({})
        return super().send_messages(messages)


@pytest.fixture
def people(editor, other_editor) -> list[User]:
    """Two editors with addresses."""
    for user in (editor, other_editor):
        user.email = f"{user.username}@example.com"
        user.save()
    return [other_editor, editor]


@pytest.fixture
def news(drafts, people) -> list[User]:
    """Both of them have news of both drafts."""
    for draft in drafts:
        notify(people, kind=KIND.ASSIGNED, draft=draft)
    return people


@pytest.fixture
def pass_time(monkeypatch):
    """Let so much time pass."""

    def wait(period: timedelta) -> None:
        later = timezone.now() + period
        monkeypatch.setattr(timezone, "now", lambda: later)

    return wait


def due() -> set[int]:
    return set(digests.due(timezone.now()))


def test_a_digest_says_what_happened_and_where(news, draft, settings):
    settings.GALLEY_ADDRESS = "https://galley.example.com"
    lin = news[1]

    assert digests.send_digest(lin.pk) == 2

    (message,) = mail.outbox
    assert message.to == ["lin@example.com"]
    assert message.subject == "Galley: 2 notifications wait for you"
    link = f"https://galley.example.com/review/drafts/{draft.pk}/"
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    for words in (message.body, html):
        assert "Galley assigned a draft to you." in words
        assert "Hearth skillet 🍳" in words
        assert link in words
        assert "https://galley.example.com/review/notifications/" in words
    assert '<html lang="en">' in html


def test_a_digest_speaks_its_readers_language(news):
    lin = news[1]
    choose(lin, wants_digest=True, language="zh-hans")

    digests.send_digest(lin.pk)

    (message,) = mail.outbox
    assert message.subject == "Galley：你有 2 条未读通知"
    assert "Galley 把一篇稿件分配给你。" in message.body
    assert '<html lang="zh-Hans">' in message.alternatives[0][0]


def test_titles_are_escaped_in_html_alone(news, draft):
    draft.brief["title"] = "<b>Pan</b> & more"
    draft.save(update_fields=["brief"])

    digests.send_digest(news[1].pk)

    (message,) = mail.outbox
    assert "<b>Pan</b> & more" in message.body
    assert "&lt;b&gt;Pan&lt;/b&gt; &amp; more" in message.alternatives[0][0]
    assert "<b>" not in message.alternatives[0][0]


def test_a_long_digest_says_how_many_more_there_are(news, monkeypatch):
    monkeypatch.setattr(digests, "_SHOWN", 1)

    assert digests.send_digest(news[1].pk) == 2

    (message,) = mail.outbox
    assert message.body.count("assigned a draft") == 1
    assert "And 1 more." in message.body


def test_nobody_is_mailed_twice_on_one_day_nor_twice_the_same(news, drafts, pass_time):
    lin = news[1]
    assert digests.send_digest(lin.pk) == 2
    notify([lin], kind=KIND.REPLIED, draft=drafts[0])
    assert digests.send_digest(lin.pk) == 0
    assert lin.pk not in due()

    pass_time(timedelta(days=1))

    assert lin.pk in due()
    assert digests.send_digest(lin.pk) == 1
    assert [message.subject for message in mail.outbox] == [
        "Galley: 2 notifications wait for you",
        "Galley: 1 notification waits for you",
    ]


@pytest.mark.parametrize(("zone", "is_due"), [("UTC", False), ("Asia/Shanghai", True)])
def test_a_day_of_digests_is_the_shops(news, settings, monkeypatch, zone, is_due):
    settings.TIME_ZONE = zone
    lin = news[1]
    evening, later = (datetime(2026, 11, 25, hour, tzinfo=UTC) for hour in (15, 17))
    monkeypatch.setattr(timezone, "now", lambda: evening)
    choose(lin, wants_digest=True, language="")
    assert Preferences.objects.filter(user=lin).take_digest(evening) == 1

    with timezone.override("America/New_York"):  # whoever asks
        assert (lin.pk in digests.due(later)) is is_due


def test_who_is_due(news, drafts):
    zhou, lin = news
    assert due() == {zhou.pk, lin.pk}

    choose(zhou, wants_digest=False, language="")
    read_all_notifications(lin)

    assert due() == set()
    assert [digests.send_digest(user.pk) for user in news] == [0, 0]
    choose(zhou, wants_digest=True, language="")
    assert due() == {zhou.pk}
    zhou.user_permissions.clear()  # who may not see drafts any more
    assert due() == set()
    assert digests.send_digest(zhou.pk) == 0
    notify([lin], kind=KIND.REPLIED, draft=drafts[0])
    assert due() == {lin.pk}
    User.objects.filter(pk=lin.pk).update(email="")
    assert due() == set()
    assert digests.send_digest(lin.pk) == 0
    assert mail.outbox == []


def test_who_is_due_is_asked_once(news, django_assert_num_queries):
    with django_assert_num_queries(1):
        digests.due(timezone.now())
    with django_assert_num_queries(12):  # of which four are savepoints
        digests.send_digest(news[0].pk)


def test_an_address_that_fails_keeps_nobody_from_theirs(news, settings):
    settings.EMAIL_BACKEND = "tests.review.test_digests.Mailbox"
    zhou, _ = news
    out, err = StringIO(), StringIO()

    call_command("send_digests", stdout=out, stderr=err)

    assert out.getvalue() == "1 digests sent, 1 not.\n"
    assert f"Not sent to user {zhou.pk}" in err.getvalue()
    assert [message.to for message in mail.outbox] == [["lin@example.com"]]
    assert due() == {zhou.pk}  # it is due again, whole
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert digests.send_digest(zhou.pk) == 2


def test_the_clock_queues_one_task_for_each(news, monkeypatch, django_capture_on_commit_callbacks):
    queued: list[int] = []
    monkeypatch.setattr("review.tasks.send_digest.delay", queued.append)

    with django_capture_on_commit_callbacks(execute=True):
        number = schedule.send_digests()

    assert number == 2
    assert sorted(queued) == sorted(user.pk for user in news)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.slow
def test_of_many_workers_at_once_exactly_one_sends(news):
    told: list[int] = []
    together = threading.Barrier(4)
    lin = news[1]

    def work():
        together.wait()
        try:
            told.append(digests.send_digest(lin.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [0, 0, 0, 2]
    assert len(mail.outbox) == 1
    assert Preferences.objects.filter(user=lin).count() == 1
