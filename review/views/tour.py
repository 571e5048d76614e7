"""What the desk is for, in three steps."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from review import services
from review.views.queue import render_desk


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("review.add_decision", raise_exception=True)
@vary_on_headers("HX-Request")
def tour(request: HttpRequest) -> HttpResponse:
    """Show the tour; once it is sent back, it is over and does not come again by itself."""
    if request.method == "POST":
        services.end_tour(request.user)
        return HttpResponse() if request.htmx else redirect("review:queue")
    if request.htmx:
        return render(request, "review/_tour.html")
    return render_desk(request, tour=True)
