"""A pen writes what is allowed, token by token, and nothing else."""

from __future__ import annotations

import pytest

from generation.gan.backbones.guards import Pen, scripts
from generation.gan.backbones.loading import pieces_of
from generation.gan.lessons import Encoder
from generation.gan.slots import facts_of


@pytest.fixture
def known(spelling):
    return scripts(spelling, pieces_of(spelling.tokenizer, spelling.tokenizer.get_vocab_size()))


@pytest.fixture
def source(checkpoint, records):
    return Encoder(checkpoint.vocabulary, max_source=64, max_target=48).pair(records[0]).source


@pytest.fixture
def pen(spelling, known, source):
    def make(**wishes):
        usual = {"minimum": 0, "maximum": 40}
        return Pen(known["en"], spelling.marks(source), **{**usual, **wishes})

    return make


def write(spelling, pen, text):
    """Write plain words, each token of which has to be allowed."""
    for index in spelling.tokenizer.encode(text, add_special_tokens=False).ids:
        assert pen.allowed()[index], spelling.tokenizer.decode([index])
        pen.take(index)


def allowed(spelling, pen):
    ids = pen.allowed().nonzero().flatten().tolist()
    return {spelling.tokenizer.decode([index], skip_special_tokens=False) for index in ids}


def test_plain_words_are_free_and_digits_never_are(spelling, pen):
    text = pen()

    assert "A" in allowed(spelling, text)
    write(spelling, text, "A")
    free = allowed(spelling, text)

    assert {"A", " of", ","} <= free
    assert not [piece for piece in free if any(letter.isdigit() for letter in piece)]


def test_a_slot_is_written_to_its_end_once_it_is_begun(spelling, pen, source):
    text = pen()
    mark = spelling.marks(source)[1, "<p0>"][1]

    assert mark[0] not in text.allowed().nonzero()  # no text begins with a space
    write(spelling, text, "A lamp of")
    for at, index in enumerate(mark):
        assert text.allowed()[index]
        assert at < 2 or text.allowed().sum() < 12
        text.take(index)

    assert "".join(piece for piece in text.written if isinstance(piece, str)) == "A lamp of "
    assert text.written[-1] == (1, "<p0>")


def test_a_space_leads_a_word_or_a_slot_and_nothing_else(spelling, pen):
    """To this tokenizer a space before a bracket or a rare letter is a token by itself."""
    text, space = pen(), spelling.tokenizer.token_to_id("\u0120")

    write(spelling, text, "A")
    assert text.allowed()[spelling.end]
    text.take(space)

    assert not text.allowed()[spelling.end]
    assert not text.allowed()[space]
    assert not [piece for piece in allowed(spelling, text) if piece.startswith(" ")]
    write(spelling, text, "A")


def test_a_slot_stands_once_and_what_was_left_is_left(spelling, pen, source):
    text, marks = pen(), spelling.marks(source)

    for slot in ((1, "<p0>"), (2, "<n0>")):
        for index in marks[slot][0]:
            text.take(index)

    assert (1, "<p0>") not in text.marks
    assert (1, "<key>") not in text.marks
    assert (2, "<n0>") not in text.marks
    assert (2, "<p0>") in text.marks
    assert (3, "<p0>") in text.marks


def test_a_text_does_not_end_early_and_ends_at_its_limit(spelling, pen):
    text = pen(minimum=6, maximum=9)
    end = spelling.end

    while text.size < 6:
        assert not text.allowed()[end]
        write(spelling, text, "A")
    assert text.allowed()[end]
    while text.size < 8:
        write(spelling, text, "A")

    assert text.allowed().nonzero().flatten().tolist() == [end]
    text.take(end)
    assert text.is_done


def test_what_must_be_told_is_told_before_the_end(spelling, pen):
    text = pen(maximum=8, required=[3])

    while not text.is_done:
        text.take(int(text.allowed().nonzero().flatten()[-1]))

    assert any(slot[0] == 3 for slot in text.written if not isinstance(slot, str))


def test_a_name_alone_does_not_tell_what_must_be_told(spelling, pen, source):
    text, marks = pen(required=[1]), spelling.marks(source)

    for slot in ((1, "<key>"), (2, "<p0>")):
        for index in marks[slot][0]:
            text.take(index)

    assert not text.allowed()[spelling.end]
    assert (1, "<p0>") in text.marks


def test_a_banned_word_cannot_be_completed(spelling, pen):
    text = pen(words=["Oak"])
    one, other = spelling.tokenizer.token_to_id("k"), spelling.tokenizer.token_to_id("m")

    write(spelling, text, "oa")

    assert text.refuses(one)
    assert not text.refuses(other)


def test_a_stretch_is_said_once(spelling, pen):
    text, free = pen(repeats=3), pen()

    write(spelling, text, "A lamp of A lamp")
    write(spelling, free, "A lamp of A lamp")
    (of,) = spelling.tokenizer.encode(" of", add_special_tokens=False).ids

    assert text.refuses(of)
    assert not free.refuses(of)
    assert not text.refuses(spelling.tokenizer.token_to_id("s"))
    assert not text.refuses(spelling.end)


def test_a_slot_stands_in_no_stretch_twice(spelling, pen, source):
    text, marks = pen(repeats=2), spelling.marks(source)

    write(spelling, text, "A")
    for slot in ((1, "<p0>"), (2, "<n0>")):
        for index in marks[slot][0]:
            assert not text.refuses(index)
            text.take(index)

    assert [piece for piece in text.written if piece] == ["A", (1, "<p0>"), (2, "<n0>")]


def test_a_character_of_several_tokens_is_whole(spelling, known, checkpoint, records):
    source = Encoder(checkpoint.vocabulary, max_source=64, max_target=48).pair(records[1]).source
    text = Pen(known["zh"], spelling.marks(source), minimum=0, maximum=40)
    cut = spelling.tokenizer.encode("榉").ids

    assert len(cut) > 1
    for at, index in enumerate(cut):
        assert text.allowed()[index]
        assert at == 0 or not text.allowed()[spelling.end]
        text.take(index)

    assert text.written == ["榉"]


def test_an_attribute_that_the_brief_cut_off_is_not_owed(spelling, known, checkpoint, records):
    facts = facts_of(records[0])
    source = checkpoint.vocabulary.encode_brief(records[0], facts, limit=20)

    text = Pen(known["en"], spelling.marks(source), minimum=0, maximum=40, required=[3])

    assert text.allowed()[spelling.end]
