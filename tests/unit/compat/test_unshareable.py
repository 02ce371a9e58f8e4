from __future__ import annotations

import asyncio
import socket
import sqlite3
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pytest_parallel_agents.compat.unshareable import open_descriptors, opened_since, where

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nobody else tells what is open")


def test_what_was_there_before_is_not_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert opened_since(open_descriptors()) == []


def test_what_forks_would_share_is_named(tmp_path: Path) -> None:
    before = open_descriptors()
    loop = asyncio.new_event_loop()
    connection = sqlite3.connect(tmp_path / "data.sqlite")
    connection.execute("create table data (value)")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        address = "{}:{}".format(*server.getsockname())
        found = opened_since(before)
    loop.close()
    connection.close()

    assert sorted(found) == [f"a connection to {address}", "a connection to the database data.sqlite", "an event loop"]


def test_what_does_no_harm_is_not_named(tmp_path: Path) -> None:
    before = open_descriptors()
    one, other = socket.socketpair()
    with (tmp_path / "file").open("w+"), one, other, socket.create_server(("127.0.0.1", 0)):
        assert opened_since(before) == []


def test_where_it_is_held() -> None:
    module = ModuleType("project")
    module.__file__ = __file__
    loop = asyncio.new_event_loop()
    vars(module).update(LOOP=loop, NUMBER=7)

    assert where([module]) == " (project.LOOP)"
    assert where([]) == ""
    loop.close()
