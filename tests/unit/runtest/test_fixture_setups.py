"""The file of a worker's wide fixtures while they are set up, live and end."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_parallel_agents.runtest.fixture_setups import note_setups
from pytest_parallel_agents.wire import setups
from pytest_parallel_agents.wire.setups import (
    BEGUN,
    DONE,
    OVER,
    Build,
    FixtureState,
    SetUpLog,
    WideFixture,
    read_builds,
    read_setups,
)

CHECKS = """
import pytest
from pathlib import Path
from pytest_parallel_agents.wire.setups import read_setups

PATH = Path({folder!r}, "gw0.setups")
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
            note_setups(config, pytester.path / "gw0.setups")

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
    assert read_setups(pytester.path / "gw0.setups") == FixtureState()


def test_what_cannot_be_written_or_read_is_nothing(tmp_path: Path) -> None:
    fixture = WideFixture("session", "app", "")
    SetUpLog(tmp_path / "missing" / "file").note("begun", fixture)
    assert read_setups(tmp_path / "missing" / "file") == FixtureState()

    path = tmp_path / "file"
    SetUpLog(path).note("begun", fixture)
    path.write_bytes(path.read_bytes() + b'["done",["sess')
    assert read_setups(path) == FixtureState(under_way=(fixture,))


def test_how_long_each_instance_took_without_those_within_it(pytester: pytest.Pytester) -> None:
    class Plugin:
        def pytest_configure(self, config: pytest.Config) -> None:
            note_setups(config, pytester.path / "gw0.setups")

    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="module", params="ab")
        def outer(request):
            request.getfixturevalue("inner")
        @pytest.fixture(scope="module")
        def inner(): ...
        @pytest.fixture(scope="session")
        def broken(): raise ValueError
        """
    )
    pytester.makepyfile(
        test_one="def test_it(outer): ...", test_two="def test_it(outer): ...\ndef test_broken(broken): ..."
    )

    pytester.inline_run(plugins=[Plugin()])

    builds = list(read_builds(pytester.path / "gw0.setups"))
    keys = [build.key for build in builds]
    assert keys.count("outer[0] of  in test_one.py") == keys.count("outer[1] of  in test_one.py") == 1
    assert keys.count("outer[0] of  in test_two.py") == keys.count("outer[1] of  in test_two.py") == 1
    assert sum(key.startswith("broken") for key in keys) == 1
    assert keys.index("inner[0] of  in test_one.py") < keys.index("outer[0] of  in test_one.py")
    assert all(build.seconds >= 0 for build in builds)


def test_the_time_of_an_inner_fixture_is_not_the_outer_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outer, inner = WideFixture("session", "outer", ""), WideFixture("session", "inner", "")
    times = iter([0.0, 1.0, 3.0, 7.0, 8.0])
    monkeypatch.setattr(setups, "time", SimpleNamespace(monotonic=lambda: next(times)))
    log = SetUpLog(tmp_path / "file")
    for what, fixture in ((BEGUN, outer), (BEGUN, inner), (DONE, inner), (DONE, outer), (OVER, inner)):
        log.note(what, fixture, fixture.name)
    assert list(read_builds(tmp_path / "file")) == [Build("inner", 2.0), Build("outer", 5.0)]
