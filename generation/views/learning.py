"""What the writer learnt from its editors."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generation.choices import REASONS
from generation.models import Draft, TrainingRun
from generation.reports import approvals

_SHOWN = 10


@require_safe
@login_required
@permission_required("generation.view_checkpoint", raise_exception=True)
def learning(request: HttpRequest) -> HttpResponse:
    """Show how the judge agrees with editors, per training, and what editors approve."""
    orders = TrainingRun.objects.for_list().filter(is_feedback=True, checkpoint__isnull=False)
    charts = (
        approvals.by_week(Draft.objects.by_week()),
        approvals.by_checkpoint(Draft.objects.by_checkpoint()),
    )
    context = {
        "trainings": [
            (order, approvals.agreements(order.checkpoint.metrics, REASONS))
            for order in orders[:_SHOWN]
        ],
        "charts": [chart for chart in charts if chart is not None],
        "fewest": approvals.FEWEST,
    }
    return render(request, "generation/learning.html", context)
