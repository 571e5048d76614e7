"""What an editor may send."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models import Campaign, ContentKind
from review.errors import PLACE_NOT_IN_TEXT
from review.models import Decision
from review.services import MOST_SPANS, Fault

_MAX_NUMBER = 2**63 - 1


def whole_number(text: str) -> int | None:
    """Read a number that an address carries; None where it is none, or none a row can have."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        return None
    number = int(text)
    return number if number <= _MAX_NUMBER else None


def _is_spans(value: object) -> bool:
    """Whether a value that came from outside is a list of a few pairs of whole numbers."""
    return (
        isinstance(value, list)
        and len(value) <= MOST_SPANS
        and all(
            isinstance(span, list)
            and len(span) == 2
            and all(isinstance(place, int) and not isinstance(place, bool) for place in span)
            for span in value
        )
    )


class DecisionForm(forms.Form):
    """What every decision carries: its key, the version that the editor saw, the seconds it took.

    The page makes the key, so that a decision whose answer was lost can be sent again.
    """

    key = forms.UUIDField(required=False)
    version = forms.IntegerField(min_value=1, required=False)
    active_seconds = forms.FloatField(min_value=0, max_value=86_400, required=False)
    shown_at = forms.DateTimeField(required=False)


class EditForm(DecisionForm):
    """An approval in the editor's words."""

    text = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea,
        error_messages={"required": _("The text is empty: write one, or reject the draft.")},
    )


class RejectForm(DecisionForm):
    """A refusal with its reason."""

    reason = forms.ChoiceField(
        choices=Decision.Reason,
        error_messages={
            "required": _("Choose a reason: the writer learns from it."),
            "invalid_choice": _("Choose one of the reasons: the writer learns from it."),
        },
    )
    note = forms.CharField(max_length=2_000, required=False)
    severity = forms.TypedChoiceField(
        choices=Decision.Severity,
        coerce=int,
        required=False,
        empty_value=Decision.Severity.PLAIN,
    )
    spans = forms.JSONField(required=False, error_messages={"invalid": PLACE_NOT_IN_TEXT})

    def clean_spans(self) -> list[tuple[int, int]]:
        """Read the places as pairs of whole numbers; the service says if they are in the text."""
        spans = self.cleaned_data["spans"] or []
        if not _is_spans(spans):
            raise forms.ValidationError(PLACE_NOT_IN_TEXT)
        return [(start, end) for start, end in spans]

    @property
    def fault(self) -> Fault:
        """How grave the fault is, and where."""
        return Fault(self.cleaned_data["severity"], self.cleaned_data["spans"])


class UndoForm(forms.Form):
    """Which decision is to be taken back; the editor's last one where none is named.

    `current` is the draft that is open: it stays so where nothing can be taken back.
    """

    current = forms.IntegerField(required=False, min_value=1, max_value=_MAX_NUMBER)

    decision = forms.ModelChoiceField(
        Decision.objects.all(),
        required=False,
        error_messages={"invalid_choice": _("There is no such decision.")},
    )


class QueueFilterForm(forms.Form):
    """Which drafts the queue shows; an unknown value is as good as none."""

    q = forms.CharField(max_length=100, required=False)
    kind = forms.ModelChoiceField(ContentKind.objects.all(), to_field_name="slug", required=False)
    language = forms.ChoiceField(choices=[("", ""), *Language.choices], required=False)
    campaign = forms.ModelChoiceField(Campaign.objects.all(), to_field_name="slug", required=False)
