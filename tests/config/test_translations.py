"""The interface is whole in Chinese, and the compiled file is the written one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "config/locale/zh_Hans/LC_MESSAGES"
# How many literals of each call are words: the context, the sentence, its plural.
CALLS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": 2,
    "pgettext_lazy": 2,
    "npgettext": 3,
    "npgettext_lazy": 3,
}
LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
# What templatize leaves of a template's words, among the noise that it makes of the rest.
TEMPLATE_CALL = re.compile(rf"\b(?:n?p?gettext|_)\((?:{LITERAL}(?:\s*,\s*)?)+[^()]*\)")


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls in a Python file, or those that a template stands for."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        pieces = [text]
    else:
        pieces = TEMPLATE_CALL.findall(templatize(text, origin=str(path)))
    for piece in pieces:
        for node in ast.walk(ast.parse(piece)):
            if isinstance(node, ast.Call):
                yield node


def words_of(call: ast.Call) -> tuple[str, str, str] | None:
    """The context, sentence and plural that a call asks for; None if it asks for no words."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    words = [arg.value for arg in call.args[: CALLS.get(name, 0)] if isinstance(arg, ast.Constant)]
    if not words:
        return None
    context = words.pop(0) if "pgettext" in name else ""
    return context, words[0], words[1] if name.startswith("n") else ""


def sources() -> Iterator[Path]:
    for app in ("config", "catalog", "generation", "review"):
        yield from (ROOT / app).rglob("*.py")
    yield from (ROOT / "templates").rglob("*.html")


def test_no_string_of_the_sources_is_missing():
    po = polib.pofile(str(FOLDER / "django.po"))
    known = {(entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in po}

    asked = {words_of(call): path.name for path in sources() for call in calls(path)}

    del asked[None]
    assert {words: name for words, name in asked.items() if words not in known} == {}
    assert len(asked) > 400
    assert "campaign_detail.html" in asked.values()


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
