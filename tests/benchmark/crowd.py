"""A desk with as many drafts as a measurement asks for, out of the sample shop's own texts."""

from __future__ import annotations

import json
import random
from itertools import islice

from django.conf import settings

from catalog.models import Campaign, ContentKind, Product
from generation.models import Draft, DraftFinding, DraftWords, Run, Slot
from generation.ranking import rank_of
from tests.conftest import make_product

_BATCH = 2_000
_RUN = 5_000  # drafts
_QUERY = {"code": "like_title", "severity": "soft", "start": 0, "end": 2, "values": {}}


def fill_desk(campaign: Campaign, checkpoint, count: int, *, seed: int = 1) -> None:
    """Put proposed drafts on the desk, in runs of 5,000, as a big shop's campaign does."""
    chance = random.Random(seed)
    texts = _texts()
    products = _products(-(-_RUN // 8))
    campaign.products.add(*products)
    kind = ContentKind.objects.get(slug="description")
    for start in range(0, count, _RUN):
        run = Run.objects.create(campaign=campaign, checkpoint=checkpoint, seed=start)
        Run.objects.filter(pk=run.pk).take_turns(campaign.due_at)
        run.refresh_from_db(fields=["turn"])
        places = (
            Slot(
                run=run,
                ordinal=at,
                product=products[at // 8],
                kind=kind,
                language=("en", "zh-hans")[at % 2],
                variant=at % 8 // 2,
                outcome=Slot.Outcome.FILLED,
            )
            for at in range(min(_RUN, count - start))
        )
        while some := list(islice(places, _BATCH)):
            slots = Slot.objects.bulk_create(some)
            drafts = [_draft(slot, chance, texts, checkpoint) for slot in slots]
            Draft.objects.bulk_create(drafts)
            DraftWords.objects.keep(drafts)
            DraftFinding.objects.keep(drafts)


def _draft(slot: Slot, chance: random.Random, texts: dict, checkpoint) -> Draft:
    title, attributes, text = chance.choice(texts[slot.language])
    score = round(chance.random(), 6)
    findings = [_QUERY] if chance.random() < 0.1 else []
    return Draft(
        slot=slot,
        run=slot.run,
        turn=slot.run.turn,
        product=slot.product,
        kind=slot.kind,
        checkpoint=checkpoint,
        language=slot.language,
        text=text,
        score=score,
        rank=rank_of(score, len(findings), run_seed=slot.run.seed, ordinal=slot.ordinal),
        spans=[{"start": at, "end": at + 2, "score": 0.1} for at in range(0, len(text) - 2, 20)],
        brief={
            "product_ref": slot.product.sku,
            "kind": "description",
            "language": slot.language,
            "title": title,
            "brand": "",
            "category": "kitchen",
            "attributes": attributes,
            "audience": "",
            "tone": "",
            "min_chars": 20,
            "max_chars": 600,
        },
        findings=findings,
        seed=slot.ordinal,
    )


def _texts() -> dict[str, list]:
    found: dict[str, list] = {"en": [], "zh-hans": []}
    for file in sorted((settings.BASE_DIR / "catalog" / "starter_shop").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            shown = json.loads(line)
            for own, language in (("en", "en"), ("zh", "zh-hans")):
                for text in shown["descriptions"][own]:
                    found[language].append((shown["title"][own], shown["attributes"][own], text))
    return found


def _products(count: int) -> list[Product]:
    """So many products; those of an earlier call are taken again."""
    there = list(Product.objects.filter(sku__startswith="CR-").order_by("sku")[:count])
    return there + [make_product(f"CR-{number:05}") for number in range(len(there), count)]
