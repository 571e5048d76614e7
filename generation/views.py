"""Campaigns with their runs, and the writer's training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.choices import Language
from catalog.errors import CatalogError
from catalog.models import Campaign, Channel, ContentKind, Product
from catalog.services import open_campaign
from generation import curves, services
from generation.errors import GenerationError
from generation.forms import CampaignForm, TrainingForm
from generation.models import Checkpoint, Draft, Evaluation, Example, Run, Slot, TrainingRun
from generation.reports import comparisons, document, evaluations

_SHOWN_REFUSALS = 20
_SHOWN_EVALUATIONS = 100


@require_safe
@login_required
@permission_required("catalog.view_campaign", raise_exception=True)
def campaign_list(request: HttpRequest) -> HttpResponse:
    """List campaigns, newest first."""
    campaigns = Campaign.objects.annotate(product_count=Count("products"))[:100]
    return render(request, "generation/campaign_list.html", {"campaigns": campaigns})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("catalog.add_campaign", raise_exception=True)
def campaign_create(request: HttpRequest) -> HttpResponse:
    """Open a campaign."""
    form = CampaignForm(request.POST or None, initial=_first_wish(request))
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        wanted = Q(category__in=wish["categories"]) | Q(sku__in=wish["skus"])
        try:
            campaign = open_campaign(
                name=wish["name"],
                products=Product.objects.filter(wanted),
                kinds=wish["kinds"],
                languages=wish["languages"],
                channels=wish["channels"],
                variants=wish["variants"],
                starts_at=wish["starts_at"],
                user=request.user,
            )
        except CatalogError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("generation:campaign-detail", campaign.slug)
    status = 422 if form.errors else 200
    return render(request, "generation/campaign_form.html", {"form": form}, status=status)


@require_safe
@login_required
@permission_required("catalog.view_campaign", raise_exception=True)
def campaign_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a campaign: its progress, its runs, what was refused and why."""
    campaign = get_object_or_404(Campaign.objects.prefetch_related("kinds", "channels"), slug=slug)
    return render(request, "generation/campaign_detail.html", _campaign_context(campaign))


@require_safe
@login_required
@permission_required("catalog.view_campaign", raise_exception=True)
def campaign_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the progress alone."""
    campaign = get_object_or_404(Campaign.objects.prefetch_related("kinds", "channels"), slug=slug)
    return render(request, "generation/_campaign_progress.html", _campaign_context(campaign))


@require_POST
@login_required
@permission_required("catalog.change_campaign", raise_exception=True)
def campaign_close(request: HttpRequest, slug: str) -> HttpResponse:
    """Close a campaign."""
    if services.close_campaign(get_object_or_404(Campaign, slug=slug)):
        messages.success(
            request, _("The campaign is closed; its undecided drafts have left the desk.")
        )
    return redirect("generation:campaign-detail", slug)


@require_POST
@login_required
@permission_required("generation.add_run", raise_exception=True)
def run_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Order drafts for a campaign."""
    campaign = get_object_or_404(Campaign, slug=slug)
    with _refusal_told(request):
        services.start_run(campaign, user=request.user)
    return redirect("generation:campaign-detail", slug)


@require_POST
@login_required
@permission_required("generation.add_run", raise_exception=True)
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a failed run again."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    with _refusal_told(request):
        services.retry_run(run)
    return redirect("generation:campaign-detail", run.campaign.slug)


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
        "checkpoints": Checkpoint.objects.select_related("parent")[:20],
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
    with _refusal_told(request):
        services.start_training(minutes=form.cleaned_data["minutes"], user=request.user)
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.add_trainingrun", raise_exception=True)
def training_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a training."""
    order = get_object_or_404(TrainingRun, pk=pk)
    with _refusal_told(request):
        services.stop_training(order, user=request.user)
    return redirect("generation:training")


@require_POST
@login_required
@permission_required("generation.change_checkpoint", raise_exception=True)
def checkpoint_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a checkpoint the one that writes."""
    checkpoint = get_object_or_404(Checkpoint, pk=pk)
    with _refusal_told(request):
        services.activate_checkpoint(checkpoint, user=request.user)
        messages.success(request, _("%(name)s writes from now on.") % {"name": checkpoint.name})
    return redirect("generation:training")


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


@contextmanager
def _refusal_told(request: HttpRequest) -> Iterator[None]:
    """Say on the next page why an order was refused."""
    try:
        yield
    except (CatalogError, GenerationError) as refusal:
        messages.error(request, str(refusal))


def _first_wish(request: HttpRequest) -> dict[str, Any]:
    """What the form proposes: all copy, languages and channels, and the address's products."""
    return {
        "skus": request.GET.get("skus", ""),
        "kinds": ContentKind.objects.all(),
        "languages": Language.values,
        "channels": Channel.objects.filter(is_active=True),
        "variants": 1,
    }


def _campaign_context(campaign: Campaign) -> dict[str, Any]:
    runs = list(Run.objects.for_list().filter(campaign=campaign)[:10])
    drafts = Draft.objects.filter(run__campaign=campaign)
    counts = dict(drafts.order_by().values_list("status").annotate(Count("pk")))
    approved = sum(counts.get(name, 0) for name in ("approved", "published", "withdrawn"))
    latest = runs[0] if runs else None
    done = latest.filled_count + latest.refused_count if latest else 0
    return {
        "campaign": campaign,
        "runs": runs,
        "latest": latest,
        "done": done,
        "share": round(100 * done / latest.slot_count, 1) if latest and latest.slot_count else 0,
        "is_unfinished": any(run.is_unfinished for run in runs),
        "waiting": counts.get("proposed", 0),
        "approved": approved,
        "rejected": counts.get("rejected", 0),
        "product_count": campaign.products.count(),
        "refused": Slot.objects.filter(
            run__campaign=campaign, outcome=Slot.Outcome.REFUSED
        ).select_related("product", "kind")[:_SHOWN_REFUSALS],
    }


def _progress(line: dict[str, Any]) -> str:
    """Say where a training is."""
    phases = {
        "prepared": _("reading the texts"),
        "likelihood": _("learning the texts"),
        "discriminator": _("the judge learns alone"),
        "adversarial": _("writer and judge play"),
        "ranking": _("the judge learns to rank"),
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
