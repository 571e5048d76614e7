"""A run is filled once, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import ContentKind
from generation import checks, drafting, services
from generation.doubles import Doubles
from generation.errors import CheckpointUnusable
from generation.models import Draft, Run, Slot
from generation.ranking import rank_of
from generation.texts import Brief, Candidate
from review.services import reject_draft
from tests.conftest import make_product
from tests.generation.plain_writer import PlainWriter


class Dying(PlainWriter):
    """A writer whose worker is killed after some batches."""

    def __init__(self, batches: int) -> None:
        super().__init__("d1")
        self.batches = batches

    def write(self, briefs, **wish):
        """Write, or die."""
        if not self.batches:
            raise KeyboardInterrupt
        self.batches -= 1
        return super().write(briefs, **wish)


@pytest.fixture
def large_run(campaign, checkpoint, settings):
    """Ten slots in chunks of four."""
    settings.GALLEY_RUN_CHUNK = 4
    for number in range(2, 6):
        campaign.products.add(make_product(f"LM-TST-00{number}"))
    return services.start_run(campaign, seed=7, queue=False)


def texts_of(run: Run) -> list[tuple[int, str]]:
    return list(run.drafts.order_by("slot__ordinal").values_list("slot__ordinal", "text"))


def test_every_slot_is_filled_and_the_run_finishes(run):
    assert drafting.fill_run(run.pk) == 2

    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED
    assert [slot.outcome for slot in run.slots.all()] == ["filled", "filled"]
    assert Draft.objects.count() == 2


def test_copy_is_never_written_from_facts_in_the_other_language(run):
    run.campaign.products.get().texts.filter(language="zh-hans").delete()

    drafting.fill_run(run.pk)

    english, chinese = run.slots.order_by("ordinal")
    assert (english.outcome, chinese.outcome) == ("filled", "refused")
    assert [finding["code"] for finding in chinese.refusal] == ["no_text"]
    assert Run.objects.get(pk=run.pk).status == Run.Status.FINISHED


def test_a_paragraph_is_left_out_of_the_brief_and_said_beside_the_text(run):
    text = run.campaign.products.get().texts.get(language="en")
    paragraph = "Cast in 1987. " * 20
    text.attributes = [["story", paragraph], *text.attributes]
    text.save()

    drafting.fill_run(run.pk)

    draft = Draft.objects.get(language="en")
    assert [key for key, _ in draft.brief["attributes"]] == ["material", "size", "weight", "care"]
    assert draft.brief["left_out"] == [["story", "1987"]]
    assert "1987" not in draft.text
    [said] = checks.told(draft.findings)
    assert (said["code"], said["severity"], said["end"]) == ("fact_left_out", "soft", 0)
    assert said["message"] == (
        "The fact “story” is longer than 255 characters and was left out of the brief: "
        "say it in shorter ones."
    )
    assert draft.rank == rank_of(draft.score, 0, run_seed=run.seed, ordinal=draft.slot.ordinal)
    text.refresh_from_db()
    assert text.attributes[0] == ["story", paragraph]
    edited = (
        "A pan of cast iron, first cast in 1987, for people who cook breakfast, and who oil it."
    )
    brief = Brief.from_dict(draft.brief)
    assert brief.left_out == (("story", "1987"),)
    assert checks.check_edit(edited, brief) == []


def test_a_paragraph_alone_is_not_written_about(run):
    run.campaign.products.get().texts.filter(language="en").update(
        attributes=[["story" * 20, "A pan. " * 40]], audience=""
    )

    drafting.fill_run(run.pk)

    english, chinese = run.slots.order_by("ordinal")
    assert (english.outcome, chinese.outcome) == ("refused", "filled")
    [said] = checks.told(english.refusal)
    assert said["message"] == (
        f"The fact “{'story' * 11}stor…” is longer than 255 characters, and no other is known: "
        "say it in shorter ones."
    )


def test_facts_in_a_third_language_are_not_written_about(run):
    run.campaign.products.get().texts.filter(language="en").update(
        title="Чайник из стали", attributes=[["материал", "сталь"]], audience=""
    )

    drafting.fill_run(run.pk)

    english, chinese = run.slots.order_by("ordinal")
    assert (english.outcome, chinese.outcome) == ("refused", "filled")
    [said] = checks.told(english.refusal)
    assert (said["code"], said["severity"]) == ("third_language", "hard")
    assert said["message"] == (
        "The product's title and facts are neither Chinese nor English: translate them."
    )


def test_a_title_alone_is_not_written_about(run):
    run.campaign.products.get().texts.filter(language="en").update(attributes=[], audience="")

    drafting.fill_run(run.pk)

    english, chinese = run.slots.order_by("ordinal")
    assert (english.outcome, chinese.outcome) == ("refused", "filled")
    [said] = checks.told(english.refusal)
    assert said["message"].startswith("Nothing is known of the product but its title")


def test_a_second_delivery_writes_nothing(run):
    drafting.fill_run(run.pk)
    before = texts_of(run)

    assert drafting.fill_run(run.pk) == 0

    assert texts_of(run) == before


def test_a_run_that_somebody_works_on_is_left_alone(run):
    Run.objects.filter(pk=run.pk).claim(
        timezone.now(), lease="0b0e5c9e-6d0a-4f2e-9d3a-1d7f5c7c0001"
    )

    assert drafting.fill_run(run.pk) == 0

    assert Draft.objects.count() == 0


def test_a_killed_workers_run_ends_with_the_same_texts(large_run, campaign):
    with pytest.raises(KeyboardInterrupt):
        drafting.fill_run(large_run.pk, writer=Dying(batches=1))
    assert Draft.objects.filter(run=large_run).count() == 4
    Run.objects.filter(pk=large_run.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))

    drafting.fill_run(large_run.pk)

    whole = services.start_run(campaign, seed=7, queue=False)
    drafting.fill_run(whole.pk)
    assert texts_of(large_run) == texts_of(whole)
    assert [ordinal for ordinal, _ in texts_of(large_run)] == list(range(10))


def test_the_clock_queues_a_dead_workers_run_again(large_run, monkeypatch):
    queued = []
    monkeypatch.setattr("generation.tasks.fill_run.delay", queued.append)
    with pytest.raises(KeyboardInterrupt):
        drafting.fill_run(large_run.pk, writer=Dying(batches=1))
    assert services.requeue_lost_jobs() == 0
    Run.objects.filter(pk=large_run.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))

    assert services.requeue_lost_jobs() == 1

    assert queued == [large_run.pk]


def test_another_seed_gives_other_texts(campaign, checkpoint):
    first = services.start_run(campaign, seed=1, queue=False)
    drafting.fill_run(first.pk)
    second = services.start_run(campaign, seed=2, queue=False)
    drafting.fill_run(second.pk)

    assert texts_of(first) != texts_of(second)


def test_a_slot_whose_candidates_all_fail_says_why(run):
    class Liar(PlainWriter):
        def write(self, briefs, **wish):
            return [[Candidate("It is 99 cm wide and " + "fine, " * 20, 0.9)] for _ in briefs]

    drafting.fill_run(run.pk, writer=Liar("d1"))

    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED
    assert Draft.objects.count() == 0
    english = Slot.objects.get(language="en")
    assert english.outcome == "refused"
    assert (
        checks.told(english.refusal)[0]["message"]
        == "The number 99 stands in no fact of this product."
    )


def test_variants_of_one_text_differ(campaign, checkpoint):
    campaign.variants = 3
    campaign.languages = ["en"]
    campaign.save()
    run = services.start_run(campaign, seed=5, queue=False)

    drafting.fill_run(run.pk)

    texts = [text for _, text in texts_of(run)]
    assert len(texts) == len(set(texts)) == 3


def test_a_damaged_checkpoint_fails_the_run_with_one_sentence(run, monkeypatch):
    def broken(path):
        raise CheckpointUnusable("first was changed after it was written.")

    monkeypatch.setattr(drafting, "get_writer", broken)

    drafting.fill_run(run.pk)

    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert run.failure == "first was changed after it was written."
    assert [slot.outcome for slot in run.slots.all()] == ["open", "open"]


def test_what_nobody_foresaw_fails_the_run_and_is_not_tried_for_ever(run):
    class Broken(PlainWriter):
        def write(self, briefs, **wish):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drafting.fill_run(run.pk, writer=Broken("d1"))

    run.refresh_from_db()
    assert run.status == Run.Status.FAILED
    assert run.failure.startswith("It broke off (ZeroDivisionError)")
    assert services.requeue_lost_jobs() == 0


def test_a_slot_says_that_its_texts_were_those_of_another(campaign, checkpoint):
    campaign.variants = 2
    campaign.languages = ["en"]
    campaign.save()
    run = services.start_run(campaign, seed=5, queue=False)

    class Parrot(PlainWriter):
        def write(self, briefs, **wish):
            text = "Cast iron, brushed with warm water, dried at once, and oiled thinly. " * 2
            return [[Candidate(text.strip(), 0.9)] for _ in briefs]

    drafting.fill_run(run.pk, writer=Parrot("d1"))

    first, second = run.slots.order_by("ordinal")
    assert (first.outcome, second.outcome) == ("filled", "refused")
    assert [finding["code"] for finding in second.refusal] == ["near_duplicate"]


class Template(PlainWriter):
    """Says the same of every product, and then, if it may, something else."""

    others = ()

    def write(self, briefs, **wish):
        """Offer the same for every brief."""
        text = "Cast iron, brushed with warm water, dried at once and oiled as thinly as can be."
        offers = [Candidate(text, 0.9), *(Candidate(other, 0.5) for other in self.others)]
        return [offers for _ in briefs]


class Varied(Template):
    """Knows one more thing to say."""

    others = ("It keeps its heat through a long breakfast; hang it up by the hole in its handle.",)


@pytest.fixture
def of_another(campaign, checkpoint, product):
    """A run whose draft says what the template says, for a product that is like ours."""
    campaign.languages = ["en"]
    campaign.save()
    twin = make_product("LM-TST-002")
    campaign.products.set([twin])
    run = services.start_run(campaign, seed=5, queue=False)
    drafting.fill_run(run.pk, writer=Template("d1"))
    campaign.products.set([product])
    return run.drafts.get()


def drafted(campaign, writer):
    run = services.start_run(campaign, seed=6, queue=False)
    drafting.fill_run(run.pk, writer=writer)
    return run.drafts.order_by("pk").last()


def test_a_text_that_another_product_has_is_said_to_be_one(campaign, of_another):
    draft = drafted(campaign, Template("d1"))

    (finding,) = draft.findings
    assert (finding["code"], finding["severity"]) == ("like_another_product", "soft")
    assert [kept.code for kept in draft.codes.all()] == ["like_another_product"]  # for filters
    assert checks.told([finding])[0]["message"] == (
        "The product LM-TST-002 has nearly the same text: say what is different about this one."
    )


def test_a_text_of_its_own_is_preferred_to_one_that_another_product_has(campaign, of_another):
    draft = drafted(campaign, Varied("d1"))

    assert draft.text == Varied.others[0]
    assert draft.findings == []


def test_a_text_that_was_refused_for_another_product_is_free(campaign, of_another):
    Draft.objects.filter(pk=of_another.pk).reject()

    assert drafted(campaign, Template("d1")).findings == []


def test_two_products_of_one_chunk_are_compared_too(campaign, of_another, product):
    Draft.objects.all().delete()
    campaign.products.add(of_another.product)

    draft = drafted(campaign, Template("d1"))

    assert [finding["values"] for finding in draft.findings] == [{"sku": product.sku}]


def test_a_draft_names_the_one_that_it_is_like(campaign, of_another):
    assert drafted(campaign, Template("d1")).duplicate_of == of_another
    assert drafted(campaign, Varied("d1")).duplicate_of is None


def test_all_that_are_alike_name_the_one_that_waits(campaign, of_another, product):
    first = drafted(campaign, Template("d1"))
    campaign.products.set([make_product("LM-TST-003")])

    assert drafted(campaign, Template("d1")).duplicate_of == of_another

    Draft.objects.filter(pk=of_another.pk).approve()
    campaign.products.set([make_product("LM-TST-004")])
    assert drafted(campaign, Template("d1")).duplicate_of in {
        first,
        *Draft.objects.filter(product__sku="LM-TST-003"),
    }


def test_other_products_cost_a_slot_one_query_however_many_they_are(
    campaign, of_another, django_assert_num_queries
):
    slot = services.start_run(campaign, seed=6, queue=False).slots.get()
    texts = [of_another.text, *(f"{of_another.text} {at}" for at in range(5))]

    with django_assert_num_queries(1):
        found = Doubles().of(slot, texts)

    assert found == dict.fromkeys(texts, "LM-TST-002")


def test_a_slot_for_which_the_writer_is_sure_of_nothing_says_so(run):
    class Unsure(PlainWriter):
        def write(self, briefs, **wish):
            return [[] for _ in briefs]

    drafting.fill_run(run.pk, writer=Unsure("d1"))

    assert {slot.outcome for slot in run.slots.all()} == {"refused"}
    [said] = checks.told(run.slots.first().refusal)
    assert said["message"].startswith("The writer is sure of no text for these facts")


def test_a_failed_run_can_be_started_again(run, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr("generation.tasks.fill_run.delay", queued.append)
    Run.objects.filter(pk=run.pk).update(status=Run.Status.FAILED, failure="gone")

    with django_capture_on_commit_callbacks(execute=True):
        services.retry_run(run)

    run.refresh_from_db()
    assert (run.status, run.failure, queued) == (Run.Status.QUEUED, "", [run.pk])


def test_the_draft_keeps_what_it_was_written_from(draft):
    assert draft.brief["title"] == "Hearth skillet 🍳"
    assert draft.brief["max_chars"] == ContentKind.objects.get(slug="description").max_chars_en
    assert draft.seed == drafting.slot_seed(7, 0)
    assert len(draft.alternatives) == 3


def test_a_draft_is_explained_when_it_is_written(run):
    drafting.fill_run(run.pk)

    for draft in Draft.objects.all():
        told = draft.explanation
        assert [pull["pull"] for pull in told["pulls"]] == [0.3, -0.25]
        assert (told["logit"], told["baseline"]) == (0.5, 0.4)
        phrases = {draft.text[p["start"] : p["end"]]: p["value"] for p in told["phrases"]}
        assert list(phrases) == list(phrases.values())
        assert told["rejections"] == []


def test_a_draft_names_the_rejections_that_it_is_like(run, campaign, editor):
    drafting.fill_run(run.pk)
    refused = Draft.objects.get(language="zh-hans")
    reject_draft(refused, editor=editor, reason="dull")
    again = services.start_run(campaign, seed=8, queue=False)

    drafting.fill_run(again.pk)

    english, chinese = again.drafts.order_by("slot__ordinal")
    assert english.explanation["rejections"] == []
    [near] = chinese.explanation["rejections"]
    assert (near["draft"], near["reason"]) == (refused.pk, "dull")
    assert 0.3 < near["similarity"] < 1
    assert refused.pk != chinese.pk


def test_only_what_becomes_a_draft_is_explained(large_run):
    class Counting(PlainWriter):
        explained = 0

        def explain(self, briefs, candidates):
            """Count."""
            Counting.explained += len(candidates)
            return super().explain(briefs, candidates)

    Slot.objects.filter(run=large_run, ordinal=1).refuse([])

    drafting.fill_run(large_run.pk, writer=Counting("d1"))

    assert Counting.explained == Draft.objects.count() == 9


def test_what_a_kind_has_to_tell_goes_into_its_briefs(run):
    ContentKind.objects.update(required_facts=["Weight", "尺寸", "warranty"])

    drafting.fill_run(run.pk)

    told = {draft.language: draft.brief["required"] for draft in Draft.objects.all()}
    assert told == {"en": ["weight"], "zh-hans": ["尺寸"]}
