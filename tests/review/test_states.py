"""Whatever is asked, in whatever order, by whomever: no draft reaches a state that makes no sense.

A property of sequences: each step is a service, a task or the clock, with whatever rows there are;
what is refused writes nothing, and after each step what must hold of the database is looked at.
"""

# ruff: noqa: D102 - a rule is named for what it does

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from unittest import mock
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from catalog.models import Campaign, Channel, ContentKind
from generation.drafting import fill_run
from generation.models import Draft, Example
from generation.services import close_campaign, start_run
from review import delivery, services
from review.errors import ReviewError
from review.models import (
    Assignment,
    Batch,
    BatchDraft,
    Claim,
    Comment,
    Decision,
    Publication,
    SecondOpinionRule,
    ShelfCopy,
    Supersession,
)
from tests.conftest import EDITOR, PUBLISHER, make_product, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NUMBER = st.integers(0, 5)
WORDS = " Good company on slow mornings."
SENT = {
    "approve": {},
    "edit": {},
    "reject": {"reason": "dull"},
    "defer": {"hours": "4"},
    "bring-back": {},
    "take-over": {},
    "claim": {},
    "comments": {},
}
DECIDED = (Draft, Decision, Example, Publication, ShelfCopy, Assignment, Supersession)
DECIDED += (Batch, BatchDraft)
REFUSED = {404, 409, 422}  # 404: a claim on what is decided, or somebody else's batch
DENIED = 403
MANY = st.integers(0, 9)
MOSTLY = st.sampled_from([True, True, True, False])
# Which publications a wish is meant for; it is made of the others, too.
MEANT = {
    "withdraw": Q(status__in=["queued", "scheduled", "published"]),
    "revert": Q(status="published"),
    "schedule": ~Q(status__in=["published", "sending"]),
    "republish": Q(status__in=["withdrawn", "failed"]),
}
# What is asked of lots and shelves, as `reach` keeps it.
REACHED = {
    *("start_batch", "settle_batch", "schedule_publication", "revert_to", "withdraw_publication"),
    *("/review/bulk/decide/ sample", "/review/batches/0/settle/"),
    *(f"/review/publications/0/{what}/" for what in ("withdraw", "schedule", "revert")),
    *("/review/publications/0/republish/", "/api/v1/publications/0/republish/"),
    *("/api/v1/drafts/0/defer/", "/api/v1/decisions/0/undo/", "/api/v1/publications/0/withdraw/"),
    *("batch passed", "batch failed"),
}
APPROVED = {Draft.Status.APPROVED, Draft.Status.PUBLISHED, Draft.Status.WITHDRAWN}


class Shelves(RuleBasedStateMachine):
    """Two editors and a lead, six drafts of two products, lots of them, and where texts go.

    Two of the drafts are of a later run, for the same places as two of the others.

    What is asked here takes a long way to come to, so few other things are.
    """

    reached: set[str]  # set by a fixture: the wishes that have changed something

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.keys = [uuid4() for _ in range(6)]
        self.now = timezone.now()
        self.clock = mock.patch("django.utils.timezone.now", side_effect=lambda: self.now)
        self.clock.start()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(has_batch=MOSTLY, has_texts=MOSTLY)
    def open_the_shop(self, has_batch: bool, has_texts: bool) -> None:
        self.people = [make_user("ann", EDITOR), make_user("bo", EDITOR)]
        self.people.append(make_user("cy", (*PUBLISHER, "undo_any_decision")))
        admin = User.objects.create_superuser("root", password="galley")
        self.clients = [Client() for _ in range(4)]
        self.users = [*self.people, admin]
        self.sign_in()
        self.groups = [uuid4() for _ in range(6)]
        self.campaign = Campaign.objects.create(slug="any", name="Any", languages=["en", "zh-hans"])
        first, second = make_product("ST-1"), make_product("ST-2")
        self.campaign.products.add(first, second)
        self.campaign.kinds.set(ContentKind.objects.filter(slug="description"))
        self.campaign.channels.set(Channel.objects.filter(slug="storefront"))
        fill_run(start_run(self.campaign, seed=7, queue=False).pk)
        self.campaign.products.remove(second)
        fill_run(start_run(self.campaign, seed=8, queue=False).pk)
        self.drafts = list(Draft.objects.order_by("pk"))
        self.seen = {draft.pk: draft for draft in self.drafts}  # as somebody saw it last
        self.batches: dict[int, Batch] = {}  # as they were when somebody first asked for them
        # What takes many steps to come to is there already in some of the shops.
        if has_batch:
            self.start_a_batch(0, "en", there=False)
        if has_texts:
            for draft in Draft.objects.filter(product=first, language="zh-hans").order_by("pk"):
                services.approve_draft(draft, editor=self.people[1])
                self.let_time_pass(1)
            for publication in Publication.objects.order_by("pk"):
                delivery.deliver(publication.pk)

    def sign_in(self) -> None:
        """Have everybody signed in: no session lasts as long as a draft may wait."""
        for client, user in zip(self.clients, self.users, strict=True):
            client.force_login(user)

    def attempt(self, act, *given, **named) -> None:
        """Ask for something; a refusal writes nothing."""
        before = self.rows()
        try:
            with transaction.atomic():
                act(*given, **named)
        except ReviewError:
            assert self.rows() == before
        else:
            self.reach(act.__name__, lambda: self.rows() != before)

    @staticmethod
    def rows() -> list:
        return [list(model.objects.order_by("pk").values()) for model in (*DECIDED, Claim, Comment)]

    @rule(at=NUMBER)
    def look(self, at: int) -> None:
        pk = self.drafts[at].pk
        self.seen[pk] = Draft.objects.get(pk=pk)

    @rule(at=NUMBER, who=st.integers(0, 2), key=st.none() | NUMBER)
    def approve(self, at: int, who: int, key: int | None) -> None:
        given = services.Circumstances(key=None if key is None else self.keys[key])
        draft = self.seen[self.drafts[at].pk]
        self.attempt(services.approve_draft, draft, editor=self.people[who], given=given)

    @rule(at=NUMBER, who=st.integers(0, 2), reason=st.sampled_from(["dull", "not_needed", "x"]))
    def reject(self, at: int, who: int, reason: str) -> None:
        draft = self.seen[self.drafts[at].pk]
        self.attempt(services.reject_draft, draft, editor=self.people[who], reason=reason)

    @rule(at=st.integers(0, 9), hours=st.sampled_from([-1, 1, 24]))
    def schedule(self, at: int, hours: int) -> None:
        publications = list(Publication.objects.order_by("pk"))
        if publications:
            publication = publications[at % len(publications)]
            moment = self.now + timedelta(hours=hours)
            lead = self.people[2]
            self.attempt(services.schedule_publication, publication, at=moment, user=lead)

    @rule(at=st.integers(0, 9))
    def revert(self, at: int) -> None:
        publications = list(Publication.objects.order_by("pk"))
        if publications:
            publication = publications[at % len(publications)]
            self.attempt(services.revert_to, publication, user=self.people[2])

    @rule(who=st.integers(0, 2), at=st.integers(0, 9))
    def undo_any(self, who: int, at: int) -> None:
        decisions = list(Decision.objects.order_by("pk"))
        if decisions:
            decision = decisions[at % len(decisions)]
            self.attempt(services.undo_decision, decision, editor=self.people[who])

    def ask(self, who: int, path: str, sent: dict, *, fine: set[int], **more) -> None:
        """Send something as a browser or a program does; what is refused decides nothing."""
        before = self.decided()
        answer = self.clients[who].post(path, sent, **more)
        assert answer.status_code in fine | REFUSED
        if answer.status_code in {*REFUSED, DENIED}:
            assert self.decided() == before
        wish = f"{re.sub('/[0-9]+/', '/0/', path)} {sent.get('action', '')}".strip()
        self.reach(wish, lambda: self.decided() != before)

    def reach(self, wish: str, has_changed: Callable[[], bool]) -> None:
        """Keep that a wish has changed something, if it has."""
        if wish not in self.reached and has_changed():
            self.reached.add(wish)

    @staticmethod
    def decided() -> list:
        """All but who has what open, which a page that is shown may change."""
        return [list(model.objects.order_by("pk").values()) for model in DECIDED]

    @rule(
        who=st.integers(0, 1), language=st.sampled_from(["en", "zh-hans", ""]), there=st.booleans()
    )
    def start_a_batch(self, who: int, language: str, there: bool) -> None:
        lot = [draft.pk for draft in self.drafts if language in {draft.language, ""}]
        if there:
            sent = {"drafts": ",".join(map(str, lot)), "action": "sample"}
            self.ask(who, "/review/bulk/decide/", sent | {"group": str(uuid4())}, fine={302})
        else:
            self.attempt(services.start_batch, lot, editor=self.people[who])

    @rule(at=MANY, verdict=st.sampled_from(["approved", "approved", "edited", "rejected"]))
    def read_a_sample(self, at: int, verdict: str) -> None:
        if batch := self.batch(at):
            for draft in Draft.objects.filter(BatchDraft.objects.sampled_in(batch.pk)):
                if verdict == "approved":
                    self.attempt(services.approve_draft, draft, editor=batch.editor)
                elif verdict == "edited":
                    text = draft.text + WORDS
                    self.attempt(services.edit_draft, draft, editor=batch.editor, text=text)
                else:
                    self.attempt(services.reject_draft, draft, editor=batch.editor, reason="dull")

    @rule(at=MANY)
    def settle_a_batch(self, at: int) -> None:
        if batch := self.batch(at):
            self.settle(
                batch, lambda: self.attempt(services.settle_batch, batch, editor=batch.editor)
            )

    @rule(at=MANY, who=st.integers(0, 1))
    def settle_a_batch_on_the_desk(self, at: int, who: int) -> None:
        if batch := self.batch(at):
            path = f"/review/batches/{batch.pk}/settle/"
            self.settle(batch, lambda: self.ask(who, path, {}, fine={302}))

    def settle(self, batch: Batch, act: Callable[[], None]) -> None:
        """Ask what becomes of a batch: its rest is accepted only as long as its sample passes."""
        together = Decision.objects.filter(group=batch.group)
        before, passes = together.count(), services.reading_of(batch).passes
        status = Batch.objects.get(pk=batch.pk).status
        act()
        accepted = together.count() > before
        assert not accepted or passes
        assert not accepted or status != Batch.Status.FAILED
        now = Batch.objects.get(pk=batch.pk).status
        self.reach(f"batch {now}", lambda: now != status)

    def batch(self, at: int) -> Batch | None:
        """One of the batches, as it was when it was first looked at."""
        batches = list(Batch.objects.order_by("pk"))
        if not batches:
            return None
        batch = batches[at % len(batches)]
        return self.batches.setdefault(batch.pk, batch)

    @rule(
        at=MANY,
        who=st.sampled_from([0, 2, 2, 2]),
        what=st.sampled_from(["withdraw", "schedule", "revert", "republish"]),
        hours=st.sampled_from([1, 1, 24, -1]),
        htmx=st.booleans(),
    )
    def use_the_publications(self, at: int, who: int, what: str, hours: int, htmx: bool) -> None:
        if number := self.publication(at, what):
            moment = timezone.localtime(self.now + timedelta(hours=hours))
            path = f"/review/publications/{number}/{what}/"
            fine = {200, 302} if who == 2 else {DENIED}
            headers = {"HX-Request": "true"} if htmx else {}
            self.ask(who, path, {"at": f"{moment:%Y-%m-%dT%H:%M}"}, fine=fine, headers=headers)

    @rule(at=MANY, who=st.sampled_from([0, 2, 2]), what=st.sampled_from(["withdraw", "republish"]))
    def use_the_publications_by_the_api(self, at: int, who: int, what: str) -> None:
        if number := self.publication(at, what):
            path = f"/api/v1/publications/{number}/{what}/"
            fine = {200} if who == 2 else {DENIED}
            self.ask(who, path, {}, fine=fine, content_type="application/json")

    @staticmethod
    def publication(at: int, what: str) -> int | None:
        """One of the publications; with an even number one that the wish is meant for, if any."""
        there = Publication.objects.order_by("pk").values_list("pk", flat=True)
        numbers = list(there.filter(MEANT[what])) if at % 2 == 0 else []
        numbers = numbers or list(there)
        return numbers[at // 2 % len(numbers)] if numbers else None

    @rule(at=MANY, who=st.integers(0, 2), key=st.none() | NUMBER)
    def undo_by_the_api(self, at: int, who: int, key: int | None) -> None:
        decisions = list(Decision.objects.order_by("pk"))
        if decisions:
            path = f"/api/v1/decisions/{decisions[at % len(decisions)].pk}/undo/"
            sent = {} if key is None else {"key": str(self.keys[key])}
            fine = {200} if who == 2 else {200, DENIED}  # what another editor has decided
            self.ask(who, path, sent, fine=fine, content_type="application/json")

    @rule(
        at=NUMBER,
        who=st.integers(0, 2),
        what=st.sampled_from(["approve", "edit", "reject", "defer"]),
        hours=st.sampled_from([-1, 1, 1, 24 * 200]),
    )
    def use_the_api(self, at: int, who: int, what: str, hours: int) -> None:
        draft = self.seen[self.drafts[at].pk]
        sent = {"version": draft.version, "text": draft.text + WORDS, "reason": "dull"}
        sent["until"] = (self.now + timedelta(hours=hours)).isoformat()
        path = f"/api/v1/drafts/{draft.pk}/{what}/"
        self.ask(who, path, sent, fine={200}, content_type="application/json")

    @rule(at=st.integers(0, 9), fails=st.booleans())
    def deliver(self, at: int, fails: bool) -> None:
        publications = list(Publication.objects.order_by("pk"))
        if publications:
            broken = mock.patch(
                "review.publishers.storefront.StorefrontPublisher.publish",
                side_effect=OSError("no answer"),
            )
            with broken if fails else mock.MagicMock():
                delivery.deliver(publications[at % len(publications)].pk)

    @rule(at=st.integers(0, 9))
    def withdraw(self, at: int) -> None:
        publications = list(Publication.objects.order_by("pk"))
        if publications:
            publication = publications[at % len(publications)]
            self.attempt(services.withdraw_publication, publication, user=self.people[2])

    @rule(at=NUMBER)
    def republish(self, at: int) -> None:
        self.attempt(services.republish, self.drafts[at])

    @rule(minutes=st.sampled_from([1, 4, 20, 90, 60 * 24 * 100]))
    def let_time_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        if minutes > 60 * 24:
            self.sign_in()
        services.requeue_due_publications()
        services.return_deferred_drafts()
        services.expire_forgotten_drafts()

    @invariant()
    def at_most_one_verdict_stands(self) -> None:
        for draft in Draft.objects.all():
            standing = list(Decision.objects.standing().filter(draft=draft))
            assert len(standing) <= 1
            if draft.status in {Draft.Status.PROPOSED, Draft.Status.DEFERRED}:
                assert not standing
            elif draft.status == Draft.Status.EXPIRED:
                assert all(decision.is_provisional for decision in standing)
            elif draft.status == Draft.Status.SECOND:
                assert standing[0].is_provisional
            elif draft.status == Draft.Status.REJECTED:
                assert standing[0].verdict == Decision.Verdict.REJECTED
            else:
                assert draft.status in APPROVED
                assert standing[0].final_text
                assert not standing[0].is_provisional

    @invariant()
    def what_gave_way_did_so_to_an_approval_that_stands(self) -> None:
        for gone in Supersession.objects.select_related("draft", "decision__draft"):
            older, newer = gone.draft, gone.decision.draft
            assert older.status == Draft.Status.EXPIRED
            assert newer.status in APPROVED
            assert Decision.objects.standing().filter(pk=gone.decision_id).exists()
            assert older.run_id < newer.run_id
            for name in ("product_id", "kind_id", "language"):
                assert getattr(older, name) == getattr(newer, name)
        if Campaign.objects.open().exists():
            gone = Draft.objects.filter(status=Draft.Status.EXPIRED, supersession=None)
            oldest = self.now - timedelta(days=settings.GALLEY_DRAFT_DAYS)
            assert not gone.filter(created_at__gte=oldest).exists()

    @invariant()
    def nothing_is_published_that_nobody_approved(self) -> None:
        for publication in Publication.objects.exclude(status=Publication.Status.WITHDRAWN):
            decision = Decision.objects.standing().get(pk=publication.decision_id)
            assert publication.text == decision.final_text
            assert not decision.is_provisional
        keys = Publication.objects.live().values("key")
        assert not ShelfCopy.objects.standing().exclude(key__in=keys).exists()

    @invariant()
    def only_what_stands_teaches(self) -> None:
        for example in Example.objects.all():
            decision = Decision.objects.standing().get(draft=example.draft_id)
            assert not decision.is_provisional
            written = Draft.objects.get(pk=example.draft_id).text
            assert example.text in {decision.final_text, written}
            assert decision.reason != Decision.Reason.NOT_NEEDED

    @invariant()
    def a_second_opinion_is_somebody_elses(self) -> None:
        for decision in Decision.objects.exclude(seconds=None).select_related("seconds"):
            assert decision.editor_id != decision.seconds.editor_id
            if decision.verdict == Decision.Verdict.APPROVED and not decision.is_provisional:
                assert decision.final_text == decision.seconds.final_text

    @invariant()
    def what_is_said_stays_with_its_draft(self) -> None:
        for comment in Comment.objects.select_related("parent", "draft"):
            assert bool(comment.text) == (comment.removed_at is None)
            if comment.parent:
                assert comment.parent.draft_id == comment.draft_id
                assert comment.parent.parent_id is None
            if comment.start is not None:
                assert 0 <= comment.start < comment.end <= len(comment.draft.text)

    @invariant()
    def nobody_holds_two_drafts(self) -> None:
        editors = list(Claim.objects.values_list("editor", flat=True))
        assert len(editors) == len(set(editors))


class Desk(Shelves):
    """The same, and everything else that can be asked.

    It is asked of the services, on the desk, in bulk, of the API, in the admin, and by the clock.
    """

    @rule(at=NUMBER, who=st.integers(0, 2), more=st.sampled_from([WORDS, " 99 kg", ""]))
    def edit(self, at: int, who: int, more: str) -> None:
        draft = self.seen[self.drafts[at].pk]
        self.attempt(services.edit_draft, draft, editor=self.people[who], text=draft.text + more)

    @rule(at=NUMBER, who=st.integers(0, 2), hours=st.sampled_from([-1, 1, 24 * 200]))
    def put_off(self, at: int, who: int, hours: int) -> None:
        draft, until = self.seen[self.drafts[at].pk], self.now + timedelta(hours=hours)
        self.attempt(services.defer_draft, draft, editor=self.people[who], until=until)

    @rule(condition=st.sampled_from([{"of_edits": True}, {"share": 100}, {"below_score": 0.9}]))
    def want_second_opinions(self, condition: dict) -> None:
        SecondOpinionRule.objects.create(name="any", **condition)

    @rule()
    def want_no_second_opinions(self) -> None:
        SecondOpinionRule.objects.all().delete()

    @rule(who=st.integers(0, 2), to=st.none() | st.integers(0, 2), at=NUMBER)
    def assign(self, who: int, to: int | None, at: int) -> None:
        to = None if to is None else self.people[to]
        self.attempt(services.assign_drafts, [self.drafts[at].pk], to=to, by=self.people[who])

    @rule(who=st.integers(0, 2))
    def approve_all(self, who: int) -> None:
        numbers = [draft.pk for draft in self.drafts]
        self.attempt(services.approve_drafts, numbers, editor=self.people[who])

    @rule(who=st.integers(0, 2))
    def undo_the_last(self, who: int) -> None:
        def act() -> None:
            decision = services.last_decision(self.people[who])
            services.undo_decision(decision, editor=self.people[who])

        self.attempt(act)

    @rule(at=NUMBER, who=st.integers(0, 2), reply=st.booleans(), start=st.none() | NUMBER)
    def comment(self, at: int, who: int, reply: bool, start: int | None) -> None:
        draft = self.seen[self.drafts[at].pk]
        parent = Comment.objects.order_by("pk").last() if reply else None
        said = {"text": "@bo, @cy: look.", "parent": parent}
        place = None if start is None else (start, 3)
        author = self.people[who]
        self.attempt(services.comment_on, draft, author=author, place=place, **said)

    @rule(who=st.integers(0, 2), at=st.integers(0, 9), resolve=st.booleans())
    def end_a_comment(self, who: int, at: int, resolve: bool) -> None:
        comments = list(Comment.objects.order_by("pk"))
        if comments:
            act = services.resolve_comment if resolve else services.remove_comment
            self.attempt(act, comments[at % len(comments)], user=self.people[who])

    @rule(at=NUMBER, who=st.integers(0, 2), by_force=st.booleans())
    def open_draft(self, at: int, who: int, by_force: bool) -> None:
        act = services.take_over_draft if by_force else services.claim_draft
        self.attempt(act, self.drafts[at], editor=self.people[who])

    @rule(at=NUMBER, who=st.integers(0, 2), what=st.sampled_from(sorted(SENT)), htmx=st.booleans())
    def use_the_desk(self, at: int, who: int, what: str, htmx: bool) -> None:
        draft = self.seen[self.drafts[at].pk]
        sent = {"version": draft.version, "text": draft.text + WORDS, **SENT[what]}
        headers = {"HX-Request": "true", "HX-Target": "work"} if htmx else {}
        path = f"/review/drafts/{draft.pk}/{what}/"
        self.ask(who, path, sent, fine={200, 302}, headers=headers)

    @rule(who=st.integers(0, 2))
    def undo_on_the_desk(self, who: int) -> None:
        self.ask(who, "/review/undo/", {}, fine={200, 302})

    @rule(
        who=st.integers(0, 2),
        what=st.sampled_from(["approve", "reject", "defer", "assign"]),
        group=NUMBER,
    )
    def use_the_desk_in_bulk(self, who: int, what: str, group: int) -> None:
        numbers = ",".join(str(draft.pk) for draft in self.drafts)
        sent = {"drafts": numbers, "action": what, "group": str(self.groups[group])}
        sent |= {"reason": "dull", "hours": "4", "editor": self.people[0].pk}
        self.ask(who, "/review/bulk/decide/", sent, fine={302})

    @rule(who=st.integers(0, 2), group=NUMBER)
    def undo_in_bulk(self, who: int, group: int) -> None:
        self.ask(who, "/review/bulk/undo/", {"group": str(self.groups[group])}, fine={302})

    @rule(
        what=st.sampled_from(["approve_chosen", "reject_chosen", "publish_chosen"]),
        key=st.none() | NUMBER,
    )
    def use_the_admin(self, what: str, key: int | None) -> None:
        chosen = {"_selected_action": [draft.pk for draft in self.drafts], "action": what}
        if key is not None:  # confirmed, on the page that asks
            pks = ",".join(str(draft.pk) for draft in self.drafts)
            chosen |= {"reason": "dull", "chosen": pks, "group": str(self.groups[key])}
        self.ask(3, "/admin/generation/draft/", chosen, fine={200, 302})

    @rule()
    def close(self) -> None:
        if Campaign.objects.open().exists():
            close_campaign(self.campaign)


@pytest.fixture
def _quiet(checkpoint, monkeypatch):
    """No broker, and small lots of which the same sequence draws the same sample."""
    for shop in (Shelves, Desk):
        monkeypatch.setattr(shop, "reached", set(), raising=False)
    for task in ("review.tasks.deliver.delay", "review.tasks.take_down.delay"):
        monkeypatch.setattr(task, lambda pk: None)
    monkeypatch.setattr("review.services.sampling.FEWEST", 2)
    monkeypatch.setattr("review.services.sampling.sample_to_accept", lambda lot: 1)
    drawn = SimpleNamespace(SystemRandom=lambda: random.Random(1))
    monkeypatch.setattr("review.services.sampling.random", drawn)


@pytest.mark.usefixtures("_quiet")
def test_what_is_asked_of_lots_and_shelves_can_be_granted():
    """Else a sequence that is refused all the way would say nothing of them."""
    shop = Shelves()
    shop.open_the_shop(has_batch=True, has_texts=True)

    shop.revert(0)
    shop.use_the_publications(0, who=2, what="republish", hours=1, htmx=True)
    shop.deliver(1, fails=False)
    shop.use_the_publications(0, who=2, what="revert", hours=1, htmx=True)
    shop.use_the_publications_by_the_api(0, who=2, what="republish")
    shop.use_the_publications_by_the_api(2, who=2, what="withdraw")
    shop.use_the_publications(0, who=2, what="schedule", hours=1, htmx=True)
    shop.use_the_publications(2, who=2, what="withdraw", hours=1, htmx=True)
    shop.schedule(1, hours=1)
    shop.withdraw(1)
    shop.read_a_sample(0, verdict="rejected")
    shop.settle_a_batch(0)
    shop.start_a_batch(0, "en", there=True)
    shop.read_a_sample(1, verdict="approved")
    shop.settle_a_batch_on_the_desk(1, who=0)
    shop.undo_by_the_api(Decision.objects.count() - 1, who=2, key=None)
    waits = Draft.objects.awaiting_review()
    again = next(at for at, draft in enumerate(shop.drafts) if draft in waits)
    shop.look(again)
    shop.use_the_api(again, who=0, what="defer", hours=1)

    shop.teardown()
    assert not REACHED - shop.reached


@pytest.mark.usefixtures("_quiet")
@pytest.mark.parametrize(("shop", "examples"), [(Desk, 40), (Shelves, 25)])
def test_no_sequence_reaches_a_state_that_makes_no_sense(shop, examples):
    run_state_machine_as_test(
        shop, settings=property_settings(max_examples=examples, stateful_step_count=25)
    )
