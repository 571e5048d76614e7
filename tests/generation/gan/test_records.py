"""What is read of a corpus line, and what a measurement may not read."""

from __future__ import annotations

import gzip
import json

from generation.gan.records import read_records

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


def read(tmp_path, line, **wishes):
    path = tmp_path / "corpus.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return [*read_records(path, **wishes), *read_records(tmp_path, **wishes)]


def test_facts_found_in_the_text_itself_are_left_out_where_a_writer_is_measured(tmp_path):
    learnt = read(tmp_path, LINE)
    measured = read(tmp_path, LINE, silver=False)

    facts = (("颜色", "雾蓝"), ("brand", "木间"), ("材质", "榉木"))
    assert [record.attributes for record in learnt] == [facts] * 2
    assert [record.attributes for record in measured] == [(("材质", "榉木"),)] * 2
    assert [record.brand for record in measured] == ["", ""]


def test_facts_that_were_given_stay_where_a_writer_is_measured(tmp_path):
    given = LINE | {"attributes_origin": "given"}

    assert read(tmp_path, given, silver=False) == read(tmp_path, given)
