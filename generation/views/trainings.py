"""The writer's training: its overview, its orders, and each of them live."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation import curves, gate, services
from generation.errors import GenerationError
from generation.forms import TrainingForm
from generation.models import Activation, Checkpoint, Example, TrainingRun
from generation.reports import preparations
from generation.reports import trainings as reports
from generation.views.refusals import refusal_told

_SHOWN = 50
_COMPARED = 6  # side by side


@require_safe
@login_required
@permission_required("generation.view_checkpoint", raise_exception=True)
def training(request: HttpRequest) -> HttpResponse:
    """Show the checkpoints, what waits to be learnt, and the training under way."""
    active = Checkpoint.objects.active().first()
    lessons = Example.objects.values("label").annotate(
        total=Count("pk"), waiting=Count("pk", filter=Q(used_in=None, is_held_out=False))
    )
    labels = dict(Example.Label.choices)
    context = {
        "active": active,
        "figures": _figures(active.metrics) if active else [],
        "charts": curves.charts(active.metrics) if active else [],
        "prepared": preparations.rows(active.metrics) if active else [],
        "checkpoints": _judged(active),
        "activation": Activation.objects.for_list().standing().first(),
        "activations": Activation.objects.for_list()[:10],
        "lessons": [{**row, "name": labels[row["label"]]} for row in lessons],
        "trainings": [
            (order, reports.stage(order.progress)) for order in TrainingRun.objects.for_list()[:5]
        ],
        "is_training": TrainingRun.objects.unfinished().exists(),
        "form": TrainingForm(),
    }
    return render(request, "generation/training.html", context)


@require_safe
@login_required
@permission_required("generation.view_trainingrun", raise_exception=True)
def training_list(request: HttpRequest) -> HttpResponse:
    """Show all trainings with their settings and figures, and the form for a new one."""
    return _list(request, TrainingForm())


@require_safe
@login_required
@permission_required("generation.view_trainingrun", raise_exception=True)
def training_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one training: how it goes, or how it went."""
    return render(request, "generation/training_detail.html", _detail(request, pk))


@require_safe
@login_required
@permission_required("generation.view_trainingrun", raise_exception=True)
def training_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what moves on a training's page."""
    return render(request, "generation/_training_progress.html", _detail(request, pk))


@require_safe
@login_required
@permission_required("generation.view_trainingrun", raise_exception=True)
def training_compare(request: HttpRequest) -> HttpResponse:
    """Show trainings side by side; what differs stands out."""
    wanted = [int(pk) for pk in request.GET.getlist("run") if pk.isdecimal()][:_COMPARED]
    orders = list(TrainingRun.objects.for_list().filter(pk__in=wanted).order_by("pk"))
    if len(orders) < 2:
        messages.error(request, _("Choose two or more trainings to compare."))
        return redirect("generation:training-list")
    context = {
        "orders": orders,
        "settings": reports.setting_rows(orders),
        "figures": reports.figure_rows(orders),
        "bases": reports.bases(orders),
    }
    return render(request, "generation/training_compare.html", context)


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_start(request: HttpRequest) -> HttpResponse:
    """Order a training; what was wrong with the wish is said, and nothing typed is lost."""
    wish = request.POST.copy()
    wish.setdefault("kind", "feedback")
    form = TrainingForm(wish)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        order = services.start_training(user=request.user, **form.wish)
    except GenerationError as refusal:
        form.add_error(None, str(refusal))
        return _list(request, form, status=409)
    return redirect("generation:training-detail", order.pk)


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a training."""
    with refusal_told(request):
        services.stop_training(get_object_or_404(TrainingRun, pk=pk), user=request.user)
    return redirect("generation:training-detail", pk)


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a training up again where it was cut off."""
    with refusal_told(request):
        services.resume_training(get_object_or_404(TrainingRun, pk=pk), user=request.user)
    return redirect("generation:training-detail", pk)


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete the place that a training keeps."""
    with refusal_told(request):
        freed = services.forget_training(get_object_or_404(TrainingRun, pk=pk), user=request.user)
        messages.success(request, _("%(size)s are free again.") % {"size": filesizeformat(freed)})
    return redirect("generation:training-detail", pk)


def _list(request: HttpRequest, form: TrainingForm, *, status: int = 200) -> HttpResponse:
    orders = TrainingRun.objects.for_list()[:_SHOWN]
    context = {
        "form": form,
        "is_training": TrainingRun.objects.unfinished().exists(),
        "trainings": [
            {
                "order": order,
                "origin": reports.origin(order),
                "changed": reports.changed(order.settings),
                "stage": reports.stage(order.progress),
                "figures": reports.figures(order),
            }
            for order in orders
        ],
        "kept_bytes": sum(order.kept_bytes for order in orders),
    }
    return render(request, "generation/training_list.html", context, status=status)


def _detail(request: HttpRequest, pk: int) -> dict[str, Any]:
    order = get_object_or_404(TrainingRun.objects.for_list(), pk=pk)
    points = list(order.points.values_list("phase", "step", "figures"))
    if not points and order.checkpoint:
        points = reports.points_of(order.checkpoint.metrics.get("history", {}))
    return {
        "order": order,
        "origin": reports.origin(order),
        "stage": reports.stage(order.progress),
        "points": len(points),
        "charts": reports.charts(points),
        "samples": reports.samples(points),
        "settings": reports.setting_rows([order]),
        "figures": reports.figures(order),
        "prepared": preparations.rows(order.checkpoint.metrics) if order.checkpoint else [],
    }


def _judged(active: Checkpoint | None) -> list[tuple[Checkpoint, list[str]]]:
    """The newest checkpoints, each with what speaks against letting it write."""
    return [
        (
            checkpoint,
            []
            if checkpoint == active
            else [
                objection.sentence
                for objection in gate.objections(
                    checkpoint.metrics, active.metrics if active else None
                )
            ],
        )
        for checkpoint in Checkpoint.objects.select_related("parent")[:20]
    ]


def _figures(metrics: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures of a checkpoint that are plain numbers, in words."""
    names = {
        "parameters": _("weights"),
        "corpus": _("texts learnt from"),
        "held_out_nll": _("held-out loss, nats a token"),
        "discriminator_accuracy": _("judged right, held out"),
        "discriminator_auc": _("area under the judge's ROC curve"),
        "distinct_4_zh_generated": _("distinct 4-grams, Chinese"),
        "distinct_4_zh_human": _("the same of people's texts"),
        "distinct_4_en_generated": _("distinct 4-grams, English"),
        "distinct_4_en_human": _("the same of people's texts"),
    }
    labels = {
        "held_out_approved": _("the judge's score of texts that editors approved, held out"),
        "held_out_rejected": _("and of texts that they rejected"),
    }
    fitness = {
        "loss": _("base corpus: loss, nats a character"),
        "coverage": _("base corpus: facts told"),
        "unsupported": _("base corpus: texts with a made-up number"),
    }
    asked = metrics.get("fitness", {})
    figures = [(words, f"{metrics[name]:,}") for name, words in names.items() if name in metrics]
    figures += [
        (words, f"{round(asked[name], 3):,}") for name, words in fitness.items() if name in asked
    ]
    return figures + [
        (words, f"{metrics[name]['mean_score']} ({metrics[name]['texts']})")
        for name, words in labels.items()
        if name in metrics
    ]
