"""A template's phrases are what Django's own tag makes of them, and are made once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine, engines
from django.utils import translation

from config.phrases import Phrase

LITERAL = re.compile(r"""{% translate ("[^"]*"|'[^']*') %}""")
OURS = engines["django"].engine
DJANGOS = Engine(libraries={"i18n": "django.templatetags.i18n"})


def shown(words: str, language: str = "en", engine: Engine = OURS, **context: str) -> str:
    with translation.override(language):
        return engine.from_string("{% load i18n %}" + words).render(Context(context))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_phrase_is_what_django_makes_of_it(language):
    pages = [path.read_text("utf-8") for path in Path(OURS.dirs[0]).rglob("*.html")]
    phrases = sorted({match[0] for page in pages for match in LITERAL.finditer(page)})
    assert len(phrases) > 300

    both = [[shown(phrase, language, engine) for phrase in phrases] for engine in (OURS, DJANGOS)]

    assert both[0] == both[1]


@pytest.mark.parametrize(
    "words",
    [
        '{% translate "Approve" as word %}[{{ word }}]',
        "{% translate \"Approve & 'go'\" %}",
        '{% translate "100%" %}{% trans "Reject" %}',
        '{% translate word %}{% translate "Approve"|upper %}',
        '{% translate "Approve" noop %}{% translate "May" context "a name" %}',
        '{% autoescape off %}{% translate "<b>" %}{% endautoescape %}{% translate "<b>" %}',
        '{% for at in word %}{% translate "Approve" %}{% endfor %}',
    ],
)
def test_whatever_else_a_tag_may_be_asked(words):
    for language in ("en", "zh-hans", "en"):
        theirs = shown(words, language, DJANGOS, word="<Reject>")
        assert shown(words, language, word="<Reject>") == theirs


def test_one_template_speaks_to_each_reader_in_turn(monkeypatch):
    page = OURS.from_string('{% load i18n %}{% translate "Approve" %}')
    heard = []
    for language in ("en", "zh-hans", "en", "zh-hans"):
        with translation.override(language):
            heard.append(page.render(Context()))
    assert heard == ["Approve", "通过", "Approve", "通过"]

    with translation.override("en"):
        monkeypatch.setattr("django.utils.translation.gettext_lazy", None)
        monkeypatch.setattr("django.template.base.gettext_lazy", None)
        assert page.render(Context()) == "Approve"  # nobody was asked again


@pytest.mark.parametrize(
    ("words", "is_remembered"),
    [
        ('"May"', True),
        ("word", False),
        ('"May"|upper', False),
        ('"May" context word', False),
    ],
)
def test_what_hangs_on_more_than_the_language_is_not_remembered(words, is_remembered):
    page = OURS.from_string("{% load i18n %}{% translate " + words + " %}")

    assert isinstance(page.nodelist[-1], Phrase) == is_remembered


def test_phrases_are_read_anew_while_somebody_mends_them(monkeypatch):
    monkeypatch.setattr(settings, "DEBUG", True)
    page = OURS.from_string('{% load i18n %}{% translate "Approve" %}')
    assert page.render(Context()) == "Approve"

    monkeypatch.setattr("django.template.base.gettext_lazy", lambda _words: "Mended")

    assert page.render(Context()) == "Mended"
