"""Filters of the queue that an editor keeps under a name."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from review import services
from review.errors import ReviewError
from review.forms import ViewForm
from review.models import QueueView
from review.views.filters import filters_of, forget_tabs, to_queue


@require_POST
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the address under a name; one of the same name is replaced."""
    filters = filters_of(request.GET).urlencode()
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.warning(request, next(iter(form.errors.values()))[0])
        return to_queue(filters)
    may_share = request.user.has_perm("review.undo_any_decision")
    try:
        services.save_view(
            request.user,
            name=form.cleaned_data["name"],
            filters=filters,
            is_shared=form.cleaned_data["is_shared"] and may_share,
        )
    except ReviewError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Kept: %(name)s") % {"name": form.cleaned_data["name"]})
    forget_tabs(request.user)
    return to_queue(filters)


@require_POST
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own views."""
    view = get_object_or_404(QueueView, pk=pk, owner=request.user)
    services.delete_view(view)
    messages.success(request, _("Forgotten: %(name)s") % {"name": view.name})
    forget_tabs(request.user)
    return to_queue("")
