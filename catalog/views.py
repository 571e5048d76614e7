"""Products and feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import services, verdicts
from catalog.choices import Language
from catalog.errors import CatalogError, ColumnsUnfit, FeedUnreadable
from catalog.forms import FORMAT_NAMES, ROLE_NAMES, ImportForm, whole_number
from catalog.models import Category, FeedImport, Product

_PAGE = 50
_KINDS = {
    verdicts.NEW: gettext_lazy("new"),
    verdicts.CHANGED: gettext_lazy("changed"),
    verdicts.UNCHANGED: gettext_lazy("unchanged"),
    verdicts.REFUSED: gettext_lazy("refused"),
}
_COLUMNS = {
    "brand": gettext_lazy("brand"),
    "category": gettext_lazy("category"),
    "price_cny": gettext_lazy("price in yuan"),
    "price_usd": gettext_lazy("price in dollars"),
    "title": gettext_lazy("title"),
    "audience": gettext_lazy("audience"),
    "attributes": gettext_lazy("attributes"),
    "description": gettext_lazy("description"),
}


@require_safe
@login_required
@permission_required("catalog.view_product", raise_exception=True)
def product_list(request: HttpRequest) -> HttpResponse:
    """List products by SKU."""
    products = Product.objects.with_texts().order_by("sku")
    words, category = request.GET.get("q", ""), request.GET.get("category", "")
    if words:
        products = products.filter(
            Q(sku__icontains=words) | Q(texts__title__icontains=words)
        ).distinct()
    if category:
        products = products.filter(category__slug=category)
    if after := request.GET.get("after"):
        products = products.filter(sku__gt=after)
    rows = list(products[: _PAGE + 1])
    context = {
        "products": [
            (item, item.text(Language.ZH), item.text(Language.EN)) for item in rows[:_PAGE]
        ],
        "q": words,
        "chosen_category": category,
        "categories": Category.objects.all(),
        "next_key": rows[_PAGE - 1].sku if len(rows) > _PAGE else "",
        "imports": FeedImport.objects.all()[:5],
    }
    return render(request, "catalog/product_list.html", context)


@require_safe
@login_required
@permission_required("catalog.view_product", raise_exception=True)
def product_detail(request: HttpRequest, sku: str) -> HttpResponse:
    """Show what is known of one product, in both languages."""
    product = get_object_or_404(Product.objects.for_page(), sku=sku)
    context = {"product": product, "texts": product.texts.all()}
    return render(request, "catalog/product_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("catalog.add_feedimport", raise_exception=True)
def import_create(request: HttpRequest) -> HttpResponse:
    """Take a feed, to be looked at before anything is written."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            record = services.upload_feed(
                file.chunks(),
                file_name=file.name,
                format=form.cleaned_data["format"],
                user=request.user,
            )
        except FeedUnreadable as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("catalog:import-detail", record.pk)
    status = 422 if form.errors else 200
    return render(request, "catalog/import_form.html", {"form": form}, status=status)


@require_safe
@login_required
@permission_required("catalog.view_feedimport", raise_exception=True)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far an import is, and what becomes of each row."""
    return render(request, "catalog/import_detail.html", _import(request, pk))


@require_POST
@login_required
@permission_required("catalog.add_feedimport", raise_exception=True)
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a plain table looked at again with its columns read as somebody says."""
    record = get_object_or_404(FeedImport, pk=pk)
    roles = {
        column["name"]: request.POST.get(f"role-{number}", "")
        for number, column in enumerate(record.columns)
    }
    try:
        services.say_columns(record, roles, user=request.user)
    except ColumnsUnfit as refusal:
        context = _import(request, pk) | {"columns_refusal": str(refusal)}
        context["columns"] = _columns(record, roles)
        return render(request, "catalog/import_detail.html", context, status=422)
    except CatalogError as refusal:
        messages.error(request, str(refusal))
    return redirect("catalog:import-detail", pk)


def _columns(record: FeedImport, roles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns of a plain table as its form shows them, with the roles that are chosen."""
    return [
        {
            "number": number,
            "name": one["name"],
            "samples": one["samples"],
            "role": roles[one["name"]],
        }
        for number, one in enumerate(record.columns)
    ]


@require_safe
@login_required
@permission_required("catalog.view_feedimport", raise_exception=True)
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the part of its page that changes while an import is under way."""
    return render(request, "catalog/_import.html", _import(request, pk))


def _import(request: HttpRequest, pk: int) -> dict[str, Any]:
    record = get_object_or_404(FeedImport.objects.for_list(), pk=pk)
    kind = request.GET.get("kind", "")
    kind = kind if kind in verdicts.KINDS else ""
    found = verdicts.Page()
    if record.is_judged and record.verdicts.is_file():
        after = whole_number(request.GET.get("after", "")) or 0
        found = verdicts.page(record.verdicts, kind=kind, after=after, size=_PAGE + 1)
    rows = found.verdicts
    counts = {
        verdicts.NEW: record.created,
        verdicts.CHANGED: record.updated,
        verdicts.UNCHANGED: record.unchanged,
        verdicts.REFUSED: record.refused,
    }
    return {
        "record": record,
        "format_name": FORMAT_NAMES.get(record.format, record.format),
        "columns": _columns(record, {one["name"]: one["role"] for one in record.columns}),
        "roles": ROLE_NAMES.items(),
        "kinds": [(name, _KINDS[name], counts[name]) for name in verdicts.KINDS],
        "kind": kind,
        "verdicts": [(one, _KINDS[one.kind], _told(one)) for one in rows[:_PAGE]],
        "counts_entries": found.counts_entries,
        "next_place": rows[_PAGE - 1].place if len(rows) > _PAGE else None,
        "share": 100 * record.place / record.rows if record.rows else 0,
        "has_refused": record.refused and record.refused_rows.is_file(),
    }


def _told(verdict: verdicts.Verdict) -> list[tuple[str, ...]]:
    """What a verdict tells, in the reader's words: name, language, before and after."""
    if verdict.kind == verdicts.REFUSED:
        return [(column, "", "", reason) for column, reason in verdict.told]
    return [
        (_COLUMNS[column], Language(language).label if language else "", before, after)
        for column, language, before, after in verdict.told
    ]


@require_POST
@login_required
@permission_required("catalog.add_feedimport", raise_exception=True)
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring in what was looked at."""
    return _done(request, pk, services.start_import)


@require_POST
@login_required
@permission_required("catalog.add_feedimport", raise_exception=True)
def import_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an import."""
    return _done(request, pk, services.stop_import)


@require_POST
@login_required
@permission_required("catalog.add_feedimport", raise_exception=True)
def import_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import up again where it was cut off."""
    return _done(request, pk, services.resume_import)


def _done(request: HttpRequest, pk: int, act: Callable[..., object]) -> HttpResponse:
    """Do something with an import; why it cannot be done is said on its page."""
    try:
        act(get_object_or_404(FeedImport, pk=pk), user=request.user)
    except CatalogError as refusal:
        messages.error(request, str(refusal))
    return redirect("catalog:import-detail", pk)


@require_POST
@login_required
@permission_required("catalog.add_feedimport", raise_exception=True)
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a feed of which nothing was brought in."""
    record = get_object_or_404(FeedImport, pk=pk)
    try:
        services.discard_import(record, user=request.user)
    except CatalogError as refusal:
        messages.error(request, str(refusal))
        return redirect("catalog:import-detail", pk)
    words = _("“%(file)s” was discarded; nothing of it is in the catalogue.")
    messages.success(request, words % {"file": record.file_name})
    return redirect("catalog:product-list")


@require_safe
@login_required
@permission_required("catalog.view_feedimport", raise_exception=True)
def import_refused(request: HttpRequest, pk: int) -> FileResponse:
    """Give the rows that were not taken, with their lines and why, to be mended."""
    record = get_object_or_404(FeedImport, pk=pk)
    if record.is_unfinished or not record.refused_rows.is_file():
        raise Http404
    name = f"{Path(record.file_name).stem}-refused.csv"
    return FileResponse(record.refused_rows.open("rb"), as_attachment=True, filename=name)
