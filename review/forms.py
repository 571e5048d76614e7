"""What an editor may send."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.forms import MAX_NUMBER, whole_number, whole_numbers
from catalog.models import Campaign, Category, Channel, ContentKind
from generation.models import Checkpoint
from review.errors import COMMENT_LENGTH, PLACE_NOT_IN_TEXT
from review.models import Comment, Decision, Preferences
from review.models.comment import MOST_CHARS
from review.previews import Place
from review.services import MOST_SPANS, Fault

MOST_IN_BULK = 1_000  # drafts that are decided at once
UNCONFIRMED = 20  # drafts up to which nothing is typed to confirm

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def drafts_given(text: str, most: int) -> dict[int, datetime]:
    """Read drafts and when a page was given each, "7@1764560226012345,...", in microseconds.

    What is neither is left out.
    """
    found = {}
    for one in text.split(",")[:most]:
        draft, given = (whole_number(part) for part in one.partition("@")[::2])
        if draft is not None and given is not None:
            with suppress(OverflowError):  # no such year
                found[draft] = _EPOCH + timedelta(microseconds=given)
    return found


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


class PreviewForm(forms.Form):
    """Where to look at a draft, and the text that is being typed, if one is."""

    place = forms.ChoiceField(choices=Place)
    text = forms.CharField(max_length=20_000, required=False, strip=False)


class UndoForm(forms.Form):
    """Which decision is to be taken back; the editor's last one where none is named.

    `current` is the draft that is open: it stays so where nothing can be taken back.
    """

    current = forms.IntegerField(required=False, min_value=1, max_value=MAX_NUMBER)

    decision = forms.ModelChoiceField(
        Decision.objects.all(),
        required=False,
        error_messages={"invalid_choice": _("There is no such decision.")},
    )


class TakeOverForm(forms.Form):
    """Why a draft is taken from whoever has it open; nobody has to say it."""

    note = forms.CharField(max_length=2_000, required=False)


class DeferForm(DecisionForm):
    """A wish to put a draft off, for as long as one of a few delays."""

    DELAYS = (
        ("1", _("An hour")),
        ("4", _("Four hours")),
        ("24", _("A day")),
        ("72", _("Three days")),
        ("168", _("A week")),
    )

    hours = forms.TypedChoiceField(
        choices=DELAYS,
        coerce=int,
        error_messages={
            name: _("Choose when the draft comes back.") for name in ("required", "invalid_choice")
        },
    )
    note = forms.CharField(max_length=2_000, required=False)


class ScheduleForm(forms.Form):
    """When a text goes out."""

    at = forms.DateTimeField(
        error_messages={
            name: _("Say when the text is to go out: a day and an hour.")
            for name in ("required", "invalid")
        }
    )


class BulkForm(forms.Form):
    """What is to become of many drafts, and which they are.

    Their ids are one field, because Django takes no form of more than a thousand. Where `all` is
    set, they are those that the filters of the address let through.
    """

    ACTIONS = ("approve", "reject", "defer", "assign", "sample")

    drafts = forms.CharField(required=False)
    all = forms.BooleanField(required=False)
    action = forms.ChoiceField(
        choices=[(name, name) for name in ACTIONS],
        error_messages={
            name: _("Choose what is to become of these drafts.")
            for name in ("required", "invalid_choice")
        },
    )

    def clean_drafts(self) -> list[int]:
        """Read the ids; what is none is left out."""
        return whole_numbers(self.cleaned_data["drafts"], MOST_IN_BULK)


class ConfirmForm(forms.Form):
    """Whether somebody means so many drafts: above a few their number is typed."""

    typed = forms.CharField(required=False)

    def __init__(self, *args: Any, number: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = number

    @property
    def is_asked(self) -> bool:
        """Whether they are so many that it is asked for."""
        return self.number > UNCONFIRMED

    def clean_typed(self) -> str:
        """Refuse another number than theirs."""
        typed = self.cleaned_data["typed"].strip()
        if self.is_asked and typed != str(self.number):
            words = _("Type %(number)d to confirm that you mean all of these drafts.")
            raise forms.ValidationError(words % {"number": self.number})
        return typed


class ChosenForm(ConfirmForm):
    """Rows that were chosen in the admin, and whether somebody means so many.

    Their ids are one field, because Django takes no form of more than a thousand; `select_across`
    keeps the admin from choosing among them by fields of its own. `group` is what they are known by
    together.
    """

    chosen = forms.CharField(widget=forms.HiddenInput, required=False)
    group = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    select_across = forms.BooleanField(widget=forms.HiddenInput, initial=True, required=False)

    def __init__(self, *args: Any, rows: Sequence[int], **options: Any) -> None:
        super().__init__(*args, number=len(rows), **options)
        self.rows = rows
        self.initial["chosen"] = ",".join(map(str, rows))
        if not self.is_asked:
            del self.fields["typed"]
            return
        words = _("Type %(number)s to confirm that you mean all of them")
        self.fields["typed"].label = words % {"number": self.number}
        typing = {"inputmode": "numeric", "autocomplete": "off", "required": True}
        self.fields["typed"].widget.attrs.update(typing)


class ChosenReasonForm(ChosenForm):
    """The same, with why the chosen drafts are refused."""

    reason = forms.ChoiceField(
        choices=[("", "---------"), *Decision.Reason.choices],
        label=_("Reason"),
        error_messages={"required": _("Choose a reason: the writer learns from it.")},
    )
    note = forms.CharField(
        max_length=2_000, required=False, label=_("Note"), widget=forms.Textarea({"rows": 3})
    )
    field_order = ["reason", "note", "typed"]


class BulkDecideForm(BulkForm):
    """The same, with what the decision needs; above a few drafts their number is typed."""

    group = forms.UUIDField()
    reason = forms.ChoiceField(choices=[("", ""), *Decision.Reason.choices], required=False)
    note = forms.CharField(max_length=2_000, required=False)
    hours = forms.TypedChoiceField(choices=DeferForm.DELAYS, coerce=int, required=False)
    editor = forms.ModelChoiceField(User.objects.filter(is_active=True), required=False)
    typed = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse what lacks its part, or was not confirmed."""
        found = super().clean()
        action, number = found.get("action"), len(found.get("drafts", ()))
        if action == "reject" and not found.get("reason"):
            self.add_error("reason", _("Choose a reason: the writer learns from it."))
        if action == "defer" and not found.get("hours"):
            self.add_error("hours", _("Choose when the draft comes back."))
        confirmed = ConfirmForm(found, number=number)
        if action != "sample" and not confirmed.is_valid():
            self.add_error("typed", confirmed.errors["typed"])
        return found


class ViewForm(forms.Form):
    """Filters of the queue that somebody wants to keep under a name."""

    name = forms.CharField(
        max_length=40, error_messages={"required": _("Give the view a name, and it is kept.")}
    )
    is_shared = forms.BooleanField(required=False)


class CommentForm(forms.Form):
    """What somebody says of a draft, where in its text, and to which comment they reply.

    The page makes the key, so that a comment whose answer was lost can be sent again.
    """

    text = forms.CharField(widget=forms.Textarea)
    parent = forms.ModelChoiceField(
        Comment.objects.all(),
        required=False,
        error_messages={"invalid_choice": _("There is no such comment.")},
    )
    start = forms.IntegerField(required=False, min_value=0, max_value=MAX_NUMBER)
    end = forms.IntegerField(required=False, min_value=0, max_value=MAX_NUMBER)
    key = forms.UUIDField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        length = {"most": MOST_CHARS}
        self.fields["text"].error_messages["required"] = COMMENT_LENGTH % length

    @property
    def place(self) -> tuple[int, int] | None:
        """The stretch of the draft's text that it is about; a reply is about its comment."""
        start, end = self.cleaned_data["start"], self.cleaned_data["end"]
        is_place = None not in {start, end} and not self.cleaned_data["parent"]
        return (start, end) if is_place else None


class PreferencesForm(forms.ModelForm):
    """How a person wants to be told of news."""

    class Meta:
        model = Preferences
        fields = ["wants_digest", "language"]


class QueueFilterForm(forms.Form):
    """Which drafts the queue shows; an unknown value is as good as none."""

    VIEWS = ("all", "mine", "second", "later", "late", "again")
    BANDS = ("low", "middle", "high")
    DAYS = ("1", "3", "7")

    view = forms.ChoiceField(choices=[("", ""), *((name, name) for name in VIEWS)], required=False)
    q = forms.CharField(max_length=100, required=False)
    kind = forms.ModelChoiceField(ContentKind.objects.all(), to_field_name="slug", required=False)
    language = forms.ChoiceField(choices=[("", ""), *Language.choices], required=False)
    campaign = forms.ModelChoiceField(Campaign.objects.all(), to_field_name="slug", required=False)
    category = forms.ModelChoiceField(Category.objects.all(), to_field_name="slug", required=False)
    channel = forms.ModelChoiceField(Channel.objects.all(), to_field_name="slug", required=False)
    checkpoint = forms.ModelChoiceField(Checkpoint.objects.all(), required=False)
    score = forms.ChoiceField(choices=[("", ""), *((name, name) for name in BANDS)], required=False)
    finding = forms.RegexField(r"^[a-z_]{1,40}$", required=False)
    older = forms.ChoiceField(choices=[("", ""), *((days, days) for days in DAYS)], required=False)
    assignee = forms.CharField(max_length=150, required=False)
    batch = forms.IntegerField(min_value=1, max_value=MAX_NUMBER, required=False)
    alike = forms.ChoiceField(choices=[("", ""), ("each", "each")], required=False)


class DashboardForm(forms.Form):
    """Which figures are asked for; an unknown value is as good as none."""

    DAYS = (7, 30, 90)
    USUAL_DAYS = 30

    campaign = forms.ModelChoiceField(Campaign.objects.all(), to_field_name="slug", required=False)
    days = forms.TypedChoiceField(
        choices=[(days, days) for days in DAYS], coerce=int, empty_value=None, required=False
    )
