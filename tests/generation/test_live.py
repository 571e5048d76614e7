"""News goes out when it can, and nobody waits for a layer that hangs."""

from __future__ import annotations

import logging
import socket
import time
from copy import deepcopy

from config.settings import base
from generation import live


def test_a_layer_that_hangs_is_given_up_and_logged(settings, caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        layers = deepcopy(base.CHANNEL_LAYERS)
        host = layers["default"]["CONFIG"]["hosts"][0]
        host["address"] = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings.CHANNEL_LAYERS = layers
        started = time.monotonic()

        with caplog.at_level(logging.WARNING, logger="generation.live"):
            live.announce_decided([1])

    assert time.monotonic() - started < 4
    assert [record.getMessage() for record in caplog.records] == [
        "No live update: the channel layer does not answer."
    ]


def test_those_who_listen_are_never_timed_out():
    # A read timeout once closed every desk that heard nothing for five seconds.
    assert base.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["socket_timeout"] is None
