"""What the tokenizer learns its pieces from."""

from __future__ import annotations

from dataclasses import replace

from generation.gan.slots import facts_of, mask_text
from generation.gan.vocabulary import Vocabulary
from tests.generation.gan.conftest import shop

SIZE = 420


def test_no_piece_spans_a_slot(records):
    tokenizer = Vocabulary.train(records, size=SIZE).tokenizer

    special = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    pieces = tokenizer.get_vocab().keys() - special

    assert len(pieces) > 100
    assert [piece for piece in pieces if set(piece) & set("<>")] == []


def test_copy_is_encoded_as_its_slots_and_the_words_between_them(records):
    vocabulary = Vocabulary.train(records, size=SIZE)
    (record, *_) = shop(1)
    facts = facts_of(record)

    ids = vocabulary.encode_text(record, facts, limit=48)

    assert "".join(vocabulary.pieces(ids)) == mask_text(record.text, facts, "en")
    assert not set(ids) & set(vocabulary.forbidden_ids)


def test_what_a_brief_does_not_tell_leaves_its_place_empty(records):
    vocabulary = Vocabulary.train(records, size=SIZE)
    wide = replace(records[0], attributes=(("colour", "fog, 3 blues, smoke"), ("care", "wipe dry")))
    facts = facts_of(wide)

    whole = vocabulary.held(vocabulary.encode_brief(wide, facts, limit=96))
    some = vocabulary.held(vocabulary.encode_brief(wide, facts, limit=96, offered={1: [0, 2]}))
    number = {"<n0>", "<m0>", "<w0>"}

    assert whole[1] == {"<key>", "<p0>", "<p1>", "<p2>"} | number
    assert some[1] == {"<key>", "<p0>", "<p2>"}
    assert whole[2]
    assert 2 not in some
