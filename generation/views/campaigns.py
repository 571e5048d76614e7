"""Campaigns with their runs."""

from __future__ import annotations

from typing import Any

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
from generation import services
from generation.forms import CampaignForm
from generation.models import Draft, Run, Slot
from generation.views.refusals import refusal_told

_SHOWN_REFUSALS = 20


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
                due_at=wish["due_at"],
                publish_at=wish["publish_at"],
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
    with refusal_told(request):
        services.start_run(campaign, user=request.user)
    return redirect("generation:campaign-detail", slug)


@require_POST
@login_required
@permission_required("generation.add_run", raise_exception=True)
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a failed run again."""
    run = get_object_or_404(Run.objects.select_related("campaign"), pk=pk)
    with refusal_told(request):
        services.retry_run(run)
    return redirect("generation:campaign-detail", run.campaign.slug)


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
