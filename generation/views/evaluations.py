"""How good checkpoints are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from generation.models import Evaluation
from generation.reports import comparisons, document, evaluations

_SHOWN_EVALUATIONS = 100


@require_safe
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def evaluation_list(request: HttpRequest) -> HttpResponse:
    """Show checkpoints side by side on the same texts, and what was compared."""
    context = {
        "boards": evaluations.boards(Evaluation.objects.of_checkpoints()[:_SHOWN_EVALUATIONS]),
        "comparisons": Evaluation.objects.comparisons()[:20],
    }
    return render(request, "generation/evaluation_list.html", context)


@require_safe
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def evaluation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that one evaluation or comparison found."""
    evaluation = get_object_or_404(Evaluation.objects.select_related("checkpoint"), pk=pk)
    context: dict[str, Any] = {"evaluation": evaluation}
    if evaluation.checkpoint is None:
        context["sweeps"] = comparisons.sweeps(evaluation.figures)
        return render(request, "generation/comparison_detail.html", context)
    before = Evaluation.objects.filter(data=evaluation.data, checkpoint__isnull=False)
    context["tables"] = evaluations.tables(evaluation.figures)
    context["charts"] = evaluations.charts(reversed(before[:_SHOWN_EVALUATIONS]))
    return render(request, "generation/evaluation_detail.html", context)


@require_safe
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def evaluation_definitions(request: HttpRequest) -> HttpResponse:
    """Show docs/metrics.md."""
    text = (settings.BASE_DIR / "docs" / "metrics.md").read_text(encoding="utf-8")
    return render(
        request, "generation/evaluation_definitions.html", {"parts": document.parts(text)}
    )
