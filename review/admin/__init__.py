"""Review in the admin: decisions in bulk through the same services as the desk."""

from functools import partial

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generation.admin import DraftAdmin as GenerationDraftAdmin
from generation.models import Draft
from review import services
from review.admin.confirming import (
    act_on_each,
    answered,
    confirm,
    refusals_of,
    tell,
    tell_decided,
)
from review.errors import PublicationNotLive
from review.forms import ChosenForm, ChosenReasonForm
from review.models import (
    AssignmentRule,
    Comment,
    Decision,
    Notification,
    Publication,
    SecondOpinionRule,
    ShelfCopy,
)

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
    def approve_chosen(self, request: HttpRequest, drafts: QuerySet[Draft]) -> HttpResponse | None:
        """Show what an approval would come to; once it is confirmed, approve."""
        form = answered(ChosenForm, request, drafts)
        if not form.is_valid():
            foreseen = services.foresee(form.rows, editor=request.user)
            return confirm(self, request, "approve", form=form, foreseen=foreseen)
        group = form.cleaned_data["group"]
        outcome = services.approve_drafts(form.rows, editor=request.user, group=group)
        tell_decided(self, request, outcome)
        return None

    @admin.action(description=_("Reject the chosen drafts with a reason"), permissions=["decide"])
    def reject_chosen(self, request: HttpRequest, drafts: QuerySet[Draft]) -> HttpResponse | None:
        """Show what a rejection would come to, and ask for the reason; with one, reject."""
        form = answered(ChosenReasonForm, request, drafts)
        if not form.is_valid():
            foreseen = services.foresee(form.rows, editor=request.user)
            return confirm(self, request, "reject", form=form, foreseen=foreseen)
        why = {name: form.cleaned_data[name] for name in ("reason", "note", "group")}
        outcome = services.reject_drafts(form.rows, editor=request.user, **why)
        tell_decided(self, request, outcome)
        return None

    @admin.action(description=_("Publish the chosen drafts again"), permissions=["publish"])
    def publish_chosen(self, request: HttpRequest, drafts: QuerySet[Draft]) -> HttpResponse | None:
        """Show what would be sent; once it is confirmed, send approved texts that are nowhere."""
        form = answered(ChosenForm, request, drafts)
        if not form.is_valid():
            foreseen = refusals_of(form.rows, services.refused_again(form.rows))
            return confirm(self, request, "publish", form=form, foreseen=foreseen)
        done = act_on_each(self, request, form.rows, services.republish)
        words = ngettext(
            "%(count)d draft published again.", "%(count)d drafts published again.", done
        )
        tell(self, request, done, words, _("To take a text off again, withdraw its publication."))
        return None


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
    def withdraw_chosen(
        self, request: HttpRequest, publications: QuerySet[Publication]
    ) -> HttpResponse | None:
        """Show what would come off its channel; once it is confirmed, take it off."""
        form = answered(ChosenForm, request, publications)
        if not form.is_valid():
            rows = Publication.objects.filter(pk__in=form.rows).withdrawable()
            there = set(rows.values_list("pk", flat=True))
            refused = {pk: PublicationNotLive() for pk in form.rows if pk not in there}
            foreseen = refusals_of(form.rows, refused)
            return confirm(self, request, "withdraw", form=form, foreseen=foreseen)
        withdraw = partial(services.withdraw_publication, user=request.user)
        done = act_on_each(self, request, form.rows, withdraw)
        words = ngettext(
            "%(count)d publication withdrawn.", "%(count)d publications withdrawn.", done
        )
        back = _("To bring a text back, choose its draft and publish it again.")
        tell(self, request, done, words, back)
        return None


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
