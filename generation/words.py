"""What a text speaks of: its words, for finding texts that are alike. Never the writer's own text.

Chinese is cut by jieba. English words are stemmed (Snowball), and in both what carries no meaning
is left out. Numbers stay: they are what tells one product from the next.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from pathlib import Path

import jieba
from django.conf import settings

_WORD = re.compile(r"[^\W_]+(?:['.,/-][^\W_]+)*")


def segmented(text: str) -> list[str]:
    """Chinese cut into words, marks among them, as ChatGLM's script cuts it for ROUGE."""
    return " ".join(_jieba().cut(text)).split()


def content(text: str, language: str) -> list[str]:
    """The words of a text that carry its meaning, in their order.

    Args:
        text: any text.
        language: "zh" or "en".
    """
    if language == "zh":
        words = [word for word in segmented(text.lower()) if _WORD.fullmatch(word)]
        return [word for word in words if word not in _stop_words(language)]
    words = [word for word in _WORD.findall(text.lower()) if word not in _stop_words(language)]
    return _stemmer().stemWords(words)


@cache
def _jieba() -> jieba.Tokenizer:
    """A tokenizer of our own, whose cache is not in a folder that others can write to."""
    jieba.setLogLevel(logging.CRITICAL)  # without its cache it is a second slower, and says so
    folder = Path(settings.GALLEY_HOME) / "cache"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokenizer = jieba.Tokenizer()
    tokenizer.tmp_dir = str(folder)
    return tokenizer


@cache
def _stop_words(language: str) -> frozenset[str]:
    import stopwordsiso  # noqa: PLC0415 - only preparation needs it

    return frozenset(stopwordsiso.stopwords(language))


@cache
def _stemmer():
    import snowballstemmer  # noqa: PLC0415 - only preparation needs it

    return snowballstemmer.stemmer("english")
