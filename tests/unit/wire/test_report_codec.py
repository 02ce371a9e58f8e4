from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from _pytest.subtests import failed_subtests_key

from pytest_parallel_agents.wire.messages import Phase
from pytest_parallel_agents.wire.report_codec import Decoder, Encoder, PassedReport, report_failure
from pytest_parallel_agents.wire.report_data import identity


@dataclass(frozen=True, slots=True)
class Crossing:
    """One report, what it became on the wire, and what came out."""

    sent: pytest.TestReport
    phase: Phase
    received: pytest.TestReport


@dataclass(eq=False)  # before 9.1 pytest wants the hash of a plugin
class Recorder:
    """A plugin that sends every report of a run over the wire and back."""

    crossings: list[Crossing] = field(default_factory=list)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._encoder, self._decoder = Encoder(session.config), Decoder(session.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        self._item = item
        self._encoder.begin(item)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        phase = self._encoder.encode(report)
        received = self._decoder.decode(self._item, phase)
        assert received.keywords is not None  # is looked up when asked for, and here the check itself changes them
        self.crossings.append(Crossing(report, phase, received))


Cross = Callable[..., list[Crossing]]


@pytest.fixture
def cross(pytester: pytest.Pytester) -> Cross:
    """Runs the source of a test file, and shows how its reports crossed."""

    def run(source: str, *arguments: str, conftest: str = "") -> list[Crossing]:
        pytester.makeconftest(conftest)
        pytester.makepyfile(source)
        recorder = Recorder()
        pytester.inline_run(*arguments, plugins=[recorder])
        assert recorder.crossings
        return recorder.crossings

    return run


LEFT_BEHIND = {"$report_type", "parallel_agents.failed_subtests", "_report_type", "_subtest.context"}


def shown(report: pytest.TestReport) -> dict[str, Any]:
    """All that a report holds, but for what pytest leaves behind; an explanation by its text, as it has no equality."""
    longrepr = report.longrepr
    return {
        **{name: value for name, value in report.__dict__.items() if name not in LEFT_BEHIND},
        "longrepr": longrepr if longrepr is None or isinstance(longrepr, tuple) else str(longrepr),
        "location": report.location,
        "keywords": report.keywords,
        "type": type(report).__name__,
    }


def test_a_passed_report_is_serialized_as_any_other(pytester: pytest.Pytester) -> None:
    item = pytester.getitem("def test_func(): pass")
    phase = Phase("call", 0.25, 1.0, 1.25)
    plain = pytest.TestReport(
        item.nodeid,
        item.location,
        dict.fromkeys(item.keywords, 1),
        "passed",
        None,
        "call",
        duration=0.25,
        start=1.0,
        stop=1.25,
    )
    serialize = item.config.hook.pytest_report_to_serializable

    data = serialize(config=item.config, report=PassedReport(item, phase))

    assert data == serialize(config=item.config, report=plain)
    assert type(item.config.hook.pytest_report_from_serializable(config=item.config, data=data)) is pytest.TestReport


def call_of(crossings: list[Crossing]) -> Crossing:
    (crossing,) = (one for one in crossings if one.sent.when == "call")
    return crossing


def test_a_passed_phase_carries_no_report(cross: Cross) -> None:
    crossings = cross("def test_it(): pass")

    assert [one.phase.report for one in crossings] == [None, None, None]


SOURCES = {
    "passed": """
        def test_it(): pass
    """,
    "failed": """
        def test_it():
            left = [1, 2]
            assert left == [1, 3], 'unlike'
    """,
    "chained": """
        def test_it():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise OSError from error
    """,
    "skipped": """
        import pytest
        def test_it(): pytest.skip('not now')
    """,
    "skipped by mark": """
        import pytest
        @pytest.mark.skip(reason='never')
        def test_it(): pass
    """,
    "xfailed": """
        import pytest
        @pytest.mark.xfail(reason='known')
        def test_it(): assert 0
    """,
    "xpassed": """
        import pytest
        @pytest.mark.xfail(reason='known')
        def test_it(): pass
    """,
    "xpassed strictly": """
        import pytest
        @pytest.mark.xfail(strict=True)
        def test_it(): pass
    """,
    "not traced": """
        import pytest
        def test_it(): pytest.fail('words', pytrace=False)
    """,
    "properties": """
        def test_it(record_property): record_property('key', ('a', 1))
    """,
    "sections": """
        import logging, sys
        def test_it():
            print('out')
            sys.stderr.write('err')
            logging.error('log')
    """,
    "surrogates": """
        def test_it(): assert 'a\\udcff' == 'b'
    """,
    "set-up failed": """
        import pytest
        @pytest.fixture
        def broken(): raise OSError(3)
        def test_it(broken): pass
    """,
    "tear-down failed": """
        import pytest
        @pytest.fixture
        def broken():
            yield
            raise OSError(3)
        def test_it(broken): pass
    """,
    "parametrized": """
        import pytest
        @pytest.mark.parametrize('value', [1, 'é'])
        def test_it(value): pass
    """,
    "unittest": """
        import unittest
        class TestIt(unittest.TestCase):
            def test_it(self): self.assertEqual(1, 2)
    """,
    "subtests": """
        def test_it(subtests):
            for number in range(3):
                with subtests.test('part', number=number, word='w'):
                    assert number
    """,
    "a new keyword": """
        def test_it(request): request.node.keywords['late'] = True
    """,
    "an added mark": """
        def test_it(request): request.node.add_marker('late')
    """,
}


@pytest.mark.parametrize("style", ["long", "short", "line", "native", "no"])
@pytest.mark.parametrize("source", ["failed", "chained", "tear-down failed"])
def test_explanations_of_every_style_cross_unchanged(cross: Cross, source: str, style: str) -> None:
    for crossing in cross(SOURCES[source], f"--tb={style}"):
        assert shown(crossing.received) == shown(crossing.sent)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_reports_cross_unchanged(cross: Cross, source: str) -> None:
    for crossing in cross(source, "-p", "no:warnings"):
        assert shown(crossing.received) == shown(crossing.sent)


ATTRIBUTES = """
    import pytest

    class Odd:
        def __repr__(self):
            raise RuntimeError

    VALUES = {{"tuple": (1, (2,)), "set": {{1, 2}}, "odd": [object, Odd()], 3: "int"}}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(item):
        report = yield
        report.{name} = {value}
        return report
"""


@pytest.mark.parametrize("value", ["VALUES['tuple']", "VALUES['set']", "b'bytes'", "{1: 2}", "None"])
def test_what_plugins_add_crosses_unchanged(cross: Cross, value: str) -> None:
    for crossing in cross("def test_it(): pass", conftest=ATTRIBUTES.format(name="extras", value=value)):
        assert shown(crossing.received) == shown(crossing.sent)


def test_what_cannot_cross_becomes_a_text(cross: Cross) -> None:
    (crossing, *_) = cross("def test_it(): pass", conftest=ATTRIBUTES.format(name="extras", value="VALUES"))

    extras: Any = crossing.received.extras
    assert [str(odd) for odd in extras.pop("odd")] == ["<class 'object'>", "<Odd whose str raised RuntimeError>"]
    assert extras == {"tuple": (1, (2,)), "set": {1, 2}, 3: "int"}


def test_a_user_property_that_cannot_cross_becomes_a_text(cross: Cross) -> None:
    crossings = cross("def test_it(record_property): record_property('key', test_it.__code__.__class__)")

    ((key, value),) = call_of(crossings).received.user_properties
    assert (key, str(value)) == ("key", "<class 'code'>")


@pytest.mark.slow
def test_how_many_subtests_failed_is_known_here(pytester: pytest.Pytester) -> None:
    item = pytester.getitem("def test_it(): pass", "test_it")
    there, here = pytester.parseconfigure(), pytester.parseconfigure()
    encoder, decoder = Encoder(there), Decoder(here)
    call = pytest.TestReport.from_item_and_call(item, pytest.CallInfo.from_call(lambda: None, when="call"))
    encoder.begin(item)

    there.stash[failed_subtests_key][identity(item)] += 2
    decoder.decode(item, encoder.encode(call))
    assert here.stash[failed_subtests_key] == {identity(item): 2}

    encoder.begin(item)
    assert encoder.encode(call).report is None


def test_a_warning_is_recorded_here_as_it_was_there(pytester: pytest.Pytester) -> None:
    recorded: list[tuple[Any, ...]] = []

    class Listener:
        def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
            recorded.append((warning_message, when, nodeid, location))

    config = pytester.parseconfigure()
    config.pluginmanager.register(Listener())
    recorded.clear()  # what was recorded before is told to whom comes late
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn_explicit("old", DeprecationWarning, "a.py", 3)

    there = Encoder(config).warning(caught[0], "runtest", "a.py::test_it", ("a.py", 3, "test_it"))
    Decoder(config).replay_warning(there)

    ((message, *details),) = recorded
    assert details == ["runtest", "a.py::test_it", ("a.py", 3, "test_it")]
    assert (message.category, str(message.message), message.lineno) == (DeprecationWarning, "old", 3)


def test_a_check_that_could_not_report_fails_in_its_name(pytester: pytest.Pytester) -> None:
    item = pytester.getitem("def test_it(): pass", "test_it")

    report = report_failure(item, "was ended by SIGSEGV", when="call")

    assert (report.nodeid, report.outcome, report.when, report.longreprtext) == (
        item.nodeid,
        "failed",
        "call",
        "was ended by SIGSEGV",
    )


def test_all_reports_of_an_item_are_of_one_identity(pytester: pytest.Pytester) -> None:
    """JUnit joins them by it. Read from the text of the name, that of this one would have a part more."""

    class Check(pytest.Item):
        def runtest(self) -> None: ...

    item = Check.from_parent(pytester.getmodulecol(""), name="style::format")

    assert identity(PassedReport(item, Phase("setup", 0.0, 0.0, 0.0))) == identity(item)


def test_an_explanation_that_is_drawn_has_its_colours_only_where_there_are_any(
    cross: Cross, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PY_COLORS", "1")  # by which even pytest's own text of it has some

    sent, received = next(
        (crossing.sent, crossing.received)
        for crossing in cross("def test_it(no_such_fixture): pass")
        if crossing.sent.failed
    )

    assert received.longreprtext == sent.longreprtext
    assert "\x1b" not in received.longreprtext
    assert str(received.longrepr) == str(sent.longrepr)
    assert "\x1b[31m" in str(received.longrepr)
    assert not isinstance(received.longrepr, str)  # the summary would quote it
