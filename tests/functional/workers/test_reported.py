"""Reports of checks arrive as they were made: warnings, records for JUnit, attributes that plugins set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.functional.runs import run_pytest
from tests.functional.workers.conftest import Agents

WARNINGS = """
    import warnings
    from pathlib import Path
    from unittest import mock
    import pytest

    warnings.warn("at import", FutureWarning)

    class TwoWords(UserWarning):
        def __init__(self, first, second):
            super().__init__(f"{first}-{second}")

    class Keyword(UserWarning):
        def __init__(self, *, code): self.code = code
        def __str__(self): return f"code {self.code}"

    class Changing(DeprecationWarning):
        def __str__(self): return str(id(self))[:0] + type(self).told
        told = "there"

    class Slotted(UserWarning):
        __slots__ = ("word",)
        def __init__(self, word): self.word = word
        def __str__(self): return self.word

    class Odd:
        def __repr__(self): raise RuntimeError("no repr")
        def __str__(self): return "odd"

    def test_two_words(): warnings.warn(TwoWords("a", "b"))
    def test_keyword(): warnings.warn(Keyword(code=7))
    def test_slotted(): warnings.warn(Slotted("kept elsewhere"))
    def test_local_class():
        class Local(Keyword): pass
        warnings.warn(Local(code="local"))
    def test_changing():
        Changing.told = "changed"
        warnings.warn(Changing())
    def test_imported_here(tmp_path, monkeypatch):
        (tmp_path / "only_here.py").write_text("class Here(ResourceWarning): pass")
        monkeypatch.syspath_prepend(tmp_path)
        import only_here
        warnings.warn("elsewhere", only_here.Here)
    def test_without_repr(): warnings.warn(UserWarning(Odd()))
    def test_surrogate(): warnings.warn("file \\udcff")
    def test_source(): warnings.warn("left open", ResourceWarning, source=Odd())
    def test_explicit(): warnings.warn_explicit("there", UserWarning, "generated.py", 12)
    def test_twice():
        for _ in range(2): warnings.warn("twice")

    @pytest.fixture
    def files():
        with mock.patch.multiple(Path, is_file=mock.Mock(side_effect=[True]), resolve=mock.Mock(side_effect=OSError)):
            yield
    def test_replaced(files): assert Path("a").is_file() and not "replaced"

    class Group(ExceptionGroup):
        def __str__(self): raise RuntimeError
    class Loud(Exception):
        def __str__(self): raise RuntimeError("not shown")
        __repr__ = __str__
    def test_group(): raise Group("all", [Loud(), ValueError()])
    def test_loud(): raise Loud
    def test_words(): pytest.fail("reprcrash and reprtraceback", pytrace=False)
"""
RECORDS = """
    import datetime, decimal, enum, pathlib, uuid
    import pytest

    Color = enum.Enum("Color", "RED BLUE")

    @pytest.fixture(scope="session", autouse=True)
    def about(record_testsuite_property):
        record_testsuite_property("BUILD", "17")
        yield
        record_testsuite_property("END", "18")

    def test_attribute(record_xml_attribute):
        record_xml_attribute("assertions", "3")
        record_xml_attribute("classname", "my.own.Class")

    @pytest.fixture
    def late(record_xml_attribute):
        yield
        record_xml_attribute("late", "1")
        assert 0

    def test_late(late): pass
    def test_own(record_testsuite_property): record_testsuite_property("own", 1)
    def test_objects(record_property):
        for value in (decimal.Decimal("1.50"), datetime.date(2020, 1, 2), pathlib.Path("/a/b"), Color.RED,
                      uuid.UUID(int=5), 1 + 2j, range(3), {"a": (1, 2)}, float("nan"), b"x", 2**70, ValueError("x")):
            record_property(type(value).__name__, value)
"""
PLUGIN = """
    import json, types
    import pytest

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(item, call):
        report = yield
        report.when_it_was = types.SimpleNamespace(phase=call.when) if item.name == "test_own" else None
        if item.name == "test_keyword":
            report.nodeid += "@renamed"
            report.keywords["test_keyword"] = "other"
        if item.name == "test_two_words":
            report.location = ("elsewhere.py", 7, "moved")
        return report

    def pytest_addoption(parser): parser.addoption("--told")

    def pytest_configure(config):
        if config.option.told and not hasattr(config, "workerinput"):
            config.pluginmanager.register(Recorder(config.option.told))

    class Recorder:
        def __init__(self, path): self.path, self.warnings, self.reports = path, [], []

        def pytest_warning_recorded(self, warning_message, when, nodeid, location):
            category = warning_message.category
            assert isinstance(warning_message.message, category)
            known = [c.__name__ for c in category.__mro__]
            self.warnings.append([str(warning_message.message), type(warning_message.message).__name__, known, when,
                                  nodeid, warning_message.filename, warning_message.lineno, location])

        def pytest_runtest_logreport(self, report):
            self.reports.append([report.nodeid, report.when, report.outcome, report.location,
                                 str(report.when_it_was), dict(report.keywords)])

        def pytest_unconfigure(self):
            with open(self.path, "w", encoding="ascii") as file:
                json.dump({"warnings": self.warnings, "reports": self.reports}, file)
"""


VOLATILE = ("time", "timestamp", "hostname")


def elements(path: Path) -> list[tuple[Any, ...]]:
    """Attributes and properties of the suite and of each check in a JUnit file, without what no two runs share."""
    found = []
    for element in ET.fromstring(path.read_text("utf-8")).iter():  # noqa: S314 - pytest has written it
        if element.tag in ("testsuite", "testcase"):
            attributes = {name: value for name, value in element.attrib.items() if name not in VOLATILE}
            pairs = sorted((each.get("name"), each.get("value")) for each in element.findall("properties/property"))
            found.append((element.tag, sorted(attributes.items()), pairs))
    return sorted(found)


def told(path: Path) -> tuple[Sequence[str], Sequence[str]]:
    """Warnings and reports that a controller's plugins saw, in one order for all runs."""
    data = json.loads(path.read_text("ascii"))
    return sorted(map(repr, data["warnings"])), sorted(map(repr, data["reports"]))


def counts(output: str) -> str:
    """Pytest's last line without the time."""
    lines = [line for line in output.splitlines() if " failed" in line]
    return lines[-1].strip("= ").partition(" in ")[0]


def test_everything_is_reported_as_serially(
    pytester: pytest.Pytester, agents: Agents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:backslashreplace")  # some of what is told is no text
    monkeypatch.setenv("PYTHONWARNINGS", "default::ResourceWarning")  # of our own sockets, too
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile(test_warnings=WARNINGS, test_records=RECORDS)
    options = ["-ojunit_family=xunit1", "--tb=short", "-Walways", "-pno:cacheprovider"]

    serial = run_pytest(pytester, *options, "--junitxml=serial.xml", "--told=serial.json")
    run = agents(*options, "--junitxml=parallel.xml", "--told=parallel.json")

    assert run.exit_code == serial.ret == 1
    assert told(pytester.path / "parallel.json") == told(pytester.path / "serial.json")
    assert elements(pytester.path / "parallel.xml") == elements(pytester.path / "serial.xml")
    assert counts(run.stdout) == counts(str(serial.stdout))
    assert "INTERNALERROR" not in run.stdout
    assert "ResourceWarning: unclosed" not in run.stdout + run.stderr
    assert run.stdout.count("agents: report.when_it_was holds a types.SimpleNamespace, which came as a text") == 1


def test_subtests_have_their_letters(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile("""
        import pytest

        def test_it(subtests):
            for number in range(3):
                with subtests.test("part", number=number):
                    if number == 2: pytest.skip("not this")
                    assert number != 1
    """)

    serial = run_pytest(pytester, "-q", "--tb=no", "-pno:cacheprovider")
    run = agents("-q", "--tb=no")

    letters = str(serial.stdout).partition(" ")[0]
    assert "u" in letters
    assert run.stdout.startswith(letters)
    assert counts(run.stdout) == counts(str(serial.stdout))


ODD_REPORTS = """
    import math
    from unittest import mock
    import pytest

    class Odd:
        def __getattribute__(self, name): raise RuntimeError(name)
        def __repr__(self): raise RuntimeError
        __str__ = __len__ = __iter__ = __eq__ = __bool__ = __repr__
        __hash__ = None

    class OddText(str):
        def __str__(self): raise RuntimeError
        encode = partition = strip = __repr__ = __str__

    cycle = []
    cycle.append(cycle)
    deep = {}
    for _ in range(500): deep = {"deeper": deep}
    VALUES = {
        "none": None, "number": 7, "text": "text", "surrogate": "\\udcff", "odd": Odd(), "odd text": OddText("odd"),
        "mock": mock.MagicMock(), "mock of a dictionary": mock.MagicMock(spec=dict), "nan": math.nan, "class": Odd,
        "tuple": (1, 2, 3), "pairs": {"a": 1}, "cycle": cycle, "deep": deep, "bytes": b"\\xff", "error": ValueError(7),
    }
    NAMES = ["longrepr", "sections", "user_properties", "when", "duration", "start", "stop", "nodeid", "keywords",
             "location", "wasxfail", "parallel_agents", "node", "worker_id", "item_index", "own"]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(item, call):
        report = yield
        if call.when == "call":
            value = VALUES[item.callspec.params["value"]]
            name = item.callspec.params["name"]
            report.__dict__["_id" if name == "nodeid" else name] = value
        return report
"""
ODD_TESTS = """
    import pytest
    from conftest import NAMES, VALUES

    @pytest.mark.parametrize("value", VALUES)
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("passes", [True, False])
    def test_it(name, value, passes): assert passes
"""


@pytest.mark.slow
def test_no_report_is_lost_for_what_a_plugin_has_put_on_it(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest(ODD_REPORTS)
    pytester.makepyfile(ODD_TESTS)

    run = agents("--junitxml=junit.xml", "--tb=no", "-rN")

    assert run.exit_code == 1
    assert "INTERNALERROR" not in run.stdout
    assert len(run.outcomes) == 2 * 16 * 16
    for name, outcome in run.outcomes.items():
        expected = ("passed", "xpassed") if "[True" in name else ("failed", "error")
        nameless = "-when-" in name and outcome == "cancelled"  # nobody knows which phase has passed
        assert outcome in expected or ("[True" in name and nameless), name
    assert "report.sections was nothing that pytest can use" in run.stdout


def test_what_a_plugin_keeps_beside_a_report_comes_with_it(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(
        notes="""
        from weakref import WeakKeyDictionary
        NOTES = WeakKeyDictionary()

        class Note:
            def __init__(self, text): self.text = text
    """
    )
    pytester.makeconftest("""
        import pytest
        from notes import NOTES, Note

        NOT_OURS = NOTES  # found by another name, it is the same

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if call.when == "call" and item.name != "test_without":
                NOTES[report] = Note(item.name) if item.name != "test_odd" else lambda: None
            return report

        def pytest_runtest_logreport(report):
            if report.when == "call":
                print(report.nodeid, getattr(NOTES.get(report), "text", None), file=open("told", "a"))
    """)
    pytester.makepyfile("""
        def test_passes(): pass
        def test_fails(): assert 0
        def test_without(): pass
        def test_odd(): pass  # nobody can send a function
    """)
    pytester.syspathinsert()

    run = agents()

    assert sorted(run.outcomes.values()) == ["failed", "passed", "passed", "passed"]
    told = (pytester.path / "told").read_text("utf-8").splitlines()
    name = "test_what_a_plugin_keeps_beside_a_report_comes_with_it.py"
    told_here = {line for line in told if line.startswith(name)}
    assert {f"{name}::test_passes test_passes", f"{name}::test_fails test_fails"} <= told_here
    assert {f"{name}::test_without None", f"{name}::test_odd None"} <= told_here
    assert not told_here & {f"{name}::test_passes None", f"{name}::test_fails None"}
