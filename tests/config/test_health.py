"""Alive is not ready: what is missing is named."""

from __future__ import annotations

import socket
import time

from kombu import Connection

from config import health
from config.celery import app
from config.settings import base


def test_healthz_asks_nobody(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_readyz_names_what_is_missing(client, db):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["missing"]["checkpoint"].startswith("No checkpoint is active")


def test_readyz_is_green_when_all_is_there(client, checkpoint, monkeypatch):
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)

    assert client.get("/readyz").json() == {"status": "ready", "missing": {}}


def test_readyz_names_a_checkpoint_whose_folder_holds_other_weights(
    client, checkpoint, monkeypatch
):
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)
    (checkpoint.directory / "card.json").write_text('{"digest": "another"}')

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert list(answer.json()["missing"]) == ["checkpoint"]


def test_readyz_does_not_wait_for_a_broker_that_hangs(client, checkpoint, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        options = base.CELERY_BROKER_TRANSPORT_OPTIONS
        monkeypatch.setattr(
            app, "connection_for_write", lambda: Connection(address, transport_options=options)
        )
        started = time.monotonic()

        answer = client.get("/readyz")

    assert time.monotonic() - started < 8
    assert answer.status_code == 503
    assert answer.json()["missing"] == {"broker": "The broker does not answer."}
