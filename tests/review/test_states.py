"""Whatever is asked, in whatever order, by whomever: no draft reaches a state that makes no sense.

A property of sequences: each step is a service, a task or the clock, with whatever rows there are;
what is refused writes nothing, and after each step what must hold of the database is looked at.
"""

# ruff: noqa: D102 - a rule is named for what it does

from __future__ import annotations

from datetime import timedelta
from unittest import mock
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
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
REFUSED = {404, 409, 422}  # 404: a claim on what is decided
APPROVED = {Draft.Status.APPROVED, Draft.Status.PUBLISHED, Draft.Status.WITHDRAWN}


class Desk(RuleBasedStateMachine):
    """Two editors and a lead, six drafts of two products, and everything that can be asked.

    Two of the drafts are of a later run, for the same places as two of the others.

    It is asked of the services, on the desk, in bulk, of the API, in the admin, and by the clock.
    """

    checkpoint = None  # set by the test: the one that wrote

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

    @initialize()
    def open_the_shop(self) -> None:
        self.people = [make_user("ann", EDITOR), make_user("bo", EDITOR)]
        self.people.append(make_user("cy", (*PUBLISHER, "undo_any_decision")))
        admin = User.objects.create_superuser("root", password="galley")
        self.clients = [Client() for _ in range(4)]
        for client, person in zip(self.clients, [*self.people, admin], strict=True):
            client.force_login(person)
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

    def attempt(self, act, *given, **named) -> None:
        """Ask for something; a refusal writes nothing."""
        before = self.rows()
        try:
            with transaction.atomic():
                act(*given, **named)
        except ReviewError:
            assert self.rows() == before

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

    @rule(at=NUMBER, who=st.integers(0, 2), more=st.sampled_from([WORDS, " 99 kg", ""]))
    def edit(self, at: int, who: int, more: str) -> None:
        draft = self.seen[self.drafts[at].pk]
        self.attempt(services.edit_draft, draft, editor=self.people[who], text=draft.text + more)

    @rule(at=NUMBER, who=st.integers(0, 2), reason=st.sampled_from(["dull", "not_needed", "x"]))
    def reject(self, at: int, who: int, reason: str) -> None:
        draft = self.seen[self.drafts[at].pk]
        self.attempt(services.reject_draft, draft, editor=self.people[who], reason=reason)

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

    @rule(who=st.integers(0, 2), at=st.integers(0, 9))
    def undo_any(self, who: int, at: int) -> None:
        decisions = list(Decision.objects.order_by("pk"))
        if decisions:
            decision = decisions[at % len(decisions)]
            self.attempt(services.undo_decision, decision, editor=self.people[who])

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

    def ask(self, who: int, path: str, sent: dict, *, fine: set[int], **more) -> None:
        """Send something as a browser or a program does; what is refused decides nothing."""
        before = self.decided()
        answer = self.clients[who].post(path, sent, **more)
        assert answer.status_code in fine | REFUSED
        if answer.status_code in REFUSED:
            assert self.decided() == before

    @staticmethod
    def decided() -> list:
        """All but who has what open, which a page that is shown may change."""
        return [list(model.objects.order_by("pk").values()) for model in DECIDED]

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

    @rule(at=NUMBER, who=st.integers(0, 2), what=st.sampled_from(["approve", "edit", "reject"]))
    def use_the_api(self, at: int, who: int, what: str) -> None:
        draft = self.seen[self.drafts[at].pk]
        sent = {"version": draft.version, "text": draft.text + WORDS, "reason": "dull"}
        path = f"/api/v1/drafts/{draft.pk}/{what}/"
        self.ask(who, path, sent, fine={200}, content_type="application/json")

    @rule(what=st.sampled_from(["approve_chosen", "reject_chosen", "publish_chosen"]))
    def use_the_admin(self, what: str) -> None:
        chosen = {"_selected_action": [draft.pk for draft in self.drafts], "action": what}
        chosen |= {"reason": "dull", "chosen": ",".join(str(draft.pk) for draft in self.drafts)}
        self.ask(3, "/admin/generation/draft/", chosen, fine={200, 302})

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
        services.requeue_due_publications()
        services.return_deferred_drafts()
        services.expire_forgotten_drafts()

    @rule()
    def close(self) -> None:
        if Campaign.objects.open().exists():
            close_campaign(self.campaign)

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


def test_no_sequence_reaches_a_state_that_makes_no_sense(checkpoint, monkeypatch):
    for task in ("review.tasks.deliver.delay", "review.tasks.take_down.delay"):
        monkeypatch.setattr(task, lambda pk: None)
    run_state_machine_as_test(
        Desk, settings=property_settings(max_examples=40, stateful_step_count=25)
    )
