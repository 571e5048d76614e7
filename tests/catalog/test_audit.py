"""The audit log says who did what, and is never written twice."""

from __future__ import annotations

import pytest

from catalog import audit
from catalog.errors import AuditIsFinal
from catalog.models import AuditEntry


def test_an_entry_names_the_act_the_person_and_the_row(product, editor):
    audit.record("product.praise", product, user=editor, words="fine 好")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.user, entry.details) == (
        "product.praise",
        editor,
        {"words": "fine 好"},
    )
    assert entry.target == f"product {product.pk}: {product}"


def test_what_was_done_stays_done(product):
    entry = audit.record("product.praise", product, user=None)

    for act in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(action="other"),
    ):
        with pytest.raises(AuditIsFinal, match="never changed and never removed"):
            act()

    assert AuditEntry.objects.get().action == "product.praise"
