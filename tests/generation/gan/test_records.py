"""What is read of a corpus line, and what a measurement may not read."""

from __future__ import annotations

import gzip
import json
import random

from generation.gan.lessons import hinted
from generation.gan.records import Record, read_records

LINE = {
    "id": "r1",
    "lang": "zh",
    "kind": "product_description",
    "title": "榉木托盘",
    "attributes": [["颜色", "雾蓝"], ["brand", "木间"]],
    "attributes_origin": "silver_text",
    "title_attributes": [["材质", "榉木"]],
    "text": "雾蓝的托盘，放得下早餐。",
}


def read(tmp_path, line):
    path = tmp_path / "corpus.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return [*read_records(path), *read_records(tmp_path)]


def test_facts_found_in_the_text_itself_are_no_part_of_its_brief(tmp_path):
    records = read(tmp_path, LINE)

    assert [record.attributes for record in records] == [(("材质", "榉木"),)] * 2
    assert [record.guessed for record in records] == [(("颜色", "雾蓝"), ("brand", "木间"))] * 2
    assert [record.brand for record in records] == ["", ""]


def test_facts_that_were_given_are(tmp_path):
    (record, _) = read(tmp_path, LINE | {"attributes_origin": "given"})

    assert record.attributes == (("颜色", "雾蓝"), ("brand", "木间"), ("材质", "榉木"))
    assert record.guessed == ()
    assert record.brand == "木间"


def test_a_text_without_a_style_shows_the_markets_and_a_brief_asks_for_the_usual_one(tmp_path):
    assert [record.style for record in read(tmp_path, LINE)] == ["market", "market"]
    assert [record.style for record in read_records(tmp_path, are_briefs=True)] == ["calm"]


def test_lessons_are_given_some_of_them_and_sometimes_none():
    record = Record(
        ref="r1",
        language="zh",
        kind="description",
        style="market",
        title="榉木托盘",
        attributes=(("材质", "榉木"),),
        guessed=(("颜色", "雾蓝"), ("风格", "简约")),
    )
    chance = random.Random(1)

    lessons = {hinted(record, chance).attributes for _ in range(60)}

    assert record.attributes in lessons
    assert (*record.attributes, *record.guessed) in lessons
    assert all(facts[0] == ("材质", "榉木") for facts in lessons)
