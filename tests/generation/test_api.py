"""Trainings and checkpoints under /api/v1/: the same services, the same sentences."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from generation import services
from generation.models import Checkpoint, TrainingRun
from tests.generation.plain_writer import FITNESS
from tests.generation.services.test_checkpoints import checkpoint_named


@pytest.fixture(autouse=True)
def _unqueued(monkeypatch, settings, tmp_path):
    settings.GALLEY_WORK_DIR = tmp_path / "work"
    monkeypatch.setattr("generation.tasks.train.delay", lambda pk: None)


@pytest.fixture
def api(publisher) -> APIClient:
    client = APIClient()
    client.force_authenticate(publisher)
    return client


def sentences(answer) -> list[str]:
    return [error["detail"] for error in answer.json()["errors"]]


def test_a_training_is_started_listed_stopped_and_resumed(api, lessons):
    wish = {"minutes": 5, "seed": 3, "settings": {"kl_weight": 0.1}}
    answer = api.post("/api/v1/trainings/", wish, format="json")

    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["status"], made["parent"], made["settings"]) == (
        "queued",
        Checkpoint.objects.active().get().digest,
        {"kl_weight": 0.1},
    )
    path = f"/api/v1/trainings/{made['id']}/"
    assert api.post(f"{path}stop/").json()["failure"] == "chen stopped it."
    assert sentences(api.post(f"{path}stop/")) == ["This training has ended already."]
    assert api.post(f"{path}resume/").json()["status"] == "queued"
    listed = api.get("/api/v1/trainings/?status=queued").json()
    assert [row["id"] for row in listed["results"]] == [made["id"]]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (
            {"minutes": 0.5},
            "Say how many minutes the training may take, from 1 to 600.",
        ),
        (
            {"minutes": 5, "settings": {"kl_weight": 2}},
            "Give pull towards the writer before the game as a number from 0 to 1, or nothing.",
        ),
        ({"minutes": 5, "settings": {"magic": 1}}, "There is no setting “magic”."),
        (
            {"minutes": 5, "is_feedback": False, "corpus": ["tea.jsonl"]},
            "“tea.jsonl” is not in the folder of corpora: choose another file.",
        ),
        (
            {"minutes": 5, "is_large": True},
            "There is no language model to tune: set GALLEY_BACKBONE to the folder of one.",
        ),
    ],
)
def test_bad_input_gets_the_pages_sentence(api, checkpoint, wish, sentence):
    answer = api.post("/api/v1/trainings/", wish, format="json")

    assert answer.status_code == 400
    assert sentences(answer) == [sentence]
    assert not TrainingRun.objects.exists()


def test_a_language_model_is_tuned_on_a_shops_own_texts(api, checkpoint, settings, tmp_path):
    settings.GALLEY_BACKBONE = settings.GALLEY_CORPUS_DIR = tmp_path
    (tmp_path / "tea.jsonl").touch()

    wish = {"minutes": 5, "is_large": True, "corpus": ["tea.jsonl"]}
    made = api.post("/api/v1/trainings/", wish, format="json").json()

    assert (made["is_feedback"], made["is_large"], made["corpus"]) == (False, True, ["tea.jsonl"])


def test_a_checkpoint_is_activated_through_the_gate_and_rolled_back(api, checkpoint, settings):
    Checkpoint.objects.filter(pk=checkpoint.pk).keep_figures(fitness=FITNESS)
    unfit = checkpoint_named("unfit", settings, loss=9.0)
    path = f"/api/v1/checkpoints/{unfit.pk}/"

    assert "It forgot" in sentences(api.post(f"{path}activate/"))[0]
    answer = api.post(f"{path}activate/", {"reason": "Tried by hand."}, format="json")
    assert answer.json()["status"] == "active"
    assert api.post(f"{path}roll-back/").json()["name"] == "first"

    assert Checkpoint.objects.active().get() == checkpoint


def test_who_may_only_look_may_not_touch(editor, checkpoint):
    order = services.start_training(kind="full")
    client = APIClient()
    client.force_authenticate(editor)

    assert client.get("/api/v1/trainings/").status_code == 200
    for path in (
        "/api/v1/trainings/",
        f"/api/v1/trainings/{order.pk}/stop/",
        f"/api/v1/trainings/{order.pk}/resume/",
        f"/api/v1/checkpoints/{checkpoint.pk}/activate/",
        f"/api/v1/checkpoints/{checkpoint.pk}/roll-back/",
    ):
        assert client.post(path).status_code == 403
    assert TrainingRun.objects.get().status == "queued"
