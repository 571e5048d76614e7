"""A feed is looked at first, then brought in by a worker; it can be stopped, killed and resumed."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone, translation

from catalog import importing, verdicts
from catalog.errors import FeedUnreadable, ImportNotStartable
from catalog.models import AuditEntry, FeedImport, Product
from catalog.services import (
    discard_import,
    forget_old_imports,
    requeue_lost_imports,
    resume_import,
    start_import,
    stop_import,
    upload_feed,
)

MANY = "sku,title,price\n" + "".join(f"M-{n},Oak tray {n},{n} USD\n" for n in range(1, 8))
MIXED = (
    "sku,title,brand,price,colour\n"
    "A,Oak tray,Moss,12 USD,oak\n"
    "B,Ash tray,,soon,ash\n"
    "C,Elm tray,Fern,9 USD,elm\n"
)


@pytest.fixture
def upload(db, editor, settings, tmp_path):
    settings.GALLEY_WORK_DIR = tmp_path / "work"

    def upload(text: str, name: str = "feed.csv", **options) -> FeedImport:
        return upload_feed([text.encode()], file_name=name, user=editor, **options)

    return upload


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(importing, "_BATCH", 2)


def carried_out(record: FeedImport) -> FeedImport:
    importing.carry_out(record.pk)
    return FeedImport.objects.get(pk=record.pk)


def found(record: FeedImport, **asked) -> list[verdicts.Verdict]:
    return list(verdicts.page(record.verdicts, **asked).verdicts)


def counts(record: FeedImport) -> tuple[int, ...]:
    return (record.created, record.updated, record.unchanged, record.refused)


def brought_in(record: FeedImport, editor) -> FeedImport:
    return carried_out(start_import(carried_out(record), user=editor))


def test_a_feed_is_looked_at_and_then_brought_in(upload, editor):
    record = upload(MIXED)
    assert (record.status, record.stage) == ("queued", "preview")

    looked_at = carried_out(record)

    assert Product.objects.count() == 0
    assert (looked_at.status, looked_at.format, looked_at.rows) == ("finished", "generic", 3)
    assert counts(looked_at) == (2, 0, 0, 1)
    assert [(one.line, one.kind, one.sku) for one in found(looked_at)] == [
        (2, "new", "A"),
        (3, "refused", ""),
        (4, "new", "C"),
    ]
    assert found(looked_at, kind="refused")[0].told == [["price", "“soon” is not a price."]]
    assert [one.sku for one in found(looked_at, after=1, size=2)] == [
        "",
        "C",
    ]

    done = carried_out(start_import(looked_at, user=editor))

    assert (done.status, done.stage, done.place) == ("finished", "import", 3)
    assert counts(done) == (2, 0, 0, 1)
    assert set(Product.objects.values_list("sku", flat=True)) == {"A", "C"}
    assert not done.feed.exists()
    assert done.requested_by == editor
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["import.upload", "import.start"]


def test_a_preview_tells_what_changes_and_what_does_not(upload, editor):
    brought_in(upload(MIXED), editor)
    later = MIXED.replace("A,Oak tray,Moss,12", "A,Oak serving tray,Thyme,13")

    looked_at = carried_out(upload(later.replace(",oak\n", ",pale oak\n")))

    assert counts(looked_at) == (0, 1, 1, 1)
    changed = found(looked_at, kind="changed")[0]
    assert changed.told == [
        ["price_usd", "", "12.00", "13.00"],
        ["brand", "", "Moss", "Thyme"],
        ["title", "en", "Oak tray", "Oak serving tray"],
        ["attributes", "en", "colour: oak", "colour: pale oak"],
    ]
    assert found(looked_at, kind="unchanged")[0].sku == "C"
    assert Product.objects.get(sku="A").brand.name == "Moss"  # so far


def test_the_same_feed_again_changes_nothing(upload, editor):
    brought_in(upload(MIXED), editor)

    assert counts(carried_out(upload(MIXED))) == (0, 0, 2, 1)


@pytest.mark.usefixtures("small_batches")
def test_an_import_that_is_stopped_goes_on_where_it_was(upload, editor, monkeypatch):
    record = start_import(carried_out(upload(MANY)), user=editor)
    read, seen = importing.read, []

    def stopping(*args, **kwargs):
        reading = read(*args, **kwargs)
        products = reading.products

        def watched(*, after):
            for product in products(after=after):
                seen.append(product.sku)
                if product.sku == "M-3" and not after:
                    stop_import(record, user=editor)
                yield product

        reading.products = watched
        return reading

    monkeypatch.setattr(importing, "read", stopping)
    stopped = carried_out(record)

    assert (stopped.status, stopped.stopped_by, stopped.failure) == (
        "failed",
        editor,
        "lin stopped it.",
    )
    assert (stopped.place, counts(stopped)) == (2, (2, 0, 0, 0))
    assert Product.objects.count() == 2  # the batch that was under way is undone
    seen.clear()

    done = carried_out(resume_import(stopped, user=editor))

    assert (done.status, done.place, counts(done)) == ("finished", 7, (7, 0, 0, 0))
    assert seen == ["M-3", "M-4", "M-5", "M-6", "M-7"]
    assert Product.objects.count() == 7


@pytest.mark.usefixtures("small_batches")
def test_an_import_whose_worker_dies_is_taken_up_again_and_counts_once(
    upload, editor, monkeypatch, settings
):
    record = start_import(carried_out(upload(MANY + "M-8,,9 USD\n")), user=editor)
    store, batches = importing._store_batch, []  # noqa: SLF001

    def dying(batch, *rest):
        batches.append(batch)
        done = store(batch, *rest)
        if len(batches) == 3:
            raise KeyboardInterrupt  # as a worker that is killed: nobody says how it ended
        return done

    monkeypatch.setattr(importing, "_store_batch", dying)
    with pytest.raises(KeyboardInterrupt):
        importing.carry_out(record.pk)
    dead = FeedImport.objects.get(pk=record.pk)
    assert (dead.status, dead.place, Product.objects.count()) == ("running", 4, 4)
    assert importing.carry_out(record.pk) == 0  # it may be alive
    assert requeue_lost_imports() == 0

    silent = timedelta(seconds=settings.GALLEY_STALE_RUN_SECONDS + 1)
    FeedImport.objects.update(heartbeat_at=timezone.now() - silent)
    assert requeue_lost_imports() == 1
    done = carried_out(dead)

    assert (done.status, counts(done)) == ("finished", (7, 0, 0, 1))
    assert Product.objects.count() == 7


def test_refused_rows_are_a_file_to_mend_and_bring_in(upload, editor):
    done = brought_in(upload(MIXED), editor)

    rows = list(csv.DictReader(io.StringIO(done.refused_rows.read_text("utf-8-sig"))))
    assert [(row["sku"], row["#line"], row["#column"]) for row in rows] == [("B", "3", "price")]
    mended = done.refused_rows.read_text("utf-8-sig").replace("soon", "7 USD")
    assert counts(brought_in(upload(mended), editor)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "“feed.csv” holds no products: it needs a header and at least one row."),
        (
            "title,price\nOak tray,9\n",
            "“feed.csv” has no column “sku”: add or rename it. Its columns are:",
        ),
    ],
)
def test_a_file_that_is_no_feed_says_so_and_can_be_discarded(upload, editor, text, sentence):
    failed = carried_out(upload(text))

    assert failed.status == "failed"
    assert failed.failure.startswith(sentence)
    with pytest.raises(ImportNotStartable):
        start_import(failed, user=editor)
    discard_import(failed, user=editor)
    assert not FeedImport.objects.exists()


def test_a_feed_that_is_discarded_leaves_nothing(
    upload, editor, django_capture_on_commit_callbacks
):
    looked_at = carried_out(upload(MIXED))
    assert looked_at.feed.is_file()

    with django_capture_on_commit_callbacks(execute=True):
        discard_import(looked_at, user=editor)

    assert not looked_at.work.exists()
    assert not FeedImport.objects.exists()
    assert Product.objects.count() == 0


def test_what_was_brought_in_is_not_discarded_and_not_begun_twice(upload, editor):
    done = brought_in(upload(MIXED), editor)

    for act in (discard_import, start_import, stop_import, resume_import):
        with pytest.raises(ImportNotStartable):
            act(done, user=editor)
    assert FeedImport.objects.get() == done


def test_a_stopped_import_whose_file_is_gone_says_so(upload, editor):
    record = upload(MIXED)
    record.feed.unlink()
    failed = carried_out(record)

    assert failed.failure == "The file is not here any more: upload it again."
    assert not failed.can_resume


def test_an_import_that_was_stopped_at_its_end_keeps_its_file(upload, editor, monkeypatch):
    record = start_import(carried_out(upload(MIXED)), user=editor)
    write = importing._write_refused  # noqa: SLF001 - after the last batch

    def late(*args):
        stop_import(record, user=editor)
        write(*args)

    with monkeypatch.context() as patched:
        patched.setattr(importing, "_write_refused", late)
        stopped = carried_out(record)

    assert (stopped.status, stopped.can_resume, counts(stopped)) == ("failed", True, (2, 0, 0, 1))
    done = carried_out(resume_import(stopped, user=editor))
    assert (done.status, counts(done)) == ("finished", (2, 0, 0, 1))


def test_a_full_disk_is_said_in_one_sentence(upload, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    record = upload(MIXED)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "read_feed", full)
        failed = carried_out(record)
    assert failed.failure == (
        "“feed.csv” does not fit on the worker's disk ([Errno 28] No space left on device): "
        "make room and resume."
    )
    assert failed.can_resume

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(FeedUnreadable, match="does not fit on this disk"):
        upload(MIXED)
    assert FeedImport.objects.get() == failed
    assert [path.name for path in failed.work.parent.iterdir()] == [failed.work.name]


def test_old_files_are_forgotten_and_what_became_of_them_is_not(upload, editor):
    done, looked_at = brought_in(upload(MIXED), editor), carried_out(upload(MANY))
    assert forget_old_imports() == 0
    FeedImport.objects.update(finished_at=timezone.now() - timedelta(days=8))

    assert forget_old_imports() == 2

    assert not done.work.exists()
    assert not looked_at.work.exists()
    assert FeedImport.objects.get() == done
    assert forget_old_imports() == 0


def test_what_is_said_of_a_feed_is_in_the_language_of_who_brought_it(upload):
    with translation.override("zh-hans"):
        record, odd = upload(MIXED), upload("")

    with translation.override("en"):
        looked_at, failed = carried_out(record), carried_out(odd)

    assert found(looked_at, kind="refused")[0].told == [["price", "“soon”不是价格。"]]
    assert failed.failure.startswith("“feed.csv”")
    assert "holds no products" not in failed.failure
