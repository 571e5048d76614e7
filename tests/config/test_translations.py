"""The interface is whole in Chinese, and the compiled file is the written one."""

from __future__ import annotations

from pathlib import Path

import polib
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "config/locale/zh_Hans/LC_MESSAGES"


def test_no_string_is_left_in_english():
    po = polib.pofile(str(FOLDER / "django.po"))

    assert [entry.msgid for entry in po.untranslated_entries() + po.fuzzy_entries()] == []
    assert len(po) > 400


def test_the_compiled_file_is_in_step():
    po, mo = polib.pofile(str(FOLDER / "django.po")), polib.mofile(str(FOLDER / "django.mo"))

    assert {e.msgid: e.msgstr or e.msgstr_plural for e in mo} == {
        e.msgid: e.msgstr or e.msgstr_plural for e in po
    }


def test_the_desk_speaks_chinese(client, editor):
    client.force_login(editor)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"

    page = client.get("/review/").content.decode()

    assert "所有稿件都已审定" in page
    assert '<html lang="zh-Hans">' in page
