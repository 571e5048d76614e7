"""What can go wrong in the catalogue; `str(error)` is fit to show an editor.

CatalogError
├── FeedUnreadable   a file that is no feed, or lacks a column
├── ColumnsUnfit     what was said of a table's columns makes no products
├── EmptyCampaign    a campaign that asks for nothing
├── LanguagesUnfit   a campaign's languages are unknown, or one is named twice
├── ImportNotStartable   an import is not in a state from which that can be done
├── JobLost          another worker holds a long job, or a person stopped it
└── AuditIsFinal     somebody tried to change or remove a line of the audit log
"""

from django.utils.translation import gettext as _


class CatalogError(Exception):
    """A wish that the catalogue cannot grant."""


class FeedUnreadable(CatalogError):
    """A product feed that cannot be read; nothing of it was imported."""


class ColumnsUnfit(CatalogError):
    """What was said of the columns of a table makes no products."""


class LanguagesUnfit(CatalogError):
    """A campaign's languages are no list of known ones, each once."""


class EmptyCampaign(CatalogError):
    """A campaign without products, kinds of copy or languages."""

    def __str__(self) -> str:
        """Say what to do."""
        return str(
            self.args[0]
            if self.args
            else _("The campaign asks for nothing: choose products, kinds of copy and languages.")
        )


class ImportNotStartable(CatalogError):
    """The import is not in a state from which that can be done."""


class JobLost(CatalogError):
    """The worker's lease is gone: another one holds the job, or a person stopped it."""


class AuditIsFinal(CatalogError):
    """A line of the audit log is never changed and never removed."""

    def __str__(self) -> str:
        """Say so."""
        return str(_("A line of the audit log is never changed and never removed."))
