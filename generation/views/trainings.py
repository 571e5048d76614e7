"""The writer's training."""

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
from generation.forms import TrainingForm
from generation.models import Activation, Checkpoint, Example, TrainingRun
from generation.reports import preparations
from generation.views.refusals import refusal_told


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
        "activation": Activation.objects.standing().select_related("previous", "user").first(),
        "lessons": [{**row, "name": labels[row["label"]]} for row in lessons],
        "trainings": [
            (order, _progress(order.progress))
            for order in TrainingRun.objects.select_related("checkpoint")[:5]
        ],
        "is_training": TrainingRun.objects.unfinished().exists(),
        "form": TrainingForm(),
    }
    return render(request, "generation/training.html", context)


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_start(request: HttpRequest) -> HttpResponse:
    """Order a training from the editors' decisions."""
    form = TrainingForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say how many minutes the training may take, from 1 to 600."))
        return redirect("generation:training")
    with refusal_told(request):
        services.start_training(minutes=form.cleaned_data["minutes"], user=request.user)
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a training."""
    order = get_object_or_404(TrainingRun, pk=pk)
    with refusal_told(request):
        services.stop_training(order, user=request.user)
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a training up again where it was cut off."""
    with refusal_told(request):
        services.resume_training(get_object_or_404(TrainingRun, pk=pk), user=request.user)
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete the place that a training keeps."""
    with refusal_told(request):
        freed = services.forget_training(get_object_or_404(TrainingRun, pk=pk), user=request.user)
        messages.success(request, _("%(size)s are free again.") % {"size": filesizeformat(freed)})
    return redirect("generation:training")


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


def _progress(line: dict[str, Any]) -> str:
    """Say where a training is."""
    phases = {
        "prepared": _("reading the texts"),
        "likelihood": _("learning the texts"),
        "discriminator": _("the judge learns alone"),
        "adversarial": _("writer and judge play"),
        "ranking": _("the judge learns to rank"),
        "measuring": _("its figures are measured"),
    }
    phase = phases.get(line.get("phase", ""), "")
    if phase and "step" in line:
        return _("%(phase)s, step %(step)d") % {"phase": phase, "step": line["step"]}
    return phase


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
    figures = [(words, f"{metrics[name]:,}") for name, words in names.items() if name in metrics]
    return figures + [
        (words, f"{metrics[name]['mean_score']} ({metrics[name]['texts']})")
        for name, words in labels.items()
        if name in metrics
    ]
