"""How the desk does: what waits, what was decided and how fast, for those who lead it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.models import Campaign, ContentKind
from generation.models import Checkpoint, Draft
from generation.statistics import Share, auc
from review import reports
from review.forms import DashboardForm
from review.models import Decision
from review.statistics import FEWEST, VERDICTS, Tally, agreement, forecast, medians, tallies

_SEE = "review.see_dashboard"
_KEPT_SECONDS = 60
_CAMPAIGNS = 12  # whose progress is shown
_CHOICES = 50  # campaigns that can be chosen
_AGES = {"hour": 1, "day": 24, "three": 72, "seven": 168}  # hours


@require_safe
@login_required
@permission_required(_SEE, raise_exception=True)
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show how the desk does; the figures alone for htmx."""
    campaign, days = _asked(request)
    figures = _figures(campaign, days)
    rejected = sum(figures.reasons.values())
    shown = {
        "figures": figures,
        "campaign": campaign,
        "days": days,
        "asked": request.GET.urlencode(),
        "forecast": reports.said(forecast(figures.waiting["all"], figures.done, figures.days)),
        "ages": reports.ages(figures.waiting),
        "medians": [(Decision.Verdict(name).label, figures.medians.get(name)) for name in VERDICTS],
        "reasons": [
            (Decision.Reason(name).label, Share(count, rejected))
            for name, count in figures.reasons.items()
        ],
        "rejected": rejected,
        "agreement": figures.agreement,
        "pace": reports.pace(figures),
        "weeks": reports.weeks(figures),
        "breakdowns": reports.breakdowns(figures),
    }
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "review/_dashboard.html", shown)
    choices = {"campaigns": Campaign.objects.all()[:_CHOICES], "periods": DashboardForm.DAYS}
    return render(request, "review/dashboard.html", choices | shown)


@require_safe
@login_required
@permission_required(_SEE, raise_exception=True)
def dashboard_download(request: HttpRequest) -> HttpResponse:
    """Give the breakdowns as a file for a spreadsheet; it is a few dozen lines."""
    campaign, days = _asked(request)
    lines = reports.csv_lines(reports.breakdowns(_figures(campaign, days)))
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    name = f"galley-{timezone.localdate():%Y-%m-%d}-{days}-days.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def _asked(request: HttpRequest) -> tuple[Campaign | None, int]:
    """The campaign that is asked about, or all, and for how many days until today."""
    form = DashboardForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    return chosen.get("campaign"), chosen.get("days") or DashboardForm.USUAL_DAYS


def _figures(campaign: Campaign | None, days: int) -> reports.Figures:
    """What is counted, as it was at most a minute ago, by the days of the reader's zone."""
    about = campaign.pk if campaign else "all"
    name = f"review.dashboard.{about}.{days}.{timezone.get_current_timezone_name()}"
    return cache.get_or_set(name, lambda: _count(campaign, days), _KEPT_SECONDS)


def _count(campaign: Campaign | None, days: int) -> reports.Figures:
    """Ask the database, a fixed number of questions for any number of rows."""
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    begun = [_midnight(day) for day in dates]
    decisions, drafts = Decision.objects.since(begun[0]), Draft.objects.all()
    if campaign:
        decisions = decisions.filter(draft__run__campaign=campaign)
        drafts = drafts.filter(run__campaign=campaign)
    by_day = list(decisions.given().by_day(begun))
    by_kind = list(decisions.standing().by_kind())
    scores = decisions.standing().scores_by_chance()
    on_day = tallies(by_day, "day")
    now = timezone.now()
    older = {name: now - timedelta(hours=hours) for name, hours in _AGES.items()}
    return reports.Figures(
        at=now,
        is_new=not by_day and not Decision.objects.exists(),
        today=on_day.get(days - 1, Tally()),
        by_day=[(day, on_day.get(at, Tally())) for at, day in enumerate(dates)],
        by_week=_by_week(by_day, dates),
        by_editor=_by_editor(by_day, decisions),
        by_checkpoint=[
            (checkpoint.name, tally)
            for checkpoint, tally in _named(Checkpoint.objects.all(), by_kind, "checkpoint")
        ],
        by_kind=_named(ContentKind.objects.all(), by_kind, "kind"),
        reasons=_reasons(by_kind),
        medians=medians(decisions.given().in_the_middle()),
        waiting=drafts.open().by_age(older),
        oldest=drafts.open().oldest().for_queue().first(),
        campaigns=_progress(campaign),
        agreement=agreement(decisions.pairs()),
        by_place=sorted(tallies(by_kind, "by_chance").items()),
        foresight=auc(*scores) if sum(map(len, scores)) >= FEWEST else None,
    )


def _midnight(day: date) -> datetime:
    """When a day begins where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _by_week(by_day: list[dict], dates: list[date]) -> list[tuple[date, Tally]]:
    """What was decided of drafts in each week; of two verdicts on one the last counts."""
    last = [row for row in by_day if row["is_last"]]
    mondays = [day - timedelta(days=day.weekday()) for day in dates]
    return sorted(tallies(({**row, "week": mondays[row["day"]]} for row in last), "week").items())


def _named(things: QuerySet, rows: list[dict], name: str) -> list[tuple[Any, Tally]]:
    """What was counted of each of some things that rows have by a name, the oldest first."""
    counted = tallies(rows, name)
    found = things.in_bulk(list(counted))
    return [(found[pk], counted[pk]) for pk in sorted(counted)]


def _by_editor(by_day: list[dict], decisions: QuerySet[Decision]) -> list[tuple[str, Tally, int]]:
    """What each editor decided and took back, and on how many days, who decided most first."""
    counted = tallies(by_day, "whose")
    for row in decisions.taken_back().by_editor():
        counted[row["whose"]] = counted.get(row["whose"], Tally()) + Tally(undone=row["count"])
    days: dict[int, set[int]] = {}
    for row in by_day:
        days.setdefault(row["whose"], set()).add(row["day"])
    editors = User.objects.in_bulk(list(counted))
    ranked = sorted(counted, key=lambda pk: (-counted[pk].n, pk))
    return [(editors[pk].get_username(), counted[pk], len(days.get(pk, ()))) for pk in ranked]


def _reasons(by_kind: list[dict]) -> dict[str, int]:
    """How many were rejected for each reason, the commonest first."""
    counted: dict[str, int] = {}
    for row in by_kind:
        if row["reason"]:
            counted[row["reason"]] = counted.get(row["reason"], 0) + row["count"]
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _progress(campaign: Campaign | None) -> list[tuple[Campaign, Share]]:
    """How many of the drafts of the newest open campaigns, or of one, are decided."""
    newest = [campaign] if campaign else list(Campaign.objects.open()[:_CAMPAIGNS])
    counted = Draft.objects.filter(run__campaign__in=newest).by_campaign()
    found = {row["campaign"]: _decided(row) for row in counted}
    return [(one, found[one.pk]) for one in newest if one.pk in found and found[one.pk].n]


def _decided(row: dict[str, Any]) -> Share:
    decided = row["approved"] + row["rejected"]
    return Share(decided, decided + row["waiting"])
