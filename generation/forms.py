"""What a person may send to generation."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models import Category, Channel, ContentKind, Product
from catalog.templatetags.catalog_words import name_here
from generation import corpus as corpora
from generation.choices import SETTINGS, Setting, plain
from generation.models import Checkpoint
from generation.models.canary import SHARES

_NAMED_SKUS = 5  # in one sentence


def _in_own_zone(words: Promise) -> Promise:
    """Words that name, each time they are read, the zone that times are typed in."""
    return format_lazy(words, zone=lazy(get_current_timezone_name, str)())


class NamedChoiceField(forms.ModelMultipleChoiceField):
    """Choices that are called what they are called in the reader's language."""

    def label_from_instance(self, obj: Category | ContentKind) -> str:
        """Name one of them."""
        return name_here(obj)


class CampaignForm(forms.Form):
    """A new campaign: for which products, which copy, when."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        error_messages={"required": _("Give the campaign a name.")},
    )
    categories = NamedChoiceField(
        Category.objects.all(),
        label=_("Products of these shelves"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    skus = forms.CharField(
        label=_("And these products"),
        help_text=_("SKUs, one a line or with commas between them."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    kinds = NamedChoiceField(
        ContentKind.objects.all(),
        label=_("Kinds of copy"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kind of copy.")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=Language,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    channels = forms.ModelMultipleChoiceField(
        Channel.objects.filter(is_active=True),
        label=_("Channels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    variants = forms.IntegerField(
        label=_("Drafts for each text"), min_value=1, max_value=8, initial=1
    )
    starts_at = forms.DateTimeField(
        label=_("Start later, at"),
        help_text=_in_own_zone(
            _("{zone} time. Empty: start when you press the button on the campaign's page.")
        ),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    due_at = forms.DateTimeField(
        label=_("Wanted by"),
        help_text=_in_own_zone(
            _("{zone} time. What is due soonest comes first on the desk, which says what is late.")
        ),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    publish_at = forms.DateTimeField(
        label=_("Not published before"),
        help_text=_in_own_zone(_("{zone} time. Texts that are approved earlier wait for it.")),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def clean_skus(self) -> list[str]:
        """Cut the list, and refuse it if it names a product that there is not."""
        text = self.cleaned_data["skus"].replace(",", "\n").replace("，", "\n")
        wanted = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        known = set(Product.objects.filter(sku__in=wanted).values_list("sku", flat=True))
        unknown = [sku for sku in wanted if sku not in known]
        if unknown:
            raise _unknown(unknown)
        return wanted


def _unknown(skus: list[str]) -> forms.ValidationError:
    """The refusal of SKUs that no product has; it names the first of them."""
    words = _("There is no product with these SKUs: %(skus)s.")
    if len(skus) > _NAMED_SKUS:
        words = _("There is no product with these SKUs: %(skus)s and %(count)d more.")
    facts = {"skus": ", ".join(skus[:_NAMED_SKUS]), "count": len(skus) - _NAMED_SKUS}
    return forms.ValidationError(words, params=facts)


class TrainingForm(forms.Form):
    """An order for training; a setting that is left empty is as usual."""

    KINDS = (("feedback", _("From the editors' decisions")), ("full", _("From nothing")))
    LARGE = ("large", _("Tune the language model"))

    kind = forms.ChoiceField(
        label=_("What"),
        choices=KINDS,
        initial="feedback",
        error_messages={
            name: _("Say whether to learn from the decisions or from nothing.")
            for name in ("required", "invalid_choice")
        },
    )
    minutes = forms.FloatField(
        label=_("Minutes"),
        min_value=1,
        max_value=600,
        initial=10,
        error_messages={
            name: _("Say how many minutes the training may take, from 1 to 600.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=0,
        max_value=2**48 - 1,
        error_messages={
            name: _("The seed is a whole number of at most 14 digits, or nothing.")
            for name in ("invalid", "min_value", "max_value")
        },
    )

    corpus = forms.MultipleChoiceField(
        label=_("Your own texts"),
        help_text=_("Files in the folder of corpora; the sample shop's are always learnt from."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("“%(value)s” is not in the folder of corpora: choose another file.")
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_large_offered = settings.GALLEY_BACKBONE is not None
        if self.is_large_offered:
            self.fields["kind"].choices = (*self.KINDS, self.LARGE)
        elif self.data.get("kind") == "large":
            self.fields["kind"].error_messages["invalid_choice"] = _(
                "There is no language model to tune: set GALLEY_BACKBONE to the folder of one."
            )
        names = corpora.offered()
        self.fields["corpus"].choices = list(zip(names, names, strict=True))
        for setting in SETTINGS:
            self.fields[setting.name] = _setting_field(setting, is_large=self.is_large_offered)

    @property
    def settings_fields(self) -> list[forms.BoundField]:
        """The fields of the settings, in their order."""
        return [self[setting.name] for setting in SETTINGS]

    def clean(self) -> dict[str, Any]:
        """Refuse a setting or texts that the wanted training does not have."""
        wish = super().clean()
        if wish.get("kind") == "feedback":
            if wish.get("corpus"):
                self.add_error(
                    "corpus",
                    _("A training from the decisions takes no other texts: choose none."),
                )
            for setting in SETTINGS:
                if setting.usual_feedback is None and wish.get(setting.name) is not None:
                    self.add_error(
                        setting.name,
                        _("A training from the decisions has no %(name)s: leave it empty.")
                        % {"name": setting.label},
                    )
        return wish

    @property
    def wish(self) -> dict[str, Any]:
        """What `services.start_training` takes."""
        fields = self.cleaned_data
        changed = {setting.name: fields[setting.name] for setting in SETTINGS}
        return {
            "kind": fields["kind"],
            "corpus": fields["corpus"],
            "minutes": fields["minutes"],
            "seed": fields["seed"],
            "settings": {name: value for name, value in changed.items() if value is not None},
        }


def _setting_field(setting: Setting, *, is_large: bool) -> forms.Field:
    """The field of one setting, with one sentence for whatever is wrong with it."""
    words = (
        _("Give %(name)s as a whole number from %(least)s to %(most)s, or nothing.")
        if setting.is_whole
        else _("Give %(name)s as a number from %(least)s to %(most)s, or nothing.")
    )
    sentence = words % {
        "name": setting.label,
        "least": plain(setting.least),
        "most": plain(setting.most),
    }
    kind = forms.IntegerField if setting.is_whole else forms.FloatField
    widget = forms.NumberInput(
        attrs={
            "placeholder": _placeholder(setting, is_large=is_large),
            "step": 1 if setting.is_whole else "any",
        }
    )
    return kind(
        label=setting.label,
        required=False,
        min_value=setting.least,
        max_value=setting.most,
        widget=widget,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), sentence),
    )


def _placeholder(setting: Setting, *, is_large: bool) -> str:
    """What is usual, in each kind of training that there is; once where it is the same in all."""
    values = [setting.usual, setting.usual_feedback, *([setting.usual_large] if is_large else [])]
    words = ["—" if value is None else plain(value) for value in values]
    return " / ".join(words if len(set(words)) > 1 else words[:1])


class CanaryForm(forms.Form):
    """A trial of a checkpoint."""

    checkpoint = forms.ModelChoiceField(
        Checkpoint.objects.exclude(status=Checkpoint.Status.ACTIVE),
        label=_("Checkpoint"),
        error_messages={
            "required": _("Choose the checkpoint that shall be on trial."),
            "invalid_choice": _("Choose a checkpoint that does not write already."),
        },
    )
    share = forms.IntegerField(
        label=_("Share of the drafts, per cent"),
        min_value=SHARES[0],
        max_value=SHARES[1],
        initial=10,
        error_messages={
            name: _("Give the trial a whole number of per cent from 1 to 50.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )
