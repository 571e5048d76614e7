"""Which drafts the queue shows: a view of it, and what it was narrowed by."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import Field, ModelChoiceField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from catalog.models import Campaign, Category, Channel, ContentKind, Product
from generation.models import Checkpoint, Draft, DraftFinding, Run
from review.forms import QueueFilterForm
from review.models import Assignment, Batch, BatchDraft, Decision, QueueView

KEPT_SECONDS = 15
# Filters that are folded away until one of them is used.
MORE = ("category", "channel", "checkpoint", "score", "finding", "older", "assignee", "alike")
# What is nearly the same is one row where both are sure to be listed: in views of all that waits,
# as far as they are narrowed by what both have in common.
_FOLDED = ("", "all")
_APART = (*MORE, "batch", "q")
_COUNTED = 100  # drafts of a view, as far as its tab counts them
_BANDS = {"low": (0.0, 0.4), "middle": (0.4, 0.7), "high": (0.7, 1.01)}
_OLD = timedelta(days=3)


def waiting(params: QueryDict, editor: User) -> QuerySet[Draft]:
    """The drafts of a view of the queue that the filters let through, in order.

    What was searched for comes newest first; otherwise what is wanted soonest, then of the newest
    run what is best read first, and what is nearly the same is one row, unless somebody wants to
    see each.
    """
    chosen = _chosen(params)
    view = chosen.get("view") or ""
    is_folded = view in _FOLDED and not any(chosen.get(name) for name in _APART)
    drafts = _of_view(view, editor, is_folded=is_folded).filter(_narrowed(chosen))
    if batch := chosen.get("batch"):
        drafts = drafts.filter(BatchDraft.objects.sampled_in(batch))
    if whose := chosen.get("assignee"):
        drafts = _assigned(drafts, whose)
    if code := chosen.get("finding"):
        found = DraftFinding.objects.filter(**({} if code == "any" else {"code": code}))
        drafts = drafts.filter(pk__in=found.values("draft"))
    return drafts.holding(chosen["q"]) if chosen.get("q") else drafts.in_order()


def _chosen(params: QueryDict) -> dict[str, Any]:
    """What the filters of an address mean, of those that it has; an unknown value is as none."""
    asked = ((name, params.get(name)) for name in QueueFilterForm.base_fields)
    return {name: _meant(name, value) for name, value in asked if value}


def _meant(name: str, value: str) -> Any:
    """What a filter's value means; the key of the row that it names, as it was lately, or None."""
    field = QueueFilterForm.base_fields[name]
    if not isinstance(field, ModelChoiceField):
        return _cleaned(field, value)
    place = f"review.queue.filter.{name}.{sha256(value.encode()).hexdigest()}"
    return cache.get_or_set(
        place, lambda: getattr(_cleaned(field, value), "pk", None), KEPT_SECONDS
    )


def _cleaned(field: Field, value: str) -> Any:
    try:
        return field.clean(value)
    except ValidationError:
        return None


def _of_view(view: str, editor: User, *, is_folded: bool = False) -> QuerySet[Draft]:
    """The drafts of one of the views that everybody has; without a name, those for the editor."""
    proposed = _proposed(is_folded=is_folded)
    views = {
        "all": lambda: proposed,
        "mine": lambda: Draft.objects.open().filter(assignment__editor=editor),
        "second": lambda: Draft.objects.awaiting_second().exclude(
            Decision.objects.first_of(editor)
        ),
        "later": lambda: Draft.objects.filter(status=Draft.Status.DEFERRED),
        "late": lambda: proposed.late(timezone.now(), old=_OLD),
        "again": proposed.refused_before,
    }
    return views.get(view, lambda: proposed.exclude(Assignment.objects.to_others(editor)))()


@lru_cache
def _proposed(*, is_folded: bool) -> QuerySet[Draft]:
    """The drafts that wait. It says the same each time, so it is built once."""
    drafts = Draft.objects.awaiting_review()
    if not is_folded:
        return drafts
    # With a draft that is somebody's by name nobody else reads another.
    return drafts.folded(unless=Q(duplicate_of__assignment__isnull=False))


def _narrowed(chosen: dict[str, Any]) -> Q:
    """What the filters ask of a draft."""
    wanted = Q()
    columns = {"kind": "kind", "language": "language", "checkpoint": "checkpoint"}
    for name, column in columns.items():
        if chosen.get(name):
            wanted &= Q(**{column: chosen[name]})
    # By the keys of its products, which the index of the queue holds: no draft need be fetched.
    if category := chosen.get("category"):
        products = Product.objects.filter(category=category).order_by()
        wanted &= Q(product__in=products.values("pk"))
    for name, column in {"campaign": "campaign", "channel": "campaign__channels"}.items():
        if chosen.get(name):
            runs = Run.objects.filter(**{column: chosen[name]}).order_by()
            wanted &= Q(turn__in=runs.values("turn"))  # which the index of the queue begins with
    if band := _BANDS.get(chosen.get("score")):
        wanted &= Q(score__gte=band[0], score__lt=band[1])
    if days := chosen.get("older"):
        wanted &= Q(created_at__lt=timezone.now() - timedelta(days=int(days)))
    return wanted


def _assigned(drafts: QuerySet[Draft], whose: str) -> QuerySet[Draft]:
    """Drafts that are one person's by name, or nobody's where the name is "-"."""
    if whose == "-":
        return drafts.exclude(Assignment.objects.to_anybody())
    return drafts.filter(assignment__editor__username=whose)


def filters_of(params: QueryDict) -> QueryDict:
    """The filters of an address, without the rest."""
    kept = QueryDict(mutable=True)
    for name in QueueFilterForm.base_fields:
        if params.get(name):
            kept[name] = params[name]
    return kept


def shared(params: QueryDict) -> dict[str, bool]:
    """What all drafts of a narrowed queue have in common, so that no row needs to say it."""
    said = ("kind", "language")
    return {name: bool(params.get(name) and _meant(name, params[name])) for name in said}


def to_queue(filters: str) -> HttpResponse:
    """Send a browser to the queue as these filters narrow it."""
    place = reverse("review:queue")
    return redirect(f"{place}?{filters}" if filters else place)


def choices(user: User) -> dict[str, Any]:
    """What the filters and the tabs offer, as it was at most a few seconds ago."""
    offered = cache.get_or_set("review.queue.choices", _offered, KEPT_SECONDS)
    own = cache.get_or_set(f"review.queue.tabs.{user.pk}", lambda: _tabs(user), KEPT_SECONDS)
    return {**offered, **own}


def forget_tabs(user: User) -> None:
    """Have the tabs of a user looked up anew."""
    cache.delete(f"review.queue.tabs.{user.pk}")


def _offered() -> dict[str, Any]:
    editors = User.objects.filter(is_active=True, assignments__isnull=False).distinct()
    return {
        "kinds": list(ContentKind.objects.all()),
        "campaigns": list(Campaign.objects.open()[:50]),
        "categories": list(Category.objects.all()),
        "channels": list(Channel.objects.filter(is_active=True)),
        "checkpoints": list(Checkpoint.objects.order_by("-pk").only("name")[:20]),
        "assignees": list(editors.order_by("username").values_list("username", flat=True)[:100]),
    }


def _tabs(user: User) -> dict[str, Any]:
    counted = {
        name: _of_view(name, user)[:_COUNTED].count() for name in ("mine", "second", "later")
    }
    batches = list(Batch.objects.open().of(user)[:5])
    return {
        "counted": counted,
        "batches": batches,
        "own_views": list(QueueView.objects.for_desk(user)),
    }
