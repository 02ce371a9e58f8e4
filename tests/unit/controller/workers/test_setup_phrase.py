from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.controller.workers.setup_phrase import describe_setup
from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.wire.setups import BEGUN, DONE, OVER, SetUpLog, WideFixture

SERVER = WideFixture("session", "server", "")
OTHER = WideFixture("session", "server", "elsewhere")


def note(folder: Path, worker: str, fixture: WideFixture, *events: str) -> None:
    log = SetUpLog(RunFolder(folder).of(worker).setups)
    for event in events:
        log.note(event, fixture)


def test_a_set_up_is_named_and_the_other_workers_that_have_the_fixture(tmp_path: Path) -> None:
    workers = [f"gw{number}" for number in range(6)]
    assert describe_setup(RunFolder(tmp_path), "gw0", workers, waits=False) == ""
    note(tmp_path, "gw0", SERVER, BEGUN)
    note(tmp_path, "gw1", OTHER, BEGUN, DONE)
    note(tmp_path, "gw2", SERVER, BEGUN, DONE, OVER)
    assert (
        describe_setup(RunFolder(tmp_path), "gw0", workers, waits=False) == "in the set-up of session fixture 'server'"
    )
    note(tmp_path, "gw3", SERVER, BEGUN, DONE)
    note(tmp_path, "gw4", SERVER, BEGUN)
    note(tmp_path, "dead", SERVER, BEGUN, DONE)
    phrase = describe_setup(RunFolder(tmp_path), "gw0", workers, waits=False)
    assert phrase.startswith(
        "in the set-up of session fixture 'server', which gw3 has too and gw4 sets up too; if there can be only one"
    )
    assert '@pytest.mark.xdist_group("server")' in phrase
    note(tmp_path, "gw0", SERVER, DONE)
    assert describe_setup(RunFolder(tmp_path), "gw0", workers, waits=False) == ""


def test_a_set_up_that_waits_may_wait_for_another_fixture(tmp_path: Path) -> None:
    note(tmp_path, "gw0", SERVER, BEGUN)
    note(tmp_path, "gw1", OTHER, BEGUN)
    for name in "dcba":
        note(tmp_path, "gw2", WideFixture("module", name, ""), BEGUN, DONE)
    phrase = "in the set-up of session fixture 'server'"
    waits = describe_setup(RunFolder(tmp_path), "gw0", ["gw0", "gw1", "gw2"], waits=True)
    assert waits == (
        f"{phrase}, while gw2 has module fixture 'a' and module fixture 'b' and module fixture 'c' and 1 more"
    )
    assert describe_setup(RunFolder(tmp_path), "gw0", ["gw0", "gw1"], waits=True) == phrase
    assert describe_setup(RunFolder(tmp_path), "gw0", ["gw0", "gw2"], waits=False) == phrase
