"""Which checkpoint writes."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation import services
from generation.models import Checkpoint
from generation.views.refusals import refusal_told


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def checkpoint_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a checkpoint the one that writes."""
    checkpoint = get_object_or_404(Checkpoint, pk=pk)
    reason = request.POST.get("reason", "")
    with refusal_told(request):
        services.activate_checkpoint(checkpoint, user=request.user, reason=reason)
        messages.success(request, _("%(name)s writes from now on.") % {"name": checkpoint.name})
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def checkpoint_roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the checkpoint write again that wrote before this one."""
    with refusal_told(request):
        again = services.roll_back(get_object_or_404(Checkpoint, pk=pk), user=request.user)
        messages.success(request, _("%(name)s writes again.") % {"name": again.name})
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def checkpoint_measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a checkpoint measured."""
    with refusal_told(request):
        services.measure_checkpoint(get_object_or_404(Checkpoint, pk=pk), user=request.user)
        messages.success(request, _("It is being measured; its figures are here in a few minutes."))
    return redirect("generation:training")
