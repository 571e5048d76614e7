"""What is on the channels, what is on its way, and what failed."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from catalog.forms import whole_number
from review import services
from review.errors import ReviewError
from review.forms import ScheduleForm
from review.models import Publication

_PAGE = 50


@require_safe
@login_required
@permission_required("review.view_publication", raise_exception=True)
def publication_list(request: HttpRequest) -> HttpResponse:
    """List the newest publications."""
    publications = Publication.objects.for_list().prefetch_related("product__texts")
    status = request.GET.get("status", "")
    if status in Publication.Status.values:
        publications = publications.filter(status=status)
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        publications = publications.filter(pk__lt=before)
    rows = list(publications.order_by("-pk")[: _PAGE + 1])
    context = {
        "publications": rows[:_PAGE],
        "next_key": rows[_PAGE - 1].pk if len(rows) > _PAGE else None,
        "statuses": Publication.Status.choices,
        "status": status,
    }
    return render(request, "review/publication_list.html", context)


@require_POST
@login_required
@permission_required("review.change_publication", raise_exception=True)
def publication_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a text off its channel; the text before it comes back."""
    withdraw = partial(services.withdraw_publication, user=request.user)
    return _done(request, pk, withdraw, _("Withdrawn: the text before it is back."))


@require_POST
@login_required
@permission_required("review.change_publication", raise_exception=True)
def publication_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a text that is on no channel go out at a time."""
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        get_object_or_404(Publication, pk=pk)
        return _row(request, pk, notice=form.errors["at"][0], status=422)
    at = form.cleaned_data["at"]
    schedule = partial(services.schedule_publication, at=at, user=request.user)
    return _done(request, pk, schedule, _("Scheduled."))


@require_POST
@login_required
@permission_required("review.change_publication", raise_exception=True)
def publication_revert(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring an earlier text back: all that covers it is withdrawn, as one action."""
    revert = partial(services.revert_to, user=request.user)
    return _done(request, pk, revert, _("This text is what visitors read again."))


@require_POST
@login_required
@permission_required("review.change_publication", raise_exception=True)
def publication_republish(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a withdrawn or failed text again."""

    def republish(publication: Publication) -> None:
        services.republish(publication.draft)

    return _done(request, pk, republish, _("On its way again."))


def _done(
    request: HttpRequest, pk: int, act: Callable[[Publication], object], words: str
) -> HttpResponse:
    """Do something with a publication; its row says why not, or a message that it is done."""
    publication = get_object_or_404(Publication.objects.for_list().select_related("draft"), pk=pk)
    try:
        act(publication)
    except ReviewError as refusal:
        return _row(request, pk, notice=str(refusal), status=409)
    messages.success(request, words)
    return _row(request, pk)


def _row(request: HttpRequest, pk: int, *, notice: str = "", status: int = 200) -> HttpResponse:
    """The publication's row for htmx; the list for a plain browser."""
    if not request.htmx:
        if notice:
            messages.warning(request, notice)
        return redirect("review:publication-list")
    publication = Publication.objects.for_list().prefetch_related("product__texts").get(pk=pk)
    context = {"publication": publication, "notice": notice, "is_answer": True}
    answer = render(request, "review/_publication_row.html", context, status=status)
    return trigger_client_event(answer, "galley:shelf-changed", after="settle")
