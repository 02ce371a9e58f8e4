from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest._io import TerminalWriter

from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.terminal.live_area import LiveArea
from pytest_parallel_agents.reports.terminal.progress import Running
from pytest_parallel_agents.runtest.buffered_writes import BufferedWrites
from pytest_parallel_agents.session.heartbeat import FIRST_PAUSE, LONGEST_PAUSE, Heartbeat, Live, can_be_live
from tests.unit.reports.samples import check

RUNNING = [Running(check(0, "t.py::t"), "gw0", 0.0)]


class Printed:
    """Counts the output, to which each heartbeat belongs."""

    def __init__(self) -> None:
        self.count = 0
        self.beats: list[float] = []
        self.heartbeat = Heartbeat(lambda: self.count, self._show)

    def until(self, end: float, running: Sequence[Running] = RUNNING) -> list[float]:
        """Looks four times a second."""
        for quarter in range(int(end * 4) + 1):
            self.heartbeat.look(quarter / 4, lambda: running)
        return self.beats

    def _show(self, now: float, _running: Sequence[Running]) -> None:
        self.count += 1
        self.beats.append(now)


def test_silence_is_broken_in_growing_pauses() -> None:
    beats = Printed().until(300.0)
    assert beats[:4] == [FIRST_PAUSE, 30.0, 70.0, 130.0]
    assert beats[-1] - beats[-2] == LONGEST_PAUSE


def test_nothing_is_added_to_other_output() -> None:
    printed = Printed()
    heartbeat = printed.heartbeat
    for second in range(100):
        printed.count += second % 9 == 0
        heartbeat.look(float(second), lambda: RUNNING)
    assert printed.beats == []

    heartbeat.look(heartbeat.due, lambda: RUNNING)
    printed.count += 1
    heartbeat.look(heartbeat.due, lambda: RUNNING)
    assert len(printed.beats) == 1
    assert heartbeat.due - 110.0 < 2 * FIRST_PAUSE + 10, "after other output the first pause is as short as before"


def test_it_is_not_reported_that_nothing_runs() -> None:
    printed = Printed()
    assert printed.until(100.0, running=[]) == []


class Terminal(io.StringIO):
    """One that counts what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError("a terminal of unknown size")

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def live_on(terminal: Terminal) -> tuple[Live, BufferedWrites, TerminalWriter]:
    writer = TerminalWriter(terminal)
    buffer = BufferedWrites(writer, rows=True)
    return Live(LiveArea(writer, {}, 1000), buffer), buffer, writer


def test_thousand_checks_in_a_second_are_ten_writes(terminal: Terminal) -> None:
    live, _, writer = live_on(terminal)
    with live.shown():
        for millisecond in range(1000):
            writer.write(".", flush=True)
            live.finished(millisecond, Outcome.PASSED, 0.001)
            live.look(millisecond / 1000, list)
        assert 9 <= terminal.writes <= 11
    assert terminal.getvalue().count(".") == 1000


def test_nothing_is_written_while_nothing_changes(terminal: Terminal) -> None:
    live, *_ = live_on(terminal)
    looks = 0

    def running() -> Sequence[Running]:
        nonlocal looks
        looks += 1
        return [Running(check(0, "t.py::t"), "gw0", 0.0)]

    with live.shown():
        for millisecond in range(0, 10_000, 10):
            live.look(millisecond / 1000, running)
        assert terminal.writes <= 12, "once a second, when the seconds change"
        assert looks <= 21


DRAWN: list[tuple[list[str], dict[str, str]]] = [
    ([], {}),
    (["-v"], {"NO_COLOR": "1"}),
    (["--color=no"], {}),
    (["-o", "console_output_style=count"], {}),
    (["-p", "no:logging"], {}),
]
NOT_DRAWN: list[tuple[list[str], dict[str, str]]] = [
    ([], {"TERM": "dumb"}),
    ([], {"TERM": ""}),
    ([], {"CI": "true"}),
    (["-o", "console_output_style=classic"], {}),
    (["-s"], {}),
    (["--capture=tee-sys"], {}),
    (["-o", "log_cli=true"], {}),
    (["--log-cli-level=INFO"], {}),
]


@pytest.mark.slow
def test_an_area_needs_a_screen_of_its_own(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for expected, settings in ((True, DRAWN), (False, NOT_DRAWN)):
        for args, environment in settings:
            for name, value in ({"TERM": "xterm", "CI": "", "BUILD_NUMBER": ""} | environment).items():
                monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
            assert can_be_live(pytester.parseconfigure(*args), Terminal()) is expected, (args, environment)


def test_a_pipe_has_no_area(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    pipe: Any = io.StringIO()
    assert not can_be_live(pytester.parseconfigure("--color=yes"), pipe)
