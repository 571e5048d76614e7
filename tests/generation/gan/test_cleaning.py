"""Markup and noise come off; numbers and names stay."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.gan.cleaning import READ, clean, is_readable, normalise


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<p>Oak &amp; linen</p><br/>24&nbsp;cm", "Oak & linen 24 cm"),
        ("an <b>oiled</b> tray<ul><li>oak<li>cork</ul>", "an oiled tray oak cork"),
        ("a &lt;b&gt;bold&lt;/b&gt; lamp &amp;amp; shade", "a bold lamp & shade"),
        ("<style>p {}</style>oak<script>x()</script> tray <!-- no -->", "oak tray"),
        ("5 < 6 and 7 > 6, says <UNK>", "5 < 6 and 7 > 6, says <UNK>"),
        ("x<b 9> and <a/0>, <td width=3 nowrap>oak</td>", "x<b 9> and <a/0>, oak"),
        ("AT&T, R&D; &notebook; &copy", "AT&T, R&D; &notebook; &copy"),
        ("\u200bsoft\u00adware\x00 of\u3000oak\tand\r\ncork\ufeff", "software of oak and cork"),
        ("２４ｃｍ, 3㎏ of ﬁne flour", "24cm, 3kg of fine flour"),
        ("3 m², 4㎡, ½, Ⅱ, ① and 25℃", "3 m², 4㎡, ½, Ⅱ, ① and 25℃"),
        ("好用！！！真的；；很好……", "好用！真的；很好……"),
        ("wow!!! ★★★★★ ------ wait.....", "wow! ★ - wait..."),
        ("A--4, M8, 1,200 and 1.50", "A--4, M8, 1,200 and 1.50"),
        ("👨\u200d👩\u200d👧 sofa", "👨\u200d👩\u200d👧 sofa"),
    ],
)
def test_what_a_text_carries_from_elsewhere_is_taken_off(raw, text):
    assert clean(raw) == text


def test_chinese_copy_gets_chinese_punctuation():
    assert normalise("橡木做的, 很轻 便 ! 宽24 cm", "zh") == "橡木做的，很轻便！宽24 cm"


@given(st.text(alphabet=st.sampled_from("ab 09.,-/²½Ⅱ①２９年％x!！<>;\t\u200b")))
def test_no_number_changes(text):
    def numbers(of):
        return re.findall(r"[\d²½Ⅱ①]", unicodedata.normalize("NFC", of))

    narrow = text.translate({ord("２"): "2", ord("９"): "9"})

    assert numbers(clean(text)) == numbers(narrow)


@given(st.text())
def test_what_is_clean_stays_as_it_is(text):
    assert clean(clean(text)) == clean(text)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("raw", ["<script>", "<!--", "<a ", "<p x", "&#", "<", "!", "&amp;"])
def test_a_text_that_is_all_noise_is_read_at_once(raw):
    assert len(clean(raw * READ)) <= READ


def test_a_text_with_a_broken_character_is_not_readable():
    assert is_readable("橡木 👨\u200d👩\u200d👧")
    assert not is_readable("oak \ud83d")
    assert not is_readable("oak \ufffd")
