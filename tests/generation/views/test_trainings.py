"""The pages of trainings: who may touch, what they refuse, and that nothing typed is lost."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from generation import services, training
from generation.models import Checkpoint, Example, TrainingPoint, TrainingRun
from tests.conftest import kept
from tests.generation.plain_writer import FITNESS
from tests.generation.services.test_checkpoints import checkpoint_named

GOOD = {"kind": "feedback", "minutes": "5"}


@pytest.fixture(autouse=True)
def _unqueued(monkeypatch, settings, tmp_path):
    settings.GALLEY_WORK_DIR = tmp_path / "work"
    monkeypatch.setattr("generation.tasks.train.delay", lambda pk: None)


@pytest.fixture
def manager(client, publisher):
    """A model manager's browser."""
    client.force_login(publisher)
    return client


@pytest.fixture
def onlooker(client, editor):
    """The browser of somebody who may look, not touch."""
    client.force_login(editor)
    return client


@pytest.fixture
def corpora(settings, tmp_path):
    """Two files of a shop's own texts, and one that is none."""
    settings.GALLEY_CORPUS_DIR = tmp_path / "corpora"
    settings.GALLEY_CORPUS_DIR.mkdir()
    for name in ("tea.jsonl", "lamps.jsonl.gz", "notes.txt"):
        (settings.GALLEY_CORPUS_DIR / name).touch()
    return settings.GALLEY_CORPUS_DIR


def test_a_training_is_started_with_the_settings_that_were_given(
    manager, checkpoint, lessons, publisher
):
    wish = GOOD | {"seed": "7", "generator_rate": "0.0003", "adversarial_rounds": "20"}
    answer = manager.post("/training/start/", wish)

    order = TrainingRun.objects.get()
    assert answer.url == reverse("generation:training-detail", args=[order.pk])
    assert (order.is_feedback, order.minutes, order.seed) == (True, 5, 7)
    assert order.settings == {"generator_rate": 0.0003, "adversarial_rounds": 20}
    assert (order.parent, order.requested_by) == (checkpoint, publisher)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"minutes": "0"}, "Say how many minutes the training may take, from 1 to 600."),
        ({"minutes": "nan"}, "Say how many minutes the training may take, from 1 to 600."),
        ({"kind": "magic"}, "Say whether to learn from the decisions or from nothing."),
        ({"seed": "-1"}, "The seed is a whole number of at most 14 digits, or nothing."),
        (
            {"generator_rate": "0.5"},
            "Give the writer&#x27;s learning rate in the game as a number from 0.000001 to 0.01",
        ),
        (
            {"adversarial_rounds": "2.5"},
            "Give rounds of the game as a whole number from 1 to 500, or nothing.",
        ),
        ({"rejection_share": "0.3"}, "Give largest share of rejections as a number from 0 to 0.25"),
        (
            {"learning_rate": "0.001"},
            "A training from the decisions has no likelihood learning rate: leave it empty.",
        ),
        (
            {"kind": "full", "corpus": ["../secret.jsonl"]},
            "“../secret.jsonl” is not in the folder of corpora: choose another file.",
        ),
        (
            {"corpus": ["tea.jsonl"]},
            "A training from the decisions takes no other texts: choose none.",
        ),
        (
            {"kind": "large"},
            "There is no language model to tune: set GALLEY_BACKBONE to the folder of one.",
        ),
    ],
)
def test_a_bad_wish_gets_one_sentence_and_loses_nothing(
    manager, checkpoint, corpora, wish, sentence
):
    answer = manager.post("/training/start/", GOOD | {"discriminator_steps": "77"} | wish)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count('role="alert"') == 1
    assert sentence in page
    assert 'value="77"' in page
    assert not TrainingRun.objects.exists()


def test_the_second_of_two_managers_is_told_and_keeps_what_was_typed(manager, checkpoint):
    services.start_training(kind="full")

    answer = manager.post("/training/start/", GOOD | {"discriminator_steps": "77"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "A training is under way; wait until it has ended." in page
    assert 'value="77"' in page
    assert TrainingRun.objects.count() == 1


def test_a_training_with_nothing_to_learn_is_refused_at_once(manager, checkpoint):
    answer = manager.post("/training/start/", GOOD | {"discriminator_steps": "77"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There is nothing to learn from yet: decide some drafts first." in page
    assert 'value="77"' in page
    assert not TrainingRun.objects.exists()


def test_a_training_from_nothing_needs_no_checkpoint(manager, db):
    manager.post("/training/start/", GOOD | {"kind": "full", "learning_rate": "0.001"})

    order = TrainingRun.objects.get()
    assert (order.is_feedback, order.parent, order.settings) == (
        False,
        None,
        {"learning_rate": 0.001},
    )


def test_a_shop_trains_on_its_own_texts(manager, corpora, monkeypatch):
    page = manager.get("/training/runs/").content.decode()
    assert page.index('value="lamps.jsonl.gz"') < page.index('value="tea.jsonl"')
    assert "notes.txt" not in page

    manager.post("/training/start/", GOOD | {"kind": "full", "corpus": ["tea.jsonl"]})

    order = TrainingRun.objects.get()
    assert (order.kind, order.corpus) == ("full", ["tea.jsonl"])
    told: dict = {}
    monkeypatch.setattr(
        training, "carry_out", lambda wish, report: told.update(wish=wish) or checkpoint_of(wish)
    )
    training.train_run(order.pk)
    assert told["wish"].corpus == [corpora / "tea.jsonl"]
    assert "tea.jsonl" in manager.get("/training/runs/").content.decode()


def checkpoint_of(wish: training.Wish) -> Checkpoint:
    return Checkpoint.objects.create(name=wish.name, digest=wish.name, path=wish.name)


def test_a_folder_without_texts_offers_none(manager, db):
    assert 'name="corpus"' not in manager.get("/training/runs/").content.decode()


def test_a_language_model_is_tuned_where_there_is_one(manager, checkpoint, settings, tmp_path):
    settings.GALLEY_BACKBONE = tmp_path
    manager.post("/training/start/", GOOD | {"kind": "large", "learning_rate": "0.0002"})

    order = TrainingRun.objects.get()
    assert (order.kind, order.parent) == ("large", checkpoint)
    assert training.train_run(order.pk) == 1
    order.refresh_from_db()
    assert order.checkpoint.metrics["judge"] == checkpoint.digest
    assert order.checkpoint.parent is None
    page = manager.get(f"/training/{order.pk}/").content.decode()
    assert "tunes the language model, judged first by first" in page


def test_its_page_shows_points_as_they_come(manager, checkpoint):
    order = services.start_training(kind="full")
    TrainingRun.objects.update(status="running", progress={"phase": "adversarial", "step": 8})
    for step, loss in ((4, 1.5), (8, 1.25)):
        TrainingPoint.objects.create(
            training=order,
            phase="adversarial",
            step=step,
            figures={
                "discriminator_loss": loss,
                "samples": [{"ref": "A", "language": "en", "text": f"Text of step {step} <b>."}],
            },
        )

    page = manager.get(f"/training/{order.pk}/progress/").content.decode()

    assert "Writer and judge play, step 8" in page
    assert 'data-points="2"' in page
    assert "The judge&#x27;s loss went from 1.50 to 1.25" in page
    assert "Text of step 4 &lt;b&gt;." in page
    assert f'id="stop-{order.pk}"' in page


@pytest.mark.parametrize("place", ["", "{}/", "{}/progress/"])
def test_why_a_training_failed_is_said_in_the_readers_language(manager, checkpoint, place):
    order = services.start_training(kind="full")
    TrainingRun.objects.update(
        status="failed", failure="There is nothing to learn from yet: decide some drafts first."
    )

    answer = manager.get(f"/training/{place.format(order.pk)}", headers={"accept-language": "zh"})

    assert "还没有可学的：请先审几篇稿。" in answer.content.decode()


def test_a_stopped_training_offers_to_go_on_and_says_what_it_keeps(manager, checkpoint, publisher):
    order = services.start_training(kind="full")
    services.stop_training(order, user=publisher)
    (order.work / "state-000001").mkdir(parents=True)
    (order.work / "state-000001" / "tensors").write_bytes(b"x" * 2048)

    page = manager.get(f"/training/{order.pk}/").content.decode()

    assert "It was stopped" in page
    assert "Its place takes 2.0\xa0KB of the disk" in page
    assert f"/training/{order.pk}/resume/" in page
    manager.post(f"/training/{order.pk}/forget/")
    assert not order.work.exists()
    manager.post(f"/training/{order.pk}/resume/")
    assert TrainingRun.objects.get().status == "queued"


def test_figures_about_other_texts_are_said_not_to_compare(manager, lessons):
    for seed in (1, 2):
        training.train_run(services.start_training(seed=seed).pk)
    runs = "&".join(f"run={order.pk}" for order in TrainingRun.objects.all())
    told = "the figures of the base corpus do not compare here"
    assert told not in manager.get(f"/training/runs/compare/?{runs}").content.decode()

    newest = Checkpoint.objects.order_by("-pk")[:1].values("pk")
    Checkpoint.objects.filter(pk__in=newest).keep_figures(fitness=FITNESS | {"asked": "tea"})

    assert told in manager.get(f"/training/runs/compare/?{runs}").content.decode()


def test_trainings_side_by_side_mark_what_differs(manager, lessons):
    for rate in (1e-4, 5e-4):
        order = services.start_training(seed=int(1e5 * rate), settings={"generator_rate": rate})
        training.train_run(order.pk)
    runs = "&".join(f"run={order.pk}" for order in TrainingRun.objects.all())

    page = manager.get(f"/training/runs/compare/?{runs}").content.decode()

    marked = page.split('class="compare__differs"')[1:]
    assert ["Seed" in marked[0], "learning rate in the game" in marked[1]] == [True, True]
    assert len(marked) == 2
    assert "0.0005" in marked[1]
    assert "Base corpus: loss, nats a character" in page


@pytest.mark.parametrize("query", ["", "run=1", "run=x&run=y"])
def test_one_training_is_nothing_to_compare(manager, checkpoint, query):
    page = manager.get(f"/training/runs/compare/?{query}", follow=True).content.decode()

    assert "Choose two or more trainings to compare." in page


def test_the_list_asks_the_database_no_more_for_more_trainings(
    manager, checkpoint, django_assert_max_num_queries
):
    for _ in range(6):
        services.start_training(kind="full")
        TrainingRun.objects.update(status="finished")

    with django_assert_max_num_queries(7):
        manager.get("/training/runs/")


def test_who_may_only_look_finds_no_button_and_is_refused(onlooker, checkpoint, settings):
    order = services.start_training(kind="full")
    checkpoint_named("other", settings)

    for path in ("/training/", "/training/runs/", f"/training/{order.pk}/", "/training/learning/"):
        page = onlooker.get(path)
        assert page.status_code == 200
        assert 'method="post"' not in page.content.decode().split("<main")[1]
    for act in ("stop", "resume", "forget"):
        assert onlooker.post(f"/training/{order.pk}/{act}/").status_code == 403
    for act in ("activate", "roll-back", "measure"):
        assert onlooker.post(f"/checkpoints/{checkpoint.pk}/{act}/").status_code == 403
    assert onlooker.post("/training/start/", GOOD).status_code == 403
    assert TrainingRun.objects.get().status == "queued"


def test_an_unfit_checkpoint_says_why_and_writes_for_a_reason(
    manager, checkpoint, settings, publisher
):
    Checkpoint.objects.filter(pk=checkpoint.pk).keep_figures(fitness=FITNESS)
    unfit = checkpoint_named("unfit", settings, coverage=0.5)

    page = manager.get("/training/").content.decode()
    assert "It tells fewer facts: 50.0 % of them, the active one 95.0 %." in page
    refused = manager.post(f"/checkpoints/{unfit.pk}/activate/", {"reason": " "}, follow=True)
    assert "may not write without a written reason" in refused.content.decode()

    reason = "Short on purpose <script>."
    page = manager.post(
        f"/checkpoints/{unfit.pk}/activate/", {"reason": reason}, follow=True
    ).content.decode()

    assert "Short on purpose &lt;script&gt;." in page
    assert f"/checkpoints/{unfit.pk}/roll-back/" in page
    page = manager.post(f"/checkpoints/{unfit.pk}/roll-back/", follow=True).content.decode()
    assert "first writes again." in page
    assert Checkpoint.objects.active().get() == checkpoint


def test_the_learning_page_says_when_it_cannot_tell(manager, checkpoint, draft):
    kept(Example.positive(draft, "A good text."))
    kept(Example.negative(draft, "dull"))
    Example.objects.update(is_held_out=True)
    lesson = kept(Example.positive(draft, "Another one."))
    Example.objects.filter(pk=lesson.pk).update(is_held_out=False)
    training.train_run(services.start_training().pk)

    page = manager.get("/training/learning/").content.decode()

    assert page.count("n is too small to tell") == 2
    assert "Dull" in page


def test_the_language_model_of_a_checkpoint_stands_in_the_list(onlooker, checkpoint):
    before = onlooker.get("/training/").content.decode()
    card = {"digest": checkpoint.digest, "backbone": {"name": "some-7B"}}
    (checkpoint.directory / "card.json").write_text(json.dumps(card))

    after = onlooker.get("/training/").content.decode()

    assert "some-7B" not in before
    assert "<small>some-7B</small>" in after
