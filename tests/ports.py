"""Ports for servers that tests start."""

from __future__ import annotations

import contextlib
import socket
from random import SystemRandom

BELOW_OTHERS = range(20_000, 30_000)
"""Systems give higher ones to connections and to servers that ask for any."""


def free_port() -> int:
    """A port that no process here has, nor is given before the server takes it."""
    while True:
        port = SystemRandom().choice(BELOW_OTHERS)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
