"""Checkpoints on trial, and what editors make of their drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation import gate, services
from generation.forms import CanaryForm
from generation.models import Canary, Checkpoint, Draft
from generation.statistics import Share
from generation.views.refusals import refusal_told

_SHOWN = 20
_FEWEST = 30  # decided drafts of each side below which nobody can tell


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: who wrote, and what editors made of it."""

    name: str
    checkpoint: Checkpoint
    approved: Share
    waiting: int

    @property
    def per_cent(self) -> tuple[float, float, float] | None:
        """The approval rate and its interval, in per cent; None where nothing was decided."""
        if self.approved.interval is None:
            return None
        return (100 * self.approved.value, *(100 * end for end in self.approved.interval))


@require_safe
@login_required
@permission_required("generation.view_checkpoint", raise_exception=True)
def canary_list(request: HttpRequest) -> HttpResponse:
    """Show the trial under way beside the active checkpoint, and those before."""
    trials = [_trial(canary) for canary in Canary.objects.for_list()[:_SHOWN]]
    running = next((trial for trial in trials if trial["canary"].status == "running"), None)
    context = {
        "running": running,
        "before": [trial for trial in trials if trial is not running],
        "form": CanaryForm(),
    }
    return render(request, "generation/canary_list.html", context)


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def canary_start(request: HttpRequest) -> HttpResponse:
    """Let a checkpoint write a share of the next drafts."""
    form = CanaryForm(request.POST)
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return redirect("generation:canary-list")
    with refusal_told(request):
        wish = form.cleaned_data
        services.start_canary(wish["checkpoint"], share=wish["share"], user=request.user)
    return redirect("generation:canary-list")


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def canary_promote(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the checkpoint on trial write everything."""
    canary = get_object_or_404(Canary, pk=pk)
    with refusal_told(request):
        reason = request.POST.get("reason", "")
        chosen = services.promote_canary(canary, user=request.user, reason=reason)
        messages.success(request, _("%(name)s writes from now on.") % {"name": chosen.name})
    return redirect("generation:canary-list")


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def canary_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a trial."""
    with refusal_told(request):
        services.end_canary(get_object_or_404(Canary, pk=pk), user=request.user)
        messages.success(request, _("The trial has ended; the active checkpoint writes on."))
    return redirect("generation:canary-list")


def _trial(canary: Canary) -> dict[str, Any]:
    """A canary, its two sides, and what can be said of them."""
    rows = Draft.objects.filter(run__canary=canary).order_by().values("checkpoint").with_verdicts()
    counts = {row["checkpoint"]: row for row in rows}
    sides = [
        _side(name, checkpoint, counts.get(checkpoint.pk, {}))
        for name, checkpoint in (
            (_("on trial"), canary.checkpoint),
            (_("active"), canary.against),
        )
    ]
    return {
        "canary": canary,
        "sides": sides,
        "finding": _finding(*sides),
        "objections": [
            objection.sentence
            for objection in gate.objections(canary.checkpoint.metrics, canary.against.metrics)
        ],
    }


def _side(name: str, checkpoint: Checkpoint, counts: dict[str, int]) -> Side:
    approved, rejected = counts.get("approved", 0), counts.get("rejected", 0)
    return Side(name, checkpoint, Share(approved, approved + rejected), counts.get("waiting", 0))


def _finding(trial: Side, active: Side) -> str:
    """Say in a sentence what the two rates mean."""
    if min(trial.approved.n, active.approved.n) < _FEWEST:
        return _("Too few drafts are decided to tell: at least %(fewest)d of each are needed.") % {
            "fewest": _FEWEST
        }
    (low, high), (other_low, other_high) = trial.approved.interval, active.approved.interval
    if low > other_high:
        return _("Editors approve more of the drafts on trial; the intervals do not touch.")
    if high < other_low:
        return _("Editors approve fewer of the drafts on trial; the intervals do not touch.")
    return _("The intervals overlap: no difference is shown yet.")
