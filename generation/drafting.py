"""Filling a run: briefs to candidates to checks to drafts, chunk by chunk.

A chunk is written and explained outside any transaction, and stored in a short one. The chunks'
borders are fixed, and a slot's seed depends on the run and its place alone; so a run that was
interrupted and taken up again holds the same texts as one that was not.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.errors import JobLost
from catalog.holding import held
from generation import checks, live
from generation.briefs import build_brief, remarks
from generation.doubles import LIKE_ANOTHER, Doubles, keep_bands, link_duplicates
from generation.errors import FactsMissing, GenerationError
from generation.models import Canary, Draft, DraftFinding, DraftWords, Run, Slot
from generation.ranking import is_placed_by_chance, rank_of
from generation.rejections import Rejections
from generation.texts import Brief, Candidate, Finding
from generation.writers import Writer, get_writer

CANDIDATES = 6  # offered for each slot; the first that passes is the draft
ALTERNATIVES = 3  # of the rest, how many are kept for the editor to choose from


def slot_seed(run_seed: int, ordinal: int) -> int:
    """The seed of one slot: the same for the same run seed and place, different elsewhere."""
    digest = sha256(f"{run_seed}/{ordinal}".encode()).digest()
    return int.from_bytes(digest[:7])


def is_canary_slot(run_seed: int, ordinal: int, share: int) -> bool:
    """Say whether a canary with this share, in per cent, writes for the slot.

    The run and the place decide, so that a slot that is tried again has the same writer.
    """
    digest = sha256(f"canary/{run_seed}/{ordinal}".encode()).digest()
    return int.from_bytes(digest[:7]) % 100 < share


def fill_run(run_id: int, *, writer: Writer | None = None) -> int:
    """Fill the open slots of a run; return how many were open.

    Safe to call twice: a run that somebody works on is left alone, a filled slot is never
    written again. What goes wrong ends the run as failed, with the reason.
    """
    lease = uuid.uuid4()
    jobs = Run.objects.filter(pk=run_id)
    if not jobs.claim(timezone.now(), lease=lease):
        return 0
    run = Run.objects.select_related("checkpoint").get(pk=run_id)
    live.announce_progress(run_id)
    count = run.slots.open().count()
    with held(jobs, lease, refusals=GenerationError):
        writer = writer or get_writer(run.checkpoint.require_files())
        rejections = Rejections()
        for chunk in _chunks(run):
            _fill_chunk(run, chunk, writer=writer, rejections=rejections, lease=lease)
        jobs.finish(lease=lease)
    live.announce_progress(run_id)
    return count


def choose(
    candidates: Sequence[Candidate],
    brief: Brief,
    *,
    taken: Sequence[str],
    doubles: Callable[[Sequence[str]], Mapping[str, str]] = lambda _: {},
) -> tuple[Candidate | None, list[dict], list[Candidate]]:
    """Pick the best candidate that passes: it, its findings or the refusals, and the others.

    Args:
        candidates: what the writer offers, best first.
        brief: what it was written from.
        taken: texts that this run already has for the same product, kind and language.
        doubles: gives of some texts those that another product has, with its sku.
    """
    passed: list[tuple[Candidate, list[Finding]]] = []
    refusals: list[dict] = []
    for candidate in candidates:
        findings = checks.screen(candidate.text, brief)
        if any(finding.is_hard for finding in findings):
            refusals += [finding.to_dict() | {"text": candidate.text} for finding in findings]
        elif any(checks.is_near_duplicate(candidate.text, text) for text in taken):
            finding = Finding("near_duplicate", "hard", 0, len(candidate.text))
            refusals.append(finding.to_dict() | {"text": candidate.text})
        else:
            passed.append((candidate, findings))
    if not passed:
        unsure = Finding("no_candidate", "hard", 0, 0)
        return None, refusals or [unsure.to_dict()], []
    elsewhere = doubles([candidate.text for candidate, _ in passed])
    for candidate, findings in passed:
        if candidate.text in elsewhere:
            values = {"sku": elsewhere[candidate.text]}
            findings.append(Finding(LIKE_ANOTHER, "soft", 0, len(candidate.text), values))
    passed.sort(key=lambda item: len(item[1]))  # stable: D's order among equally clean texts
    (best, findings), *others = passed
    told = [finding.to_dict() for finding in findings]
    return best, told, [candidate for candidate, _ in others[:ALTERNATIVES]]


def _chunks(run: Run) -> list[range]:
    size = settings.GALLEY_RUN_CHUNK
    total = run.slots.count()
    return [range(start, min(start + size, total)) for start in range(0, total, size)]


@dataclass(frozen=True)
class _Place:
    """A slot on its way to a draft: what is written for it, and what was chosen.

    Args:
        slot: the slot.
        brief: what it is written from.
        hand: who writes.
        author: the id of that writer's checkpoint.
        best: the candidate that becomes the draft; None where no candidate passes.
        findings: the checks' about it, or why there is none.
        others: candidates that passed too.
        explanation: of the best one, JSON-ready.
    """

    slot: Slot
    brief: Brief
    hand: Writer
    author: int
    best: Candidate | None = None
    findings: list[dict] = field(default_factory=list)
    others: list[Candidate] = field(default_factory=list)
    explanation: dict[str, Any] = field(default_factory=dict)


def _fill_chunk(
    run: Run, ordinals: range, *, writer: Writer, rejections: Rejections, lease: uuid.UUID
) -> None:
    """Write one chunk; raise JobLost when the lease is lost."""
    slots = list(
        run.slots.for_writing().filter(ordinal__gte=ordinals.start, ordinal__lt=ordinals.stop)
    )
    if any(slot.outcome == Slot.Outcome.OPEN for slot in slots):
        known, briefs = _briefed(slots)
        places = _placed(run, known, briefs, writer=writer)
        chosen = _chosen(run, places, _offered(run, places))
        _store_chunk(run, _explained(chosen, rejections), lease=lease)
    if not Run.objects.filter(pk=run.pk).beat(timezone.now(), lease=lease):
        raise JobLost


def _placed(
    run: Run, slots: Sequence[Slot], briefs: Sequence[Brief], *, writer: Writer
) -> list[_Place]:
    """Who writes for each slot. A canary that was ended meanwhile writes nothing more."""
    canary = Canary.objects.writing().filter(pk=run.canary_id).select_related("checkpoint").first()
    places = []
    for slot, brief in zip(slots, briefs, strict=True):
        if canary and is_canary_slot(run.seed, slot.ordinal, canary.share):
            hand, author = get_writer(canary.checkpoint.require_files()), canary.checkpoint_id
        else:
            hand, author = writer, run.checkpoint_id
        places.append(_Place(slot, brief, hand, author))
    return places


def _by_author(places: Sequence[_Place]) -> Iterator[tuple[Writer, list[int]]]:
    """Each writer with the numbers of its places, so that it works on all of them at once."""
    for author in sorted({place.author for place in places}):
        numbers = [at for at, place in enumerate(places) if place.author == author]
        yield places[numbers[0]].hand, numbers


def _offered(run: Run, places: Sequence[_Place]) -> list[list[Candidate]]:
    """Candidates for each place, best first."""
    offers: list[list[Candidate]] = [[] for _ in places]
    for hand, numbers in _by_author(places):
        written = hand.write(
            [places[at].brief for at in numbers],
            variants=CANDIDATES,
            seeds=[slot_seed(run.seed, places[at].slot.ordinal) for at in numbers],
        )
        for at, candidates in zip(numbers, written, strict=True):
            offers[at] = candidates
    return offers


def _chosen(
    run: Run, places: Sequence[_Place], offers: Sequence[Sequence[Candidate]]
) -> list[_Place]:
    """The places that are open, each with the candidate that becomes its draft."""
    taken = _taken(run, [place.slot for place in places])
    doubles = Doubles()
    chosen = []
    for place, candidates in zip(places, offers, strict=True):
        slot = place.slot
        if slot.outcome != Slot.Outcome.OPEN:
            continue
        mine = taken.setdefault((slot.product_id, slot.kind_id, slot.language), [])
        best, findings, others = choose(
            candidates, place.brief, taken=mine, doubles=partial(doubles.of, slot)
        )
        if best is not None:
            mine.append(best.text)
            doubles.add(slot, best.text)
        chosen.append(replace(place, best=best, findings=findings, others=others))
    return chosen


def _explained(chosen: Sequence[_Place], rejections: Rejections) -> list[_Place]:
    """The same places, with why each chosen text has its score, and the rejections it is like."""
    explained = list(chosen)
    for hand, numbers in _by_author(chosen):
        filled = [at for at in numbers if chosen[at].best]
        told = hand.explain([chosen[at].brief for at in filled], [chosen[at].best for at in filled])
        for at, explanation in zip(filled, told, strict=True):
            slot = chosen[at].slot
            near = rejections.nearest(
                chosen[at].best.text, kind_id=slot.kind_id, language=slot.language
            )
            kept = explanation.to_dict() | {"rejections": near}
            explained[at] = replace(chosen[at], explanation=kept)
    return explained


def _briefed(slots: Sequence[Slot]) -> tuple[list[Slot], list[Brief]]:
    """The slots that can be written, and their briefs; refuse those that cannot, and say why."""
    known: list[Slot] = []
    briefs: list[Brief] = []
    for slot in slots:
        try:
            briefs.append(build_brief(slot.product, slot.kind, slot.language))
        except FactsMissing as reason:
            finding = Finding(reason.code, "hard", 0, 0, reason.values)
            Slot.objects.open().filter(pk=slot.pk).refuse([finding.to_dict()])
        else:
            known.append(slot)
    return known, briefs


@transaction.atomic
def _store_chunk(run: Run, chosen: Sequence[_Place], *, lease: uuid.UUID) -> None:
    """Store the drafts of the slots that are still open, if the run is still ours."""
    if not Run.objects.filter(pk=run.pk).beat(timezone.now(), lease=lease):
        return
    run.refresh_from_db(fields=["turn"])  # it is held now: whoever moves it finds these drafts
    slots = [place.slot.pk for place in chosen]
    open_now = set(Slot.objects.open().filter(pk__in=slots).values_list("pk", flat=True))
    drafts = []
    for place in chosen:
        if place.slot.pk not in open_now:
            continue
        if place.best is None:
            Slot.objects.filter(pk=place.slot.pk).refuse(place.findings)
        else:
            drafts.append(_draft(place, place.best, turn=run.turn))
    Draft.objects.bulk_create(drafts)
    keep_bands(drafts)
    link_duplicates(drafts)
    DraftWords.objects.keep(drafts)
    DraftFinding.objects.keep(drafts)
    Slot.objects.filter(pk__in=[draft.slot_id for draft in drafts]).fill()
    ready = [draft.pk for draft in drafts]
    transaction.on_commit(lambda: live.announce_drafts_ready(run.pk, ready), robust=True)


def _taken(run: Run, slots: Sequence[Slot]) -> dict[tuple[int, int, str], list[str]]:
    """The run's texts so far for the products of a chunk."""
    texts: dict[tuple[int, int, str], list[str]] = {}
    products = {slot.product_id for slot in slots}
    rows = Draft.objects.filter(run=run, product__in=products).order_by("pk")
    for product, kind, language, text in rows.values_list(
        "product_id", "kind_id", "language", "text"
    ):
        texts.setdefault((product, kind, language), []).append(text)
    return texts


def _draft(place: _Place, best: Candidate, *, turn: int) -> Draft:
    slot = place.slot
    return Draft(
        slot=slot,
        run=slot.run,
        product=slot.product,
        kind_id=slot.kind_id,
        checkpoint_id=place.author,
        language=slot.language,
        text=best.text,
        score=best.score,
        spans=[span.to_dict() for span in best.spans],
        explanation=place.explanation,
        findings=[*place.findings, *(remark.to_dict() for remark in remarks(place.brief))],
        alternatives=[{"text": other.text, "score": other.score} for other in place.others],
        brief=place.brief.to_dict(),
        seed=slot_seed(slot.run.seed, slot.ordinal),
        turn=turn,
        rank=rank_of(best.score, len(place.findings), run_seed=slot.run.seed, ordinal=slot.ordinal),
        is_random=is_placed_by_chance(slot.run.seed, slot.ordinal),
    )
