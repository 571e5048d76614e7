"""What a person may send to the catalogue."""

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.feeds import FORMATS

FORMAT_NAMES = {
    "auto": _("Tell by the columns"),
    "shopify": "Shopify CSV",
    "woocommerce": "WooCommerce CSV",
    "spree": "Spree CSV",
    "google": _("Google Merchant TSV or XML"),
    "generic": _("Plain table: CSV, TSV, XLSX, XML, JSON or JSON lines"),
}
# What a column may be read as: where a table lacks what is asked for, somebody says it.
ROLE_NAMES = {
    "sku": _("SKU"),
    "parent": _("SKU of the product that this is a variant of"),
    "title": _("title"),
    "title_zh": _("title in Chinese"),
    "title_en": _("title in English"),
    "description": _("description"),
    "description_zh": _("description in Chinese"),
    "description_en": _("description in English"),
    "brand": _("brand"),
    "category": _("category"),
    "price": _("price"),
    "price_cny": _("price in yuan"),
    "price_usd": _("price in dollars"),
    "currency": _("currency"),
    "language": _("language"),
    "audience": _("audience"),
    "audience_zh": _("audience in Chinese"),
    "audience_en": _("audience in English"),
    "attributes": _("several facts in a cell"),
    "attributes_zh": _("several facts in a cell, in Chinese"),
    "attributes_en": _("several facts in a cell, in English"),
    "fact": _("a fact, by the column's name"),
    "ignored": _("nothing: leave it out"),
}
MAX_BYTES = 1_000_000_000
MAX_NUMBER = 2**63 - 1


def whole_number(text: str) -> int | None:
    """Read a number that an address carries; None where it is none, or none a row can have."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        return None
    number = int(text)
    return number if number <= MAX_NUMBER else None


def whole_numbers(text: str, most: int | None = None) -> list[int]:
    """Read numbers with commas between them, each once; what is none is left out."""
    numbers = map(whole_number, text.split(",")[:most])
    return list(dict.fromkeys(number for number in numbers if number is not None))


class ImportForm(forms.Form):
    """A feed to look at, and then to bring in."""

    file = forms.FileField(
        label=_("Feed"), error_messages={"required": _("Choose a file to import.")}
    )
    format = forms.ChoiceField(
        label=_("Format"), choices=[(name, FORMAT_NAMES[name]) for name in FORMATS], initial="auto"
    )

    def clean_file(self):
        """Refuse what is too large to send through a browser."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)d MB: split it, or use manage.py.")
                % {"limit": MAX_BYTES // 1_000_000}
            )
        return file
