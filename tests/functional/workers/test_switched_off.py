"""What pytest brings along can be switched off, one by one or all at once, and the run ends as the serial one does."""

from __future__ import annotations

import pytest

from tests.functional.runs import run_pytest

TESTS = """
    import sys, warnings
    import pytest

    @pytest.mark.parametrize("number", range(3))
    def test_good(number):
        print("out", file=sys.stderr)
        warnings.warn("careful")

    def test_bad(): assert [1] == [2]

    @pytest.mark.skip
    def test_skipped(): pass
"""
PLUGINS = (
    *("subtests", "capture", "logging", "warnings", "faulthandler", "cacheprovider", "junitxml", "debugging"),
    *("unraisableexception", "threadexception", "tmpdir", "monkeypatch", "doctest", "unittest", "setuponly"),
    *(
        "setupplan",
        "stepwise",
        "pastebin",
        "recwarn",
        "assertion",
        "python_path",
        "reports",
        "legacypath",
        "helpconfig",
    ),
    *("terminal", "xdist", "xdist.looponfail"),
)
REST = ("-pno:cacheprovider", "-pno:hypothesispytest", "-pno:randomly")
WAYS = {"fork": ("-n2", "--tx=fork"), "popen": ("--tx=2*popen",), "none": ("-n0",)}


def ends(pytester: pytest.Pytester, *arguments: str) -> tuple[int, dict[str, int]]:
    """The exit code and the counts of the last line."""
    result = run_pytest(pytester, *arguments, timeout=120)
    try:
        return int(result.ret), result.parseoutcomes()
    except ValueError:  # there is no last line
        return int(result.ret), {}


def test_without_all_that_can_be_missed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    off = [f"-pno:{name}" for name in PLUGINS if name not in ("terminal", "reports", "xdist", "helpconfig")]

    serial = ends(pytester, *REST, *off)

    assert serial[0] == 1
    assert ends(pytester, *REST, *off, "--agents", *WAYS["fork"]) == serial


@pytest.mark.parametrize("name", ["terminal", "xdist"])
def test_without_a_reporter_or_xdist(pytester: pytest.Pytester, name: str) -> None:
    pytester.makepyfile(TESTS)
    way = () if name == "xdist" else WAYS["fork"]

    assert ends(pytester, *REST, f"-pno:{name}", "--agents", *way) == ends(pytester, *REST, f"-pno:{name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", PLUGINS)
def test_without_one(pytester: pytest.Pytester, name: str) -> None:
    pytester.makepyfile(TESTS)
    ways = {"none": ()} if name == "xdist" else WAYS

    serial = ends(pytester, *REST, f"-pno:{name}")

    for arguments in ways.values():
        assert ends(pytester, *REST, f"-pno:{name}", "--agents", *arguments) == serial, arguments
