"""What the admin's bulk actions ask before they act, and say when they have: as the desk does."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from catalog.forms import whole_numbers
from review.errors import ReviewError
from review.forms import ChosenForm
from review.services import BulkOutcome

_SHOWN = 20  # rows of each list
_TITLES = {
    "approve": ngettext_lazy("Approve %(number)s draft?", "Approve %(number)s drafts?", "number"),
    "reject": ngettext_lazy("Reject %(number)s draft?", "Reject %(number)s drafts?", "number"),
    "publish": ngettext_lazy(
        "Publish %(number)s draft again?", "Publish %(number)s drafts again?", "number"
    ),
    "withdraw": ngettext_lazy(
        "Withdraw %(number)s publication?", "Withdraw %(number)s publications?", "number"
    ),
}
_LEFT = {
    "held": gettext_lazy("open on other desks, left as they are"),
    "own": gettext_lazy("accepted by yourself: somebody else gives the second opinion"),
    "gone": gettext_lazy("decided or put off already, left as they are"),
}


def answered(form: type[ChosenForm], request: HttpRequest, rows: QuerySet) -> ChosenForm:
    """The form of an action: with what the page that asks has sent, or as it asks first."""
    if "group" in request.POST:
        return form(request.POST, rows=whole_numbers(request.POST.get("chosen", "")))
    return form(rows=list(rows.values_list("pk", flat=True)))


def refusals_of(rows: Sequence[int], refused: Mapping[int, ReviewError]) -> dict[str, Any]:
    """What an action would come to that does the same with each row: `open`, and which `left`."""
    left: dict[str, list[int]] = defaultdict(list)
    for pk, refusal in refused.items():
        left[str(refusal)].append(pk)
    return {"open": len(rows) - len(refused), "left": dict(left)}


def confirm(
    model_admin: ModelAdmin,
    request: HttpRequest,
    action: str,
    *,
    form: ChosenForm,
    foreseen: dict[str, Any],
) -> TemplateResponse:
    """Show what would become of the chosen rows, and ask for what is missing."""
    left = {pk for pks in foreseen["left"].values() for pk in pks}
    would = [pk for pk in form.rows if pk not in left]
    lists = [("", would), *foreseen["left"].items()]
    context = {
        **model_admin.admin_site.each_context(request),
        **foreseen,
        "title": _TITLES[action] % {"number": form.number},
        "action": action,
        "form": form,
        "lists": [
            {
                "why": _LEFT.get(why, why),
                "number": len(pks),
                "rows": _rows(model_admin.model, pks[:_SHOWN]),
            }
            for why, pks in lists
            if pks
        ],
        "opts": model_admin.model._meta,  # noqa: SLF001 - what every admin template takes
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "back": request.get_full_path(),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/review/confirm.html", context, status=status)


def _rows(model: type[Model], pks: Sequence[int]) -> list[Model]:
    """Some rows with their products, in the order in which they were chosen."""
    found = model._default_manager.select_related("product").in_bulk(pks)  # noqa: SLF001
    return [found[pk] for pk in pks if pk in found]


def act_on_each(
    model_admin: ModelAdmin, request: HttpRequest, pks: Sequence[int], act: Callable[[Any], Any]
) -> int:
    """Do something with each row; give how many went well, and say why the others did not."""
    refused: Counter[str] = Counter()
    done = 0
    for row in model_admin.get_queryset(request).filter(pk__in=pks):
        try:
            act(row)
        except ReviewError as refusal:
            refused[str(refusal)] += 1
        else:
            done += 1
    for why, number in refused.items():
        words = ngettext("%(count)d stays as it is.", "%(count)d stay as they are.", number)
        model_admin.message_user(request, f"{words % {'count': number}} {why}", messages.WARNING)
    return done


def tell(
    model_admin: ModelAdmin, request: HttpRequest, done: int, words: str, back: str, tag: str = ""
) -> None:
    """Say how much was done, and how it is taken back."""
    said = words % {"count": done}
    if done:
        model_admin.message_user(request, f"{said} {back}", messages.SUCCESS, extra_tags=tag)
    else:
        model_admin.message_user(request, said, messages.WARNING)


def tell_decided(model_admin: ModelAdmin, request: HttpRequest, outcome: BulkOutcome) -> None:
    """Say how many drafts were decided, how they are taken back as one, and what was left."""
    done = len(outcome.done)
    words = ngettext("%(count)d draft decided.", "%(count)d drafts decided.", done)
    if outcome.group:
        back = _("Undo takes all of it back as one, here or on the desk, for %(minutes)d minutes.")
    else:
        back = _("Undo on the desk takes it back, for %(minutes)d minutes.")
    back %= {"minutes": settings.GALLEY_UNDO_MINUTES}
    tell(model_admin, request, done, words, back, f"bulk:{outcome.group}" if outcome.group else "")
    if outcome.skipped:
        words = _("%(count)d were decided already, or are on other desks, and stay as they are.")
        model_admin.message_user(request, words % {"count": len(outcome.skipped)}, messages.WARNING)
