"""Whether a text is Chinese, English, or in a language that the writer does not know.

Scripts are counted, and in Latin script the commonest words. That needs no model, and has a
limit: a phrase of a third language in Latin script that holds none of its commonest words and
few accents passes for English.
"""

from __future__ import annotations

import re
from collections import Counter

from generation.gan.records import LANGUAGES

THIRD = "another"

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_ACCENTED = re.compile(r"[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_HAN_SHARE = 0.3  # of a text's letters, from which on it is Chinese
_KANA_SHARE = 0.15  # of what is Han or kana, from which on it is Japanese
_ACCENT_SHARE = 0.06  # of its letters, from which on a text without an English word is not English
# Common words, none of them a word of English copy or of the names in it ("pour", "van", "on").
_COMMON = {
    "en": "the and of with a to in for is it on you your this that from are or as by an be have",
    "de": "und der das mit für ist aus ein eine einer nicht auch von sich auf dem zu oder werden",
    "fr": "et les des avec dans une est sur vous votre cette ce qui aux du un pas ou de la",
    "es": "con para una que los por su es esta más muy un sin como de la el del las",
    "pt": "uma não em dos das seu sua mais ou são ao com para um que pelo na de",
    "it": "che una della dei delle nel gli sono è più alla questo anche dal sul con un il di la",
    "nl": "het een met voor niet zijn deze naar ook uit bij dat wordt te en",
    "pl": "na nie jest się oraz dla przez od jak lub który",
    "sv": "och är som för med det på av till inte ett eller en den",
    "da": "og er som for med det på af til ikke et eller en der",
    "fi": "ja ei että sekä joka myös kun tai ovat",
    "tr": "ve bir ile için bu çok daha olarak olan da",
    "vi": "và của cho với là các được không một trong",
    "id": "dan yang untuk dengan ini dari dalam adalah tidak atau bisa di",
    "cs": "je se jsou nebo který na také",
    "hu": "és az egy hogy nem van ez vagy",
    "ro": "și pentru este din sau la într",
}
_COMMON_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}


def language_of(text: str) -> str:
    """Name a text's language: "zh", "en", `THIRD`, or "" where there is no letter to tell by."""
    letters = len(_LETTER.findall(text))
    if not letters:
        return ""
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    if kana > _KANA_SHARE * (han + kana):
        return THIRD
    if han > _HAN_SHARE * letters:
        return LANGUAGES[0]
    if han + len(_LATIN.findall(text)) < letters / 2:
        return THIRD
    return LANGUAGES[1] if _is_english(text, letters) else THIRD


def _is_english(text: str, letters: int) -> bool:
    words = Counter(_WORD.findall(text.lower()))
    hits = {
        language: {word for word in common if word in words}
        for language, common in _COMMON_WORDS.items()
    }
    english = hits.pop("en")
    if not english and len(_ACCENTED.findall(text)) > _ACCENT_SHARE * letters:
        return False
    return max(len(found - english) for found in hits.values()) < max(2, len(english) + 1)
