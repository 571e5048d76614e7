"""What the desk is for, in three steps, and what can be asked of it meanwhile."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from review import services
from review.views.queue import asked, render_desk

_KEPT_SECONDS = 600


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@cache_control(private=True, max_age=_KEPT_SECONDS)
def desk_help(request: HttpRequest) -> HttpResponse:
    """Give what a desk fetches late: keys, explanations, what a swipe shows, and blank forms."""
    blank = {"draft": {"pk": 0, "version": 1}, **asked()}
    return render(request, "review/_help.html", blank)


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
