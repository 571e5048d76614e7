"""Products and feeds."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from catalog import services
from catalog.choices import Language
from catalog.errors import FeedUnreadable
from catalog.forms import ImportForm
from catalog.models import Category, FeedImport, Product

_PAGE = 50


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
    """Take a feed: show what would happen, or bring it in."""
    form = ImportForm(request.POST or None, request.FILES or None)
    report, status = None, 200
    if request.method == "POST" and form.is_valid():
        file, is_dry = form.cleaned_data["file"], form.cleaned_data["dry_run"]
        try:
            report = services.import_feed(
                file.file,
                file_name=file.name,
                format=form.cleaned_data["format"],
                dry_run=is_dry,
                user=request.user,
            )
        except FeedUnreadable as refusal:
            form.add_error("file", str(refusal))
        else:
            if not is_dry:
                return redirect("catalog:import-detail", FeedImport.objects.latest("pk").pk)
    if form.errors:
        status = 422
    context = {"form": form, "report": report}
    return render(request, "catalog/import_form.html", context, status=status)


@require_safe
@login_required
@permission_required("catalog.view_feedimport", raise_exception=True)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what became of a feed."""
    record = get_object_or_404(FeedImport, pk=pk)
    return render(request, "catalog/import_detail.html", {"record": record})
