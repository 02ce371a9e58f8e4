"""What a worker's file says of its wide fixtures while they are set up, live and end."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.wire.setups import SetUpLog, SetUps, WideFixture, read_setups, setups_path

CHECKS = """
import pytest
from pathlib import Path
from pytest_parallel_agents.wire.setups import read_setups, setups_path

PATH = setups_path(Path({folder!r}), "gw0")
SEEN = []

def see():
    setups = read_setups(PATH)
    SEEN.append(([one.name for one in setups.under_way], sorted(one.name for one in setups.there)))

@pytest.fixture(scope="session")
def app():
    see()
@pytest.fixture(scope="module")
def server(app, request):
    see()
    request.getfixturevalue("inner")
    yield
    see()
@pytest.fixture(scope="module")
def inner():
    see()
@pytest.fixture(scope="module")
def broken():
    raise ValueError
@pytest.fixture
def narrow(): ...
def test_a(server, narrow, tmp_path): see()
def test_b(broken): ...
def test_c(): see()
"""


def test_each_state_can_be_read(pytester: pytest.Pytester) -> None:
    class Plugin:
        def pytest_configure(self, config: pytest.Config) -> None:
            note_setups(config, pytester.path, "gw0")

    module = pytester.makepyfile(CHECKS.format(folder=str(pytester.path)))
    modules = []

    class Keep:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            modules.append(session.items[0].module)  # type: ignore[attr-defined]

    result = pytester.inline_run(module, plugins=[Plugin(), Keep()])

    result.assertoutcome(passed=2, failed=1)
    assert modules[0].SEEN == [
        (["app"], []),
        (["server"], ["app"]),
        (["server", "inner"], ["app"]),
        ([], ["app", "inner", "server"]),
        ([], ["app", "inner", "server"]),
        ([], ["app", "inner", "server"]),
    ]
    assert read_setups(setups_path(pytester.path, "gw0")) == SetUps()


def test_what_cannot_be_written_or_read_is_nothing(tmp_path: Path) -> None:
    fixture = WideFixture("session", "app", "")
    SetUpLog(tmp_path / "missing" / "file").note("begun", fixture)
    assert read_setups(tmp_path / "missing" / "file") == SetUps()

    path = tmp_path / "file"
    SetUpLog(path).note("begun", fixture)
    path.write_bytes(path.read_bytes() + b'["done",["sess')
    assert read_setups(path) == SetUps(under_way=(fixture,))
