from __future__ import annotations

import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.independence.resources import components, parse


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("src/", ("src",)),
        ("./src//core/a.py", ("src", "core", "a.py")),
        ("src/../docs", ("docs",)),
        ("../other/x", ("..", "other", "x")),
        ("/srv/", ("", "srv")),
        (".", ()),
        ("/", ()),
        ("..", ()),
        ("a/..", ()),
    ],
)
def test_spellings_of_a_path(path: str, parts: tuple[str, ...]) -> None:
    assert components(path) == parts


@pytest.mark.parametrize(
    ("name", "lock"),
    [
        ("db", "db"),
        ("my.db", "my.db"),
        ("env:HOME", "env:HOME"),
        ("tcp:08080", "tcp:8080"),
        ("src/", "path:src"),
        (".coveragerc", "path:.coveragerc"),
        ("setup.cfg", "path:setup.cfg"),
        (".", "path:."),
        ("/srv/x", "path:/srv/x"),
    ],
)
def test_forms_of_a_name(name: str, lock: str) -> None:
    assert parse(name, {"db": 1, "my.db": 1}).lock == lock


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "bd2",
            (
                "resource 'bd2' is not declared (did you mean 'db2'? If not, declare it under "
                "[tool.pytest-parallel-agents.resources])"
            ),
        ),
        ("redis", "resource 'redis' is not declared (declare it under [tool.pytest-parallel-agents.resources])"),
        (
            "my.bd",
            (
                "resource 'my.bd' is not declared (did you mean 'my.db'? If not, declare it under "
                "[tool.pytest-parallel-agents.resources])"
            ),
        ),
        ("udp:53", "resource 'udp:53' is not declared (declare it under [tool.pytest-parallel-agents.resources])"),
        ("tcp:http", "resource 'tcp:http' names no port (write tcp:PORT, a number from 1 to 65535)"),
        ("tcp:0", "resource 'tcp:0' names no port (write tcp:PORT, a number from 1 to 65535)"),
        ("tcp:65536", "resource 'tcp:65536' names no port (write tcp:PORT, a number from 1 to 65535)"),
        ("env:", "resource 'env:' names no variable (write env:NAME)"),
    ],
)
def test_names_that_stand_for_nothing(name: str, message: str) -> None:
    with pytest.raises(AgentsError) as raised:
        parse(name, {"db2": 1, "my.db": 1})
    assert str(raised.value) == message
