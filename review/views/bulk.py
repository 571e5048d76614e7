"""Many drafts at once: first what would happen, then, once it is confirmed, that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation.models import Draft
from generation.statistics import sample_to_accept
from review import services
from review.errors import ReviewError
from review.forms import MOST_IN_BULK, UNCONFIRMED, BulkDecideForm, BulkForm, ConfirmForm, DeferForm
from review.models import Batch, Decision
from review.services import BulkOutcome, Reading
from review.views.filters import filters_of, forget_tabs, to_queue, waiting

_SHOWN = 20  # texts that the preview lists


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def bulk_preview(request: HttpRequest) -> HttpResponse:
    """Show what would become of the chosen drafts, and ask for what is missing."""
    form = BulkForm(_joined(request.POST))
    if not form.is_valid():
        messages.warning(request, next(iter(form.errors.values()))[0])
        return _to_queue(request)
    chosen = form.cleaned_data["drafts"]
    if form.cleaned_data["all"]:
        matching = waiting(request.GET, request.user)
        chosen = list(matching.values_list("pk", flat=True)[:MOST_IN_BULK])
    if not chosen:
        messages.warning(request, _("Choose the drafts first: mark them in the queue."))
        return _to_queue(request)
    return _preview(request, chosen, form.cleaned_data["action"])


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def bulk_decide(request: HttpRequest) -> HttpResponse:
    """Do what was confirmed, say what became of it, and go back to the queue."""
    form = BulkDecideForm(request.POST)
    if not form.is_valid():
        chosen, action = form.cleaned_data.get("drafts"), form.cleaned_data.get("action")
        if not chosen or not action:
            messages.warning(request, next(iter(form.errors.values()))[0])
            return _to_queue(request)
        return _preview(request, chosen, action, form=form, status=422)
    wish = form.cleaned_data
    if wish["action"] == "assign":
        moved = services.assign_drafts(wish["drafts"], to=wish["editor"], by=request.user)
        words = ngettext("%(count)d draft assigned.", "%(count)d drafts assigned.", len(moved))
        messages.success(request, words % {"count": len(moved)})
        return _to_queue(request)
    if wish["action"] == "sample":
        return _start_batch(request, wish["drafts"])
    outcome = _decided(wish, request.user)
    _report(request, outcome)
    return _to_queue(request)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def bulk_undo(request: HttpRequest) -> HttpResponse:
    """Take back all that was decided together; the admin asks for it too, and is shown again."""
    try:
        group = UUID(request.POST.get("group", ""))
    except ValueError:
        messages.warning(request, _("There is no such decision."))
        return _back(request)
    try:
        outcome = services.undo_group(group, editor=request.user)
    except ReviewError as refusal:
        messages.warning(request, str(refusal))
        return _back(request)
    tell_undone(request, outcome)
    return _back(request)


def tell_undone(request: HttpRequest, outcome: BulkOutcome) -> None:
    """Say how much of what was decided together is taken back."""
    done = len(outcome.done)
    words = ngettext("%(count)d decision taken back.", "%(count)d decisions taken back.", done)
    messages.success(request, words % {"count": done})
    if outcome.skipped:
        words = _("%(count)d stay as they are.") % {"count": len(outcome.skipped)}
        messages.warning(request, words)


@require_safe
@login_required
@permission_required("review.add_decision", raise_exception=True)
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the sample of a batch is read, and what can become of the rest."""
    batch = get_object_or_404(Batch, pk=pk, editor=request.user)
    reading = services.reading_of(batch)
    return _show_batch(request, batch, reading, ConfirmForm(number=reading.rest))


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def batch_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the rest of a batch whose sample passed, or give it back to everybody."""
    batch = get_object_or_404(Batch, pk=pk, editor=request.user)
    reading = services.reading_of(batch)
    form = ConfirmForm(request.POST, number=reading.rest if reading.passes else 0)
    if not form.is_valid():
        return _show_batch(request, batch, reading, form, status=422)
    try:
        outcome = services.settle_batch(batch, editor=request.user)
    except ReviewError as refusal:
        messages.warning(request, str(refusal))
        return redirect("review:batch-detail", pk=pk)
    forget_tabs(request.user)
    if outcome is None:
        messages.warning(request, _("The sample did not pass: the rest is back in the queue."))
    else:
        _report(request, outcome)
    return redirect("review:queue")


def _show_batch(
    request: HttpRequest, batch: Batch, reading: Reading, form: ConfirmForm, *, status: int = 200
) -> HttpResponse:
    context = {"batch": batch, "reading": reading, "form": form}
    return render(request, "review/batch.html", context, status=status)


def _start_batch(request: HttpRequest, chosen: list[int]) -> HttpResponse:
    try:
        batch = services.start_batch(chosen, editor=request.user)
    except ReviewError as refusal:
        messages.warning(request, str(refusal))
        return _to_queue(request)
    forget_tabs(request.user)
    return redirect(f"{reverse('review:queue')}?view=mine&batch={batch.pk}")


def _joined(posted: QueryDict) -> QueryDict:
    """What a form sent, with its marks as one field."""
    data = posted.copy()
    data["drafts"] = ",".join(posted.getlist("drafts"))
    return data


def _decided(wish: dict[str, Any], editor: User) -> services.BulkOutcome:
    given = {"editor": editor, "source": Decision.Source.BULK, "group": wish["group"]}
    if wish["action"] == "approve":
        return services.approve_drafts(wish["drafts"], **given)
    if wish["action"] == "defer":
        until = timezone.now() + timedelta(hours=wish["hours"])
        return services.defer_drafts(wish["drafts"], until=until, **given)
    reason, note = wish["reason"], wish["note"]
    return services.reject_drafts(wish["drafts"], reason=reason, note=note, **given)


def _report(request: HttpRequest, outcome: services.BulkOutcome) -> None:
    done = len(outcome.done)
    words = ngettext("%(count)d draft decided.", "%(count)d drafts decided.", done)
    tag = f"bulk:{outcome.group}" if done and outcome.group else ""
    messages.success(request, words % {"count": done}, extra_tags=tag)
    if outcome.skipped:
        words = _("%(count)d were decided already, or are on other desks, and stay as they are.")
        messages.warning(request, words % {"count": len(outcome.skipped)})


def _preview(
    request: HttpRequest,
    chosen: list[int],
    action: str,
    *,
    form: BulkDecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    drafts = Draft.objects.filter(pk__in=chosen)
    context = {
        "action": action,
        "form": form,
        "chosen": ",".join(map(str, chosen)),
        "number": len(chosen),
        "must_type": len(chosen) > UNCONFIRMED and action != "sample",
        "sample": sample_to_accept(len(chosen)),
        "group": form.cleaned_data.get("group") if form else uuid4(),
        "filters": filters_of(request.GET).urlencode(),
        "reasons": Decision.Reason.choices,
        "delays": DeferForm.DELAYS,
        "editors": _editors() if action == "assign" else (),
        "shown": list(drafts.for_queue().in_order()[:_SHOWN]),
        **services.foresee(chosen, editor=request.user),
    }
    return render(request, "review/bulk.html", context, status=status)


def _editors() -> list[User]:
    """Who may decide drafts."""
    decides = Permission.objects.filter(codename="add_decision", content_type__app_label="review")
    may = (
        Q(user_permissions__in=decides) | Q(groups__permissions__in=decides) | Q(is_superuser=True)
    )
    return list(User.objects.filter(may, is_active=True).distinct().order_by("username"))


def _to_queue(request: HttpRequest) -> HttpResponse:
    return to_queue(filters_of(request.GET).urlencode())


def _back(request: HttpRequest) -> HttpResponse:
    """The page of ours that was open, where it said which, or else the queue."""
    place, host = request.POST.get("next", ""), request.get_host()
    if url_has_allowed_host_and_scheme(place, {host}, require_https=request.is_secure()):
        return redirect(place)
    return _to_queue(request)
