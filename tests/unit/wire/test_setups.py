from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.wire import setups
from pytest_parallel_agents.wire.setups import SetUpLog, WideFixture, read_builds, read_lifetimes, read_setups

DATABASE, SERVER = (WideFixture("session", name, "") for name in ("database", "server"))


def test_a_log_whose_disk_was_full_for_a_while_is_read(tmp_path: Path) -> None:
    log = SetUpLog(tmp_path / "log")
    log.note(setups.BEGUN, DATABASE)
    begun = (tmp_path / "log").read_bytes()
    (tmp_path / "log").write_bytes(begun[:-5])
    log.note(setups.DONE, DATABASE)
    log.note(setups.BEGUN, SERVER)
    log.note(setups.DONE, SERVER)
    log.note(setups.OVER, DATABASE)

    assert [life.fixture for life in read_lifetimes(tmp_path / "log")] == [SERVER]
    assert read_setups(tmp_path / "log").there == {SERVER}
    assert len(list(read_builds(tmp_path / "log"))) == 1
