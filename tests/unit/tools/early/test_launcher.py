"""A launcher in a process of its own, real commands, and the client's questions."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import psutil
import pytest

from pytest_parallel_agents.model.plan import Lock
from pytest_parallel_agents.process_tree import fork, group_runs
from pytest_parallel_agents.tools.early import client, connection
from pytest_parallel_agents.tools.early.client import Begun, Early, Ran
from pytest_parallel_agents.tools.early.connection import Connection
from pytest_parallel_agents.tools.early.launched import Job, Streams
from pytest_parallel_agents.tools.early.launcher import Launcher
from pytest_parallel_agents.tools.early.messages import State

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it forks")

WRITE = (Lock("db", write=True),)
PATIENCE = 20.0


class Bench:
    """Launches scripts for the shell in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._early: list[Early] = []
        self.launchers: list[psutil.Process] = []

    def job(
        self,
        name: str,
        script: str,
        *,
        cpus: int = 0,
        locks: tuple[Lock, ...] = (),
        limit: float | None = None,
        stale: bool = False,
    ) -> Job:
        def start(_scratch: Path, streams: Streams) -> tuple[subprocess.Popen[bytes], str]:
            process = subprocess.Popen(["sh", "-c", script], cwd=self.folder, process_group=0, **streams)  # type: ignore[call-overload]
            (self.folder / f"{name}.started").touch()
            return process, name

        def scratch() -> AbstractContextManager[Path]:
            return nullcontext(self.folder)

        return Job(
            nodeid=name,
            cpus=cpus,
            locks=locks,
            limit=limit,
            scratch=scratch,
            start=start,
            is_stale=lambda: stale,
        )

    def launch(self, *jobs: Job, cpus: int = 1, grace: float = 5.0) -> Early:
        listener, (ours, theirs) = socket.socket(socket.AF_UNIX), socket.socketpair()
        address = str(self.folder / "socket")
        listener.bind(address)
        listener.listen()
        pid = fork()
        if pid == 0:
            try:
                ours.close()
                settings = {"cpus": cpus, "capacities": {}, "folder": self.folder, "grace": grace}
                Launcher(jobs, **settings, listener=listener, alive=theirs).serve()  # type: ignore[arg-type]
            finally:
                os._exit(0)
        listener.close()
        theirs.close()
        early = Early(address, pid, ours, grace)
        self._early.append(early)
        self.launchers.append(psutil.Process(pid))
        return early

    def wait_for(self, *names: str) -> None:
        """Returns when these files are there."""
        wait_until(lambda: all((self.folder / name).exists() for name in names))

    def close(self) -> None:
        for early in self._early:
            early.close()


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def names(states: Sequence[State]) -> list[str]:
    return [state.nodeid for state in states]


def never() -> None:
    raise AssertionError


def take(early: Early, name: str, lost: Callable[[], None] = never) -> Begun:
    begun = early.take(name, lost)
    assert begun is not None
    return begun


def output(ran: Ran | None) -> tuple[int, str, str]:
    assert ran is not None
    return ran.exit_code, Path(ran.stdout).read_text(), Path(ran.stderr).read_text()


ENDS_SLOWLY = "trap 'sleep 0.1; touch ended; exit' TERM; touch one.began; sleep 60 & wait"
UNTIL_GO = "touch {0}.began; while [ ! -e go ]; do sleep 0.01; done; touch {0}.done"


def test_a_command_that_runs_is_waited_for_and_one_that_is_over_is_handed_over(bench: Bench) -> None:
    early = bench.launch(
        bench.job("over", "echo out; echo err >&2; exit 3"), bench.job("runs", UNTIL_GO.format("runs") + "; echo ran")
    )
    bench.wait_for("runs.began")
    wait_until(lambda: any(state.exit_code == 3 for state in early.settle()))
    states = {state.nodeid: state for state in early.settle()}
    early.keep(states)
    over, runs = take(early, "over"), take(early, "runs")

    assert states["runs"].until is None
    assert runs.start == states["runs"].since
    assert over.start > (states["over"].until or 0)
    (bench.folder / "go").touch()
    assert output(over.wait("over", {})) == (3, "out\n", "err\n")
    assert output(runs.wait("runs", {})) == (0, "ran\n", "")
    report = pytest.TestReport("over", ("", 0, ""), {}, "passed", None, "setup", duration=1.0, start=9.0)
    over.count_in(report)
    assert report.duration == 1.0 + (states["over"].until or 0) - states["over"].since
    assert report.start + report.duration == pytest.approx(10.0)
    assert over.span == (states["over"].since, states["over"].until)
    assert runs.span is not None
    assert early.take("over", never) is None, "each is taken once"
    assert over.wait("over", {}) is None, "an attempt that follows starts it anew"


def test_cpus_and_locks_hold_among_commands(bench: Bench) -> None:
    one = bench.job("one", UNTIL_GO.format("one"), cpus=1)
    two = bench.job("two", "touch two.began", cpus=1)
    light = bench.job("light", UNTIL_GO.format("light"), locks=WRITE)
    locked = bench.job("locked", "test -e light.done", locks=WRITE)
    early = bench.launch(one, two, light, locked)
    bench.wait_for("one.began", "light.began")

    assert not (bench.folder / "two.began").exists()
    (bench.folder / "go").touch()
    bench.wait_for("two.began")
    wait_until(lambda: not any(state.until is None for state in early.settle()))


def test_settling_starts_no_other_and_ends_what_is_stale(bench: Bench) -> None:
    early = bench.launch(
        bench.job("first", UNTIL_GO.format("first"), cpus=1),
        bench.job("second", "touch second.began", cpus=1),
        bench.job("stale", ENDS_SLOWLY.replace("one", "stale"), stale=True),
    )
    bench.wait_for("first.began", "stale.began")
    assert names(early.settle()) == ["first"]
    early.keep(["first"])
    assert (bench.folder / "ended").exists()
    (bench.folder / "go").touch()
    assert take(early, "first").wait("first", {}) is not None
    assert early.take("stale", never) is None
    assert not (bench.folder / "second.began").exists()


def test_what_changed_meanwhile_is_ended_before_it_can_start_anew(bench: Bench) -> None:
    early = bench.launch(bench.job("one", ENDS_SLOWLY))
    bench.wait_for("one.began")
    early.settle()
    early.keep(["one"])
    lost: list[str] = []

    assert take(early, "one", partial(lost.append, "one")).wait("another", {}) is None
    assert (bench.folder / "ended").exists()
    assert lost == ["one"]
    assert early.take("one", never) is None


def test_an_attempt_after_one_that_was_interrupted_begins_when_nothing_is_left(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = bench.launch(bench.job("one", ENDS_SLOWLY))
    bench.wait_for("one.began")
    early.settle()
    early.keep(["one"])
    begun = take(early, "one")

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "answer", interrupt)
        with pytest.raises(KeyboardInterrupt):
            begun.wait("one", {})
    assert begun.wait("one", {}) is None
    assert (bench.folder / "ended").exists()


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_dropped_commands_have_ended_even_if_they_refuse(bench: Bench) -> None:
    early = bench.launch(
        bench.job("one", "trap '' TERM; echo $$ > pid.new; mv pid.new pid; while :; do sleep 1; done"), grace=0.1
    )
    bench.wait_for("pid")
    early.settle()
    early.keep(())

    assert _is_gone(int((bench.folder / "pid").read_text()))


@pytest.mark.parametrize(
    ("script", "limit"), [("sleep 60", 0.05), ("sleep 60 & exit 0", None)], ids=["too long", "leaves something"]
)
def test_what_must_be_reported_in_its_turn_does_not_count(bench: Bench, script: str, limit: float | None) -> None:
    early = bench.launch(bench.job("two", ""), bench.job("one", script, limit=limit))
    bench.wait_for("one.started")  # on a busy machine the limit may pass before it does anything
    wait_until(lambda: names(early.settle()) == ["two"])


def test_a_check_that_ends_early_ends_its_command(bench: Bench) -> None:
    early = bench.launch(bench.job("one", "echo $$ > pid.new; mv pid.new pid; exec sleep 60"))
    bench.wait_for("pid")
    early.settle()
    early.keep(["one"])
    take(early, "one").close()

    wait_until(lambda: _is_gone(int((bench.folder / "pid").read_text())))


def test_a_launcher_that_is_stopped_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_RESUME_SECONDS", 0.01)
    early = bench.launch(bench.job("one", UNTIL_GO.format("one")))
    bench.wait_for("one.began")
    launcher = bench.launchers[0]
    launcher.suspend()
    early.keep([state.nodeid for state in early.settle()])
    begun = take(early, "one")
    launcher.suspend()
    (bench.folder / "go").touch()
    assert begun.wait("one", {}) is not None
    launcher.suspend()
    early.close()

    assert not launcher.is_running()


@pytest.mark.parametrize("moment", ["settle", "take", "wait", "close"])
def test_nothing_is_left_of_a_launcher_that_was_killed(bench: Bench, moment: str) -> None:
    """Even if its command does not end when asked."""
    refuses = "trap '' TERM; sleep 60 & echo $$ > pid.new; mv pid.new pid; while :; do sleep 1; done"
    early = bench.launch(bench.job("one", refuses), grace=0.1)
    bench.wait_for("pid")
    wait_until(lambda: any(bench.folder.glob("*.group")))
    launcher = bench.launchers[0]
    lost: list[str] = []
    begun = None

    def at(this: str) -> None:
        if moment == this:
            launcher.kill()

    at("settle")
    states = names(early.settle())
    at("take")
    if states:
        early.keep(states)
        begun = early.take("one", partial(lost.append, "one"))
    at("wait")
    if begun is not None and moment == "wait":
        assert begun.wait("one", {}) is None
    at("close")
    if begun is not None and moment == "close":
        begun.close()
        early.close()

    assert (states == [], begun is None) == (moment == "settle", moment in {"settle", "take"})
    assert lost == (["one"] if moment == "wait" else [])
    assert not group_runs(int((bench.folder / "pid").read_text()))


def test_a_launcher_that_does_not_answer_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    early = bench.launch(bench.job("one", "echo $$ > pid.new; mv pid.new pid; exec sleep 60"), grace=0.1)
    bench.wait_for("pid")
    launcher = bench.launchers[0]
    monkeypatch.setattr(client, "_SECONDS", 0.0)
    monkeypatch.setattr(connection, "_RESUME_SECONDS", 0.01)
    monkeypatch.setattr(Early, "_resume", launcher.suspend)

    launcher.suspend()
    assert early.settle() == []
    assert not group_runs(int((bench.folder / "pid").read_text()))


def test_closing_ends_everything(bench: Bench) -> None:
    early = bench.launch(bench.job("one", "echo $$ > pid.new; mv pid.new pid; exec sleep 60"))
    bench.wait_for("pid")
    early.close()

    assert _is_gone(int((bench.folder / "pid").read_text()))
    assert early.settle() == []
    assert early.take("one", never) is None


def test_what_cannot_be_started_is_left_to_its_check(bench: Bench) -> None:
    def refuse(_scratch: Path, _streams: Streams) -> tuple[subprocess.Popen[bytes], str]:
        raise pytest.skip.Exception("nothing to do")

    job = bench.job("one", "")
    early = bench.launch(
        Job(**{**{name: getattr(job, name) for name in job.__struct_fields__}, "start": refuse}),
        bench.job("two", "touch two.began"),
    )
    bench.wait_for("two.began")

    wait_until(lambda: names(early.settle()) == ["two"])


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
