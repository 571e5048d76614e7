"""The words that texts are compared by."""

from __future__ import annotations

import stat
import tempfile

from generation import words


def test_chinese_is_cut_into_words_and_stop_words_and_marks_are_left_out():
    assert words.content("这款橡木托盘的宽度是24厘米，适合早餐。", "zh") == [
        "款",
        "橡木",
        "托盘",
        "宽度",
        "24",
        "厘米",
        "适合",
        "早餐",
    ]


def test_english_is_stemmed_and_numbers_stay():
    assert words.content("The lamps are lit by M8 bolts, 1.5 cm wide.", "en") == [
        "lamp",
        "lit",
        "m8",
        "bolt",
        "1.5",
        "wide",
    ]


def test_jieba_keeps_its_cache_where_nobody_else_can_write(settings, tmp_path, monkeypatch):
    """It is read back by marshal, which trusts what it reads."""
    settings.GALLEY_HOME = tmp_path
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "shared"))
    (tmp_path / "shared").mkdir()
    words._jieba.cache_clear()  # noqa: SLF001 - a tokenizer that knows this home
    try:
        assert words.segmented("橡木托盘") == ["橡木", "托盘"]
    finally:
        words._jieba.cache_clear()  # noqa: SLF001 - and one that does not

    assert list((tmp_path / "shared").iterdir()) == []
    (cache,) = (tmp_path / "cache").iterdir()
    assert cache.name.endswith(".cache")
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
