from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from pytest_parallel_agents.controller.workers import stuck_setups
from pytest_parallel_agents.controller.workers.stuck_setups import StuckSetUps, describe_stuck
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.wire.setups import BEGUN, DONE, OVER, FixtureLifetime, SetUpLog, WideFixture, read_lifetimes

SERVER = WideFixture("session", "server", "")
OTHER = WideFixture("session", "other", "")


def write(folder: Path, worker: str, *events: tuple[str, WideFixture]) -> None:
    log = SetUpLog(RunFolder(folder).of(worker).setups)
    for what, fixture in events:
        log.note(what, fixture)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stuck_setups, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(stuck_setups, "WATCHED_SECONDS", 0.0)
    monkeypatch.setattr(stuck_setups, "SLOWER", 0)


def look(folder: Path) -> list[stuck_setups.StuckSetUp]:
    """The stuck set-ups at the second look: at the first its use of CPU is not known. The worker idles."""
    found = StuckSetUps(RunFolder(folder))
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as idle:
        running = [("gw0", 1.0, idle.pid)]
        assert found.look(running, ["gw0", "gw1"]) == []
        return found.look(running, ["gw0", "gw1"])


def test_a_set_up_waits_for_what_another_worker_had_when_it_began(tmp_path: Path) -> None:
    write(tmp_path, "gw1", (BEGUN, SERVER), (DONE, SERVER))
    write(tmp_path, "gw0", (BEGUN, OTHER), (DONE, OTHER), (BEGUN, SERVER))
    write(tmp_path, "gw1", (OVER, SERVER))

    (stuck,) = look(tmp_path)

    assert (stuck.worker, stuck.other, stuck.fixture) == ("gw0", "gw1", SERVER)
    assert "set-up of session fixture 'server', which gw1 had" in describe_stuck(stuck)


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ([(BEGUN, SERVER), (DONE, SERVER)], [(BEGUN, SERVER), (DONE, SERVER)]),
        ([(BEGUN, SERVER)], [(BEGUN, SERVER)]),
        ([(BEGUN, SERVER)], [(BEGUN, OTHER), (DONE, OTHER)]),
        ([(BEGUN, SERVER)], []),
        ([], [(BEGUN, SERVER), (DONE, SERVER)]),
    ],
    ids=["both have it", "both set it up", "another fixture", "nobody else", "none at all"],
)
def test_others_do_not(
    tmp_path: Path, own: list[tuple[str, WideFixture]], others: list[tuple[str, WideFixture]]
) -> None:
    write(tmp_path, "gw1", *others)
    write(tmp_path, "gw0", *own)

    assert look(tmp_path) == []


def test_a_set_up_that_was_over_before_is_no_clash(tmp_path: Path) -> None:
    write(tmp_path, "gw1", (BEGUN, SERVER), (DONE, SERVER), (OVER, SERVER))
    write(tmp_path, "gw0", (BEGUN, SERVER))

    assert look(tmp_path) == []


def test_a_worker_that_computes_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "gw1", (BEGUN, SERVER), (DONE, SERVER))
    write(tmp_path, "gw0", (BEGUN, SERVER))
    monkeypatch.setattr(stuck_setups, "IDLE_SHARE", -1.0)

    assert look(tmp_path) == []


def test_lives_of_fixtures(tmp_path: Path) -> None:
    start = time.perf_counter()
    write(tmp_path, "gw0", (BEGUN, SERVER), (DONE, SERVER), (BEGUN, OTHER), (OVER, SERVER), (BEGUN, SERVER))

    first, other, second = read_lifetimes(RunFolder(tmp_path).of("gw0").setups)

    assert [life.fixture for life in (first, other, second)] == [SERVER, OTHER, SERVER]
    assert first.done is not None
    assert first.over is not None
    assert start <= first.begun <= first.done <= other.begun <= first.over <= second.begun <= time.perf_counter()
    assert first.seconds == first.done - first.begun
    assert second == FixtureLifetime(SERVER, second.begun)
