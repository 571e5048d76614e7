"""Alive is not ready: what is missing is named."""

from __future__ import annotations

from config import health


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
