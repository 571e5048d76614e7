"""Generation in the admin."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin import CampaignAdmin as CatalogCampaignAdmin
from catalog.errors import CatalogError
from catalog.models import Campaign
from generation import services
from generation.errors import GenerationError
from generation.models import (
    Activation,
    Canary,
    Checkpoint,
    Draft,
    Evaluation,
    Example,
    Run,
    TrainingRun,
)

admin.site.unregister(Campaign)


@admin.register(Campaign)
class CampaignAdmin(CatalogCampaignAdmin):
    """Campaigns with the order to write, and their end, by the same services as everywhere."""

    actions = ["close_campaigns", "write_drafts"]

    def save_model(
        self, request: HttpRequest, obj: Campaign, form: ModelForm, change: bool
    ) -> None:
        """Keep a campaign; another due date moves its drafts in the queue."""
        super().save_model(request, obj, form, change)
        if "due_at" in form.changed_data:
            services.move_in_queue(obj)

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Whether this user may order drafts."""
        return request.user.has_perm("generation.add_run")

    @admin.action(description=_("Close the chosen campaigns"), permissions=["change"])
    def close_campaigns(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        """Close campaigns, one by one."""
        closed = sum(services.close_campaign(campaign) for campaign in campaigns)
        words = ngettext("%(count)d campaign closed.", "%(count)d campaigns closed.", closed)
        self.message_user(request, words % {"count": closed})

    @admin.action(description=_("Write drafts for the chosen campaigns"), permissions=["write"])
    def write_drafts(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        """Start a run for each campaign; say which could not start and why."""
        for campaign in campaigns:
            try:
                run = services.start_run(campaign, user=request.user)
            except (CatalogError, GenerationError) as refusal:
                self.message_user(request, f"{campaign}: {refusal}", messages.WARNING)
            else:
                words = _("%(campaign)s: run %(run)d is queued.")
                self.message_user(request, words % {"campaign": campaign, "run": run.pk})


class _ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only services write."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by services alone."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Kept for the record."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        """All fields."""
        return [field.name for field in self.model._meta.fields]  # noqa: SLF001


@admin.register(Run)
class RunAdmin(_ReadOnlyAdmin):
    """Orders for drafts."""

    list_display = ["__str__", "status", "seed", "created_at", "finished_at", "failure"]
    list_filter = ["status"]
    list_select_related = ["campaign"]


@admin.register(Draft)
class DraftAdmin(_ReadOnlyAdmin):
    """Drafts; review adds the decisions."""

    list_display = ["product", "kind", "language", "text", "score", "status", "created_at"]
    list_filter = ["status", "language", "kind"]
    list_select_related = ["product", "kind"]
    search_fields = ["product__sku", "text"]
    list_per_page = 50


@admin.register(Checkpoint)
class CheckpointAdmin(_ReadOnlyAdmin):
    """Trained weights; activating one is an action."""

    list_display = ["name", "status", "created_at", "activated_at"]
    actions = ["activate_chosen"]

    @admin.action(description=_("Make the chosen checkpoint write"), permissions=["change"])
    def activate_chosen(self, request: HttpRequest, checkpoints: QuerySet[Checkpoint]) -> None:
        """Activate the one chosen checkpoint."""
        if len(checkpoints) != 1:
            self.message_user(request, _("Choose exactly one checkpoint."), messages.WARNING)
            return
        try:
            services.activate_checkpoint(checkpoints[0], user=request.user)
        except GenerationError as refusal:
            self.message_user(request, str(refusal), messages.WARNING)


@admin.register(Activation)
class ActivationAdmin(_ReadOnlyAdmin):
    """When which checkpoint began to write, and on whose word."""

    list_display = ["checkpoint", "previous", "user", "reason", "is_undone", "created_at"]
    list_select_related = ["checkpoint", "previous", "user"]


@admin.register(Canary)
class CanaryAdmin(_ReadOnlyAdmin):
    """Checkpoints on trial."""

    list_display = ["checkpoint", "against", "share", "status", "started_by", "started_at"]
    list_select_related = ["checkpoint", "against", "started_by"]


@admin.register(Evaluation)
class EvaluationAdmin(_ReadOnlyAdmin):
    """What was measured of checkpoints."""

    list_display = ["data", "checkpoint", "created_at"]
    list_select_related = ["checkpoint"]


@admin.register(Example)
class ExampleAdmin(_ReadOnlyAdmin):
    """What the discriminator learns from."""

    list_display = ["label", "text", "reason", "weight", "is_held_out", "created_at"]
    list_filter = ["label", "reason", "is_held_out"]


@admin.register(TrainingRun)
class TrainingRunAdmin(_ReadOnlyAdmin):
    """Orders for training."""

    list_display = ["__str__", "status", "is_feedback", "minutes", "created_at", "failure"]
