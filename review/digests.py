"""One mail a day for whoever has news that they have not read: taken first, and then sent.

The take is a conditional UPDATE in a transaction of its own, so of two workers one sends, and no
lock is held while a mail server is waited for. What could not be sent is given back.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from review.models import Notification, Preferences
from review.models.notification import readers

_SHOWN = 50  # notifications that one mail lists; it says how many more there are


def due(at: datetime) -> list[int]:
    """The ids of those who are to be sent a digest.

    They may see drafts, have an address, want digests, had none that day, and have news.
    """
    news = Notification.objects.unmailed().filter(recipient=OuterRef("pk"))
    chosen = Preferences.objects.filter(user=OuterRef("pk"))
    served = chosen.exclude(pk__in=Preferences.objects.due(at).values("pk"))
    people = readers().exclude(email="").filter(Exists(news)).exclude(Exists(served))
    return list(people.order_by("pk").values_list("pk", flat=True))


def send_digest(user_id: int) -> int:
    """Send one person what they have not read; return how many news that told.

    Raises:
        OSError: the mail did not leave; it is due again.
    """
    now = timezone.now()
    user = readers().exclude(email="").filter(pk=user_id).first()
    news = _taken(user, now) if user else []
    if not news:
        return 0
    try:
        _mail(user, news).send()
    except OSError:
        _give_back(user, now)
        raise
    return len(news)


@transaction.atomic
def _taken(user: User, at: datetime) -> list[Notification]:
    """The person's news, which nobody else will send now; none where somebody else does."""
    unmailed = Notification.objects.unmailed().to(user)
    if not unmailed.exists():
        return []
    Preferences.objects.get_or_create(user=user)
    if not Preferences.objects.filter(user=user).take_digest(at):
        return []
    news = list(unmailed.for_list())
    Notification.objects.filter(pk__in=[one.pk for one in news]).mail(at)
    return news


@transaction.atomic
def _give_back(user: User, at: datetime) -> None:
    """Make due again what was taken at a moment."""
    Notification.objects.to(user).unmail(at)
    Preferences.objects.filter(user=user).give_back_digest(at)


def _mail(user: User, news: list[Notification]) -> EmailMultiAlternatives:
    """The message, in the language that its reader chose."""
    language = Preferences.objects.values_list("language", flat=True).get(user=user)
    with translation.override(language or settings.LANGUAGE_CODE):
        number = len(news)
        subject = ngettext(
            "Galley: %(number)d notification waits for you",
            "Galley: %(number)d notifications wait for you",
            number,
        ) % {"number": number}
        context = {
            "user": user,
            "subject": subject,
            "news": news[:_SHOWN],
            "more": max(0, number - _SHOWN),
            "address": settings.GALLEY_ADDRESS,
        }
        message = EmailMultiAlternatives(
            subject,
            render_to_string("review/digest.txt", context),
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(render_to_string("review/digest.html", context), "text/html")
        return message
