"""The writer that the settings name, and how many of them stay in memory."""

from __future__ import annotations

import pytest

from generation.errors import WriterMissing
from generation.writers import get_writer, get_writer_class


@pytest.mark.parametrize("name", ["nowhere.Writer", "tests.generation.plain_writer.Nobody"])
def test_a_writer_that_cannot_be_imported_is_named(settings, name):
    settings.GALLEY_WRITER = name

    with pytest.raises(WriterMissing, match=f"GALLEY_WRITER names “{name}”"):
        get_writer_class()


def test_only_the_last_two_writers_stay_in_memory(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.json").write_text(f'{{"digest": "{name}"}}')
    first, second = get_writer(tmp_path / "a"), get_writer(tmp_path / "b")

    assert get_writer(tmp_path / "b") is second
    get_writer(tmp_path / "c")

    assert get_writer(tmp_path / "b") is second
    assert get_writer(tmp_path / "a") is not first
