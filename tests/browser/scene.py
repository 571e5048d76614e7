"""A shop in the middle of its day, so that every page has something to show.

`manage.py shell` runs it in Galley's own process; the writer, the checks and the services are the
real ones. What few shops ever see is made up for the looks alone, and is in no picture: a text of
an unlikely length, a product without a name, trainings and their figures.
"""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from catalog.models import Campaign, Channel, FeedImport, Product
from catalog.services import import_feed, upload_feed
from generation.drafting import fill_run
from generation.evaluation import evaluate
from generation.models import Canary, Checkpoint, Draft, Evaluation, TrainingPoint, TrainingRun
from generation.services import active_checkpoint, start_run
from generation.writers import get_writer
from review import services
from review.models import Claim, Decision
from tests.benchmark.crowd import fill_desk
from tests.browser.conftest import until
from tests.generation.measured import compared

_LONG_WORD = "unabbreviated" * 16
_QUESTION = {"en": "@publisher, do we begin like this?", "zh-hans": "@publisher 这样开头好吗？"}
_ANSWER = {"en": "We did last week.", "zh-hans": "上周是这么写的。"}
_FEED = """sku,title,brand,category,material
LM-NEW-001,Pebble Oak Tray,Lumen & Moss,tableware,oak
,A row without a number,Lumen & Moss,tableware,oak
"""
_MORE = """LM-NEW-002,榉木托盘,Lumen & Moss,tableware,榉木
LM-NEW-003,Ash Bread Board,Lumen & Moss,tableware,ash
"""
_UNKNOWN = """Artikelnr,Bezeichnung,Preis,Farbe,Notiz
E-1,Eichentablett,12 USD,Eiche,alt
E-2,Eschentablett,9 USD,Esche,
"""


def set_scene(home: Path) -> dict[str, int | str]:
    """Set it, and give the names that addresses have in it."""
    _people()
    writer = active_checkpoint()
    return {
        **_drafts_and_decisions(writer),
        "evaluation": _evaluated(writer, home),
        **_imports(),
    }


def add_oddities() -> dict[str, int]:
    """Add what few shops ever see, and give the names that addresses have there."""
    writer = active_checkpoint()
    comparison = Evaluation.objects.create(data="corpus/dev", figures=compared())
    return {**_unlikely_drafts(writer), **_trainings(writer), "comparison": comparison.pk}


def _imports() -> dict[str, int]:
    """One that is in, two that were looked at, one under way, and one that was stopped."""
    import_feed(io.BytesIO(_FEED.encode()), file_name="autumn.csv", format="generic")
    done = FeedImport.objects.latest("pk")
    feed = (_FEED.replace("Pebble Oak Tray", "Pebble Oak Serving Tray") + _MORE).encode()
    preview = upload_feed([feed], file_name="winter.csv")
    unknown = upload_feed([_UNKNOWN.encode()], file_name="regal.csv")
    until(lambda: not FeedImport.objects.unfinished().exists(), seconds=60)  # a worker looks
    later = timezone.now() + timedelta(hours=2)  # as if it were heard of
    bringing = FeedImport.objects.create(
        file_name="all-year.xlsx",
        format="shopify",
        status="running",
        heartbeat_at=later,
        rows=48_000,
        place=20_640,
        created=9_120,
        updated=311,
        merged=11_180,
        refused=29,
    )
    cut_off = FeedImport.objects.create(
        file_name="spring.xml",
        format="google",
        status="failed",
        failure="editor stopped it.",
        stopped_by=User.objects.get(username="editor"),
        rows=900,
        place=500,
        created=500,
    )
    cut_off.work.mkdir(parents=True)
    cut_off.feed.write_text(_FEED)
    return {
        "import": done.pk,
        "preview": preview.pk,
        "unknown": unknown.pk,
        "bringing": bringing.pk,
        "cut_off": cut_off.pk,
    }


def _people() -> None:
    """Besides the demo's accounts: one who may only read, and one who may do nothing."""
    password = User.objects.get(username="editor").password
    reader = User.objects.create(username="reader", password=password)
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    services.end_tour(reader)
    User.objects.create(username="nobody", password=password)


def _unlikely_drafts(writer: Checkpoint) -> dict[str, int]:
    """A very long text, a very long word, a product that nobody knows, and a lot of like texts.

    And three that are nearly the same.
    """
    campaign = Campaign.objects.create(slug="unlikely", name="Unlikely", languages=["en"])
    campaign.channels.set(Channel.objects.filter(slug="storefront"))
    fill_desk(campaign, writer, 90)
    long, word, bare, gone, *others = Draft.objects.filter(run__campaign=campaign).order_by("pk")
    Draft.objects.filter(pk=long.pk).update(text=((long.text + " ") * 40)[:3000])
    Draft.objects.filter(pk=word.pk).update(text=f"{_LONG_WORD} is one word. {word.text}")
    nothing = Product.objects.create(sku="BARE-001")
    Draft.objects.filter(pk=bare.pk).update(
        product=nothing, brief=bare.brief | {"title": nothing.sku, "attributes": []}, explanation={}
    )
    leaving = Product.objects.create(sku="GONE-001")
    Draft.objects.filter(pk=gone.pk).update(product=leaving)
    like = [draft.pk for draft in others if draft.language == "en"]
    batch = services.start_batch(like, editor=User.objects.get(username="publisher"))
    alike, *twins = [draft for draft in others if draft.language == "zh-hans"][:3]
    Draft.objects.filter(pk__in=[twin.pk for twin in twins]).update(
        text=f"{alike.text}很好用。", duplicate_of=alike
    )
    names = {"alike": alike.pk, "batch": batch.pk}
    return {**names, "long": long.pk, "word": word.pk, "bare": bare.pk, "gone": gone.pk}


def _drafts_and_decisions(writer: Checkpoint) -> dict[str, int | str]:
    """A campaign that is being reviewed: most of it waits, some is decided, one draft is held."""
    campaign = Campaign.objects.get(slug="kitchen-refresh")
    run = start_run(campaign, seed=5, queue=False)
    fill_run(run.pk, writer=get_writer(writer.directory))
    editor, other = User.objects.get(username="editor"), User.objects.get(username="editor2")
    by_score = Draft.objects.filter(run=run).order_by("score")
    edited = by_score.filter(kind__slug="description").first()  # has room for another sentence
    last = list(by_score.exclude(pk=edited.pk)[:8])
    for draft in last[:3]:
        services.reject_draft(draft, editor=editor, reason=Decision.Reason.DULL)
    for draft in last[3:7]:
        services.approve_draft(draft, editor=editor)
    held = last[7]
    more = {"en": " Good company on slow mornings.", "zh-hans": "慢慢来的早晨，有它作伴。"}
    services.edit_draft(edited, editor=editor, text=edited.text + more[edited.language])
    now = timezone.now()
    Claim.objects.create(draft=held, editor=other, since=now, expires_at=now + timedelta(hours=2))
    names = {"held": held.pk, "edited": edited.pk, "rejected": last[0].pk, "approved": last[3].pk}
    waiting = Draft.objects.awaiting_review().filter(run=run, kind__slug="description").in_order()
    for language in more:
        best, second, *_ = waiting.filter(language=language)
        services.approve_draft(second, editor=editor)
        said = services.comment_on(best, author=editor, text=_QUESTION[language], place=(0, 4))
        services.comment_on(best, author=other, text=_ANSWER[language], parent=said.comment)
        names |= {f"draft-{language}": best.pk, f"sku-{language}": second.product.sku}
    return names


def _trainings(writer: Checkpoint) -> dict[str, int]:
    """One that has ended, one that somebody stopped, and a checkpoint on trial."""
    learnt = Checkpoint.objects.create(
        name="autumn", digest="a" * 64, path="autumn", parent=writer, metrics=writer.metrics
    )
    common = {"minutes": 20, "parent": writer, "seed": 7, "finished_at": timezone.now()}
    ended = TrainingRun.objects.create(
        **common, status="finished", checkpoint=learnt, settings={"learning_rate": 0.001}
    )
    publisher = User.objects.get(username="publisher")
    stopped = TrainingRun.objects.create(
        **common, status="failed", stopped_by=publisher, requested_by=publisher
    )
    for step in range(4, 20, 4):
        TrainingPoint.objects.create(
            training=ended,
            phase="adversarial",
            step=step,
            figures={
                "discriminator_loss": 2 - step / 20,
                "reward": step / 40,
                "samples": [{"ref": "A", "language": "en", "text": f"A tray of oak, {step} cm."}],
            },
        )
    Canary.objects.create(checkpoint=learnt, against=writer, share=10, started_by=publisher)
    return {"training": ended.pk, "stopped": stopped.pk}


def _evaluated(writer: Checkpoint, home: Path) -> int:
    """The writer measured on a few products that it never saw."""
    shop = settings.BASE_DIR / "catalog" / "starter_shop"
    unseen = set(json.loads((shop / "split.json").read_text(encoding="utf-8"))["test"])
    things = map(json.loads, (shop / "kitchen.jsonl").read_text(encoding="utf-8").splitlines())
    texts = home / "unseen" / "kitchenware.jsonl"
    texts.parent.mkdir()
    with texts.open("w", encoding="utf-8") as file:
        for thing in things:
            if thing["sku"] in unseen:
                file.writelines(_lines(thing))
    return evaluate(writer, texts, limit=4, seed=1).pk


def _lines(thing: dict) -> list[str]:
    """What people wrote of a product of the sample shop, as an evaluation reads it."""
    return [
        json.dumps(
            {
                "id": thing["sku"],
                "lang": language,
                "title": thing["title"][language],
                "attributes": thing["attributes"][language],
                "text": text,
            }
        )
        + "\n"
        for language in ("zh", "en")
        for text in thing["descriptions"][language]
    ]
