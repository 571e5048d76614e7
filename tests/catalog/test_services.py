"""Campaigns that can be carried out, and one sentence for those that cannot."""

from __future__ import annotations

import pytest

from catalog.errors import LanguagesUnfit
from catalog.models import Campaign, ContentKind
from catalog.services import open_campaign


@pytest.mark.parametrize("languages", [["en", "en"], ["en", "fr"]])
def test_a_language_that_is_unknown_or_named_twice_is_refused(product, languages):
    with pytest.raises(LanguagesUnfit) as refusal:
        open_campaign(
            name="Spring",
            products=[product],
            kinds=ContentKind.objects.all(),
            languages=languages,
            channels=[],
        )

    assert str(refusal.value) == "A list of languages, each once, out of: zh-hans, en."
    assert Campaign.objects.count() == 0
