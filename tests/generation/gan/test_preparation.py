"""What is left out of a corpus, why, and what is kept of it."""

from __future__ import annotations

import json

import pytest

from generation.gan import learning
from generation.gan.preparation import Preparation, Report
from generation.gan.records import Record
from generation.gan.storing import DiskFull
from tests.generation.gan.test_storing import no_file_larger_than

LAMP = "A plain lamp for a desk, a shelf or the quiet end of a long and busy sofa at home."
TALL = "it may be a tall chair that somebody made of oak, of cork and of some woven paper."
TRAY = "榉木做的托盘，宽24厘米，放得下早餐和一本书，边沿磨得圆润，端起来很稳，洗过也不变形。"


def record(ref="x", text=LAMP, language="en", attributes=(("size", "24 cm"),)):
    return Record(
        ref=ref,
        language=language,
        kind="description",
        style="calm",
        title="lamp",
        attributes=attributes,
        text=text,
    )


def prepared(*records):
    report = Report()
    return list(Preparation()(records, report)), report


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (record(language="fr"), "third language"),
        (record(text="Une lampe avec des pieds en chêne, pour une table ou un bureau."), "third"),
        (record(text=TRAY), "another language"),
        (record(text=" \u200b<br>"), "no text"),
        (record(text=LAMP + " \ufffd"), "unreadable"),
        (record(text="A plain lamp."), "too short"),
        (record(text=LAMP.replace("plain lamp", "lamp of 31 cm")), "numbers without a fact"),
        (record(ref="y"), "duplicate"),
        (record(ref="y", text=LAMP.replace("home", "work")), "near duplicate"),
    ],
)
def test_a_text_that_teaches_nothing_is_left_out_and_shown(raw, reason):
    kept, report = prepared(record(), raw)

    assert [item.ref for item in kept] == ["x"]
    assert (report.read, report.kept) == (2, 1)
    ((told, (example,)),) = report.examples.items()
    assert told.startswith(reason)
    assert report.dropped == {told: 1}
    assert example.ref == raw.ref
    example.text.encode()
    assert example.like == ("x" if told == "near duplicate" else "")


def test_brief_and_text_are_cleaned_alike_so_that_its_facts_stay_the_same():
    raw = record(
        text=f"<p>{LAMP} It is ２４ｃｍ wide.</p>", attributes=(("size", "２４ｃｍ"), ("<br>", " "))
    )

    (kept,), report = prepared(raw)

    assert kept.attributes == (("size", "24cm"),)
    assert kept.text == f"{LAMP} It is 24cm wide."
    assert (report.cleaned, report.shortened) == (1, 0)


def test_a_sentence_that_no_fact_carries_is_cut_and_counted():
    (kept,), report = prepared(record(text=f"{LAMP} It is the best lamp. It weighs 3 kg."))

    assert kept.text == LAMP
    assert report.counts() == {"read": 1, "kept": 1, "cleaned": 0, "shortened": 1}


def test_a_report_shows_a_few_of_many_and_the_commonest_reason_first():
    twice = [record(ref=f"y{at}") for at in range(5)]

    _, report = prepared(record(), record(language="fr"), *twice)

    told = report.to_dict()["dropped"]
    assert list(told) == ["duplicate", "third language"]
    assert told["duplicate"]["texts"] == 5
    assert [shown["id"] for shown in told["duplicate"]["examples"]] == ["y0", "y1", "y2"]


@pytest.fixture
def files(tmp_path):
    """Two corpora of which the second says again what the first said."""
    paths = []
    for name, refs in (("one.jsonl", "ab"), ("two.jsonl", "cd")):
        texts = {"a": LAMP, "b": TRAY, "c": LAMP.replace("home", "work"), "d": f"For once {TALL}"}
        lines = [
            json.dumps(
                {
                    "id": ref,
                    "lang": "zh" if ref == "b" else "en",
                    "title": "lamp",
                    "attributes": [["材质", "榉木"]],
                    "attributes_origin": "silver_text" if ref == "b" else "given",
                    "title_attributes": [["尺寸", "24厘米"]] if ref == "b" else [],
                    "text": texts[ref],
                }
            )
            for ref in refs
        ]
        paths.append(tmp_path / name)
        paths[-1].write_text("\n".join(lines), encoding="utf-8")
    return paths


@pytest.mark.parametrize("name", ["made.jsonl", "made.jsonl.gz"])
def test_prepared_texts_are_a_corpus_that_needs_no_more_preparing(files, tmp_path, name):
    found = dict(learning.prepare(files, into=tmp_path / "new" / name))

    learn, check, summary = learning.read_corpus(files)
    again, check_again, summary_again = learning.read_corpus([tmp_path / "new" / name])

    assert [item.guessed for item in learn + check].count((("材质", "榉木"),)) == 1
    assert [report.counts() for report in found.values()] == list(summary.values())
    assert [*found.values()][1].dropped == {"near duplicate": 1}
    assert (again, check_again) == (learn, check)
    assert summary_again[f"new/{name}"] == {"read": 3, "kept": 3, "cleaned": 0, "shortened": 0}


def test_a_full_disk_leaves_the_file_before(files, tmp_path):
    into = tmp_path / "made.jsonl"
    into.write_text("before\n", encoding="utf-8")

    with no_file_larger_than(100), pytest.raises(DiskFull, match="no room on the disk"):
        list(learning.prepare(files, into=into))

    assert into.read_text(encoding="utf-8") == "before\n"
    assert sorted(part.name for part in tmp_path.iterdir()) == [
        "made.jsonl",
        "one.jsonl",
        "two.jsonl",
    ]


def test_a_corpus_without_a_text_to_learn_from_is_refused_and_leaves_no_file(files, tmp_path):
    files[1].write_text(json.dumps({"id": "e", "lang": "fr", "text": "Une lampe."}))

    with pytest.raises(ValueError, match=r"two\.jsonl .* 1 read, none usable \(third language\)"):
        list(learning.prepare(files, into=tmp_path / "made.jsonl"))

    assert not (tmp_path / "made.jsonl").exists()


def test_texts_that_are_kept_back_are_not_prepared(files):
    learn, _, summary = learning.read_corpus(files, split={"test": ["a", "b"]})

    assert [item.ref for item in learn] == ["c", "d"]
    assert summary[f"{files[0].parent.name}/one.jsonl"]["read"] == 0


def test_a_corpus_that_says_again_what_another_said_is_not_refused(files):
    (_, first), (_, second) = learning.prepare([files[0], files[0]])

    assert (first.kept, second.kept) == (2, 0)
    assert second.dropped == {"duplicate": 2}
