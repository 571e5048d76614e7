"""What a person may send to the catalogue."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.feeds import FORMATS

_NAMES = {
    "auto": _("Tell by the columns"),
    "shopify": "Shopify CSV",
    "woocommerce": "WooCommerce CSV",
    "spree": "Spree CSV",
    "google": _("Google Merchant TSV or XML"),
    "generic": _("Plain table: CSV, TSV, XLSX, XML, JSON or JSON lines"),
}
MAX_BYTES = 20_000_000


class ImportForm(forms.Form):
    """A feed to bring in, or only to look at."""

    file = forms.FileField(
        label=_("Feed"), error_messages={"required": _("Choose a file to import.")}
    )
    format = forms.ChoiceField(
        label=_("Format"), choices=[(name, _NAMES[name]) for name in FORMATS], initial="auto"
    )
    dry_run = forms.BooleanField(
        label=_("Only show what would happen"), required=False, initial=False
    )

    def clean_file(self):
        """Refuse what is too large to read at once."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)d MB: split it, or use manage.py.")
                % {"limit": MAX_BYTES // 1_000_000}
            )
        return file
