"""Review in the admin: decisions in bulk through the same services as the desk."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generation.admin import DraftAdmin as GenerationDraftAdmin
from generation.models import Draft
from review import services
from review.errors import ReviewError
from review.forms import whole_numbers
from review.models import (
    AssignmentRule,
    Comment,
    Decision,
    Notification,
    Publication,
    SecondOpinionRule,
    ShelfCopy,
)

# Drafts that the page which asks for the reason lists; it rejects all that were chosen.
_SHOWN = 100


class ReasonForm(forms.Form):
    """Why the chosen drafts are refused, and which they are.

    Their ids are one field, because Django takes no form of more than a thousand; `select_across`
    keeps the admin from choosing among them by fields of its own.
    """

    reason = forms.ChoiceField(
        choices=[("", "---------"), *Decision.Reason.choices],
        label=_("Reason"),
        error_messages={"required": _("Choose a reason: the writer learns from it.")},
    )
    note = forms.CharField(required=False, label=_("Note"), widget=forms.Textarea)
    chosen = forms.CharField(widget=forms.HiddenInput)
    select_across = forms.BooleanField(widget=forms.HiddenInput, initial=True, required=False)


admin.site.unregister(Draft)


@admin.register(Draft)
class DraftAdmin(GenerationDraftAdmin):
    """Drafts with the desk's decisions as bulk actions."""

    actions = ["approve_chosen", "reject_chosen", "publish_chosen"]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Whether this user may decide drafts."""
        return request.user.has_perm("review.add_decision")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether this user may publish and withdraw."""
        return request.user.has_perm("review.change_publication")

    @admin.action(description=_("Approve the chosen drafts"), permissions=["decide"])
    def approve_chosen(self, request: HttpRequest, drafts: QuerySet[Draft]) -> None:
        """Approve drafts, one transaction each."""
        chosen = drafts.values_list("pk", flat=True)
        self._report(request, services.approve_drafts(chosen, editor=request.user))

    @admin.action(description=_("Reject the chosen drafts with a reason"), permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, drafts: QuerySet[Draft]) -> HttpResponse | None:
        """Ask for the reason, then reject drafts, one transaction each."""
        is_answer = "reason" in request.POST
        if is_answer:
            chosen = whole_numbers(request.POST.get("chosen", ""))
        else:
            chosen = list(drafts.values_list("pk", flat=True))
        form = ReasonForm(
            request.POST if is_answer else None, initial={"chosen": ",".join(map(str, chosen))}
        )
        if not form.is_valid():
            return self._ask_reason(request, form, chosen)
        outcome = services.reject_drafts(
            chosen,
            editor=request.user,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
        )
        self._report(request, outcome)
        return None

    @admin.action(description=_("Publish the chosen drafts again"), permissions=["publish"])
    def publish_chosen(self, request: HttpRequest, drafts: QuerySet[Draft]) -> None:
        """Send approved texts that are on no channel."""
        _each(self, request, drafts, services.republish)

    def _ask_reason(
        self, request: HttpRequest, form: ReasonForm, chosen: list[int]
    ) -> TemplateResponse:
        shown = Draft.objects.filter(pk__in=chosen[:_SHOWN]).select_related("product")
        words = _("The first %(shown)d of %(count)d are shown.")
        subtitle = words % {"shown": _SHOWN, "count": len(chosen)}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reject the chosen drafts"),
            "subtitle": subtitle if len(chosen) > _SHOWN else None,
            "drafts": shown,
            "form": form,
            "opts": self.model._meta,  # noqa: SLF001 - what every admin template takes
            "action_checkbox_name": admin.helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/review/reject_selected.html", context)

    def _report(self, request: HttpRequest, outcome: services.BulkOutcome) -> None:
        done = len(outcome.done)
        words = ngettext("%(count)d draft decided.", "%(count)d drafts decided.", done)
        self.message_user(request, words % {"count": done})
        if outcome.skipped:
            words = _("%(count)d were decided already and stay as they are.")
            self.message_user(request, words % {"count": len(outcome.skipped)}, messages.WARNING)


@admin.register(SecondOpinionRule)
class SecondOpinionRuleAdmin(admin.ModelAdmin):
    """Which accepted drafts somebody else has to see."""

    list_display = ["name", "kind", "language", "of_edits", "of_queried", "below_score", "share"]
    list_display += ["is_active"]
    list_filter = ["is_active", "language"]
    list_select_related = ["kind"]


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(admin.ModelAdmin):
    """Whose drafts of a kind and language are."""

    list_display = ["name", "kind", "language", "is_active"]
    list_filter = ["is_active", "language"]
    list_select_related = ["kind"]
    filter_horizontal = ["editors"]


@admin.register(Decision)
class DecisionAdmin(admin.ModelAdmin):
    """Decisions, to read."""

    list_display = ["draft", "verdict", "reason", "editor", "created_at"]
    list_filter = ["verdict", "reason"]
    list_select_related = ["draft", "editor"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Decisions are made by deciding."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Decision | None = None) -> bool:
        """A decision is final."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Decision | None = None) -> bool:
        """A decision is final."""
        return False


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that the services alone write, to read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Not here."""
        return False


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """What people said of drafts, to read."""

    list_display = ["draft", "author", "text", "created_at", "resolved_at", "removed_at"]
    list_select_related = ["draft", "author"]


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Who was told of what, to read."""

    list_display = ["recipient", "kind", "draft", "actor", "created_at", "read_at", "mailed_at"]
    list_filter = ["kind"]
    list_select_related = ["recipient", "draft", "actor"]


@admin.register(Publication)
class PublicationAdmin(admin.ModelAdmin):
    """Publications, to read and to withdraw."""

    list_display = ["product", "kind", "language", "channel", "status", "attempts", "published_at"]
    list_filter = ["status", "channel", "language"]
    list_select_related = ["product", "kind", "channel"]
    show_full_result_count = False
    actions = ["withdraw_chosen"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Publications come of decisions."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        """What was published is not forgotten."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Publication | None = None) -> list:
        """All fields: states move by the services alone."""
        return [field.name for field in self.model._meta.fields]  # noqa: SLF001

    @admin.action(description=_("Withdraw the chosen publications"), permissions=["change"])
    def withdraw_chosen(self, request: HttpRequest, publications: QuerySet[Publication]) -> None:
        """Take texts off their channels."""

        def withdraw(publication: Publication) -> None:
            services.withdraw_publication(publication, user=request.user)

        _each(self, request, publications, withdraw)


@admin.register(ShelfCopy)
class ShelfCopyAdmin(admin.ModelAdmin):
    """What stands on the storefront, to read."""

    list_display = ["product", "kind", "language", "text", "placed_at", "removed_at"]
    list_select_related = ["product", "kind"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only the storefront's publisher places texts."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ShelfCopy | None = None) -> bool:
        """Only the storefront's publisher changes the shelf."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ShelfCopy | None = None) -> bool:
        """What stood on a shelf is not forgotten."""
        return False


def _each(model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet, act: Callable):
    """Do something with each row; say how many went well, and why the others did not."""
    done = 0
    for row in rows:
        try:
            act(row)
        except ReviewError as refusal:
            model_admin.message_user(request, f"{row}: {refusal}", messages.WARNING)
        else:
            done += 1
    model_admin.message_user(request, _("%(count)d done.") % {"count": done})
