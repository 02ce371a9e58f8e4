from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from _pytest.config import create_terminal_writer
from _pytest.terminal import TerminalReporter

from pytest_parallel_agents.session.passed_letters import PassedLetters
from pytest_parallel_agents.wire.messages import Phase
from pytest_parallel_agents.wire.report_codec import PassedReport

TESTS = 200


class Shown:
    """pytest's terminal reporter of a session with some tests, and what it has written."""

    def __init__(self, pytester: pytest.Pytester, *options: str) -> None:
        items, _ = pytester.inline_genitems("-q", *options)
        self.items = items
        self.config = items[0].config
        self.file = io.StringIO()
        self.terminal: Any = TerminalReporter(self.config)
        self.terminal._tw = create_terminal_writer(self.config, self.file)
        self.terminal._session = items[0].session

    def report(self, index: int) -> Any:
        made: Any = PassedReport(self.items[index], Phase("call", 0.25, 1.0, 1.25))
        made.item_index = index
        return made

    def state(self) -> object:
        stats = {name: [report.nodeid for report in reports] for name, reports in self.terminal.stats.items()}
        return self.file.getvalue(), stats, self.terminal.reported_progress, self.terminal._main_color


@pytest.fixture
def tests(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(f"""
        import pytest
        @pytest.mark.parametrize("number", range({TESTS}))
        def test_it(number): pass
    """)
    return pytester


@pytest.fixture
def shown(tests: pytest.Pytester) -> Callable[..., Shown]:
    return lambda *options: Shown(tests, *options)


def letters(shown: Shown) -> PassedLetters:
    return PassedLetters(shown.config, shown.terminal, lambda check: check != TESTS - 1)


@pytest.mark.parametrize("style", ["classic", "count", "progress", "times"])
def test_they_are_what_pytest_writes(shown: Callable[..., Shown], style: str) -> None:
    ours, theirs = shown(f"-oconsole_output_style={style}"), shown(f"-oconsole_output_style={style}")
    written = letters(ours)
    for index in range(TESTS):
        theirs.terminal.pytest_runtest_logreport(theirs.report(index))
        if not written.write(ours.report(index)):
            assert index == TESTS - 1  # it has no letter of ours
            ours.terminal.pytest_runtest_logreport(ours.report(index))
    assert ours.state() == theirs.state()
    assert ours.file.getvalue().count(".") == TESTS


def test_a_plugin_that_gives_tests_a_status_is_asked(shown: Callable[..., Shown]) -> None:
    class Plugin:
        def pytest_report_teststatus(self) -> tuple[str, str, str]:
            return "fine", "f", "FINE"

    each = shown()
    written = letters(each)
    assert written.write(each.report(0))
    each.config.pluginmanager.register(Plugin())
    assert not written.write(each.report(1))


def test_reports_that_a_plugin_has_changed_are_left_to_pytest(shown: Callable[..., Shown]) -> None:
    each = shown()
    changed = each.report(0)
    changed.outcome = "rerun"
    expected = each.report(1)
    expected.wasxfail = "reason"
    assert not any(map(letters(each).write, (changed, expected)))


def test_other_terminals_write_their_own(shown: Callable[..., Shown]) -> None:
    class Other(TerminalReporter):  # type: ignore[misc]
        pass

    each = shown()
    for terminal in (None, Other(each.config)):
        assert not PassedLetters(each.config, terminal, lambda _: True).write(each.report(0))
    each.terminal.pytest_runtest_logreport = lambda _: None
    assert not letters(each).write(each.report(0))
    assert not letters(shown("-vv")).write(each.report(0))
