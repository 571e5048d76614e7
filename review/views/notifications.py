"""What a person is told of: the bell, the list behind it, and the daily mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.forms import whole_number
from review import services
from review.forms import PreferencesForm
from review.models import Notification, Publication

_PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def notification_list(request: HttpRequest) -> HttpResponse:
    """List a person's own notifications, the newest first."""
    found = Notification.objects.for_list().to(request.user)
    if key := _place(request.GET):
        at, pk = key
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk), created_at__lte=at)
    rows = list(found[: _PAGE + 1])
    context = {
        "notifications": rows[:_PAGE],
        "next_key": _key(rows[_PAGE - 1]) if len(rows) > _PAGE else "",
        "preferences": services.preferences_of(request.user),
        "languages": settings.LANGUAGES,
    }
    return render(request, "review/notification_list.html", context)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """Give the bell with its number as it is now; nothing to those who are signed out by now."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    services.unread_number(request.user, anew=True)
    return render(request, "review/_bell.html")


@require_POST
@login_required
def notification_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read."""
    services.read_notification(_own(request, pk))
    return redirect("review:notification-list")


@require_POST
@login_required
def notification_read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    services.read_all_notifications(request.user)
    return redirect("review:notification-list")


@require_POST
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read, and go to its draft, or to where those are that it is about."""
    notification = _own(request, pk)
    services.read_notification(notification)
    if notification.draft_id is None:
        return redirect(_place_of_several(notification, request.user))
    place = reverse("review:draft-detail", args=[notification.draft_id])
    return redirect(f"{place}#comments" if notification.is_talk else place)


@require_POST
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep whether a person wants the daily mail, and in which language."""
    form = PreferencesForm(request.POST)
    if form.is_valid():
        services.choose(request.user, **form.cleaned_data)
        messages.success(request, _("Kept."))
    return redirect("review:notification-list")


def _own(request: HttpRequest, pk: int) -> Notification:
    """A notification of whoever asks; nobody sees those of others."""
    return get_object_or_404(Notification, pk=pk, recipient=request.user)


def _place_of_several(notification: Notification, user: User) -> str:
    """Where the drafts or texts are that one without a draft is about."""
    kinds = Notification.Kind
    if notification.kind == kinds.UNDELIVERED and user.has_perm("review.view_publication"):
        return f"{reverse('review:publication-list')}?status={Publication.Status.FAILED}"
    if notification.kind == kinds.SECOND_OPINION:
        return f"{reverse('review:queue')}?view=second"
    return f"{reverse('review:queue')}?view=mine"


def _key(last: Notification) -> str:
    """Where the next page begins: behind a row, by its time and number."""
    return f"{(last.created_at - _EPOCH) // _TICK}_{last.pk}"


def _place(params: QueryDict) -> tuple[datetime, int] | None:
    """The time and number that a page begins behind; None, the first page, if mistyped."""
    ticks, _mark, pk = params.get("before", "").partition("_")
    at, number = whole_number(ticks), whole_number(pk)
    if at is None or number is None:
        return None
    try:
        return _EPOCH + at * _TICK, number
    except OverflowError:
        return None
