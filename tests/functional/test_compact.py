"""The terminal for coding assistants: never more than 200 lines and 16 kB, and pytest's last line is there."""

from __future__ import annotations

import json
import re

import pytest

from pytest_parallel_agents.assistants import VARIABLES
from tests.functional.runs import configure, run_pytest
from tests.functional.test_hostile_output import CHECKS
from tests.unit.reports.formats.hostile import STRINGS

LAST = re.compile(r"=* ?((\d+ [a-z]+(, )?)+|no tests ran) in [\d.]+s.*")
SHOP = """
    def net(price):
        return price - 1

    def weight(count):
        return count * 2
"""
FAILING = """
    import pytest, shop, sys
    NOISE = "\\x1b[2J\\x1b]0;title\\x07\\u202e" + "x" * 5_000
    @pytest.mark.parametrize("number", range(150))
    def test_net(number):
        print(NOISE)
        assert shop.net(number) == number, NOISE
    @pytest.mark.parametrize("number", range(1, 151))
    def test_weight(number):
        __import__("warnings").warn(f"{number} {NOISE}")
        assert shop.weight(number) == number
"""


def compact(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """A run whose output is within its bounds, and ends with pytest's last line."""
    result = run_pytest(pytester, "--agents", "-n2", "--agents-output=compact", *args)
    output = str(result.stdout)
    assert len(output.splitlines()) <= 200
    assert len(output.encode()) <= 16 * 1024
    assert "\x1b" not in output
    assert LAST.fullmatch(result.outlines[-1]), output
    return result


@pytest.mark.slow
def test_many_failures_of_two_causes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shop=SHOP, test_shop=FAILING)
    result = compact(pytester, "-v", "--color=yes")
    output = str(result.stdout)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert output.startswith("failed: 300 failed of 300 checks in ")
    assert {"net", "weight"} <= set(re.findall(r"^\d\. shop\.py:\d-\d (\w+) ", output, re.MULTILINE))
    assert re.search(r"^   \$ pytest .*'test_shop.py::test_net\[0\]'$", output, re.MULTILINE)
    assert re.search(r"^   \$ pytest .*'test_shop.py::test_weight\[1\]'$", output, re.MULTILINE)
    assert re.search(r"^2\d\d more failures$", output, re.MULTILINE)
    assert "\n300 failed, 150 warnings in " in f"\n{result.outlines[-1].strip('= ')}"
    assert max(_sizes_of_failures(output)) <= 12


def _sizes_of_failures(output: str) -> list[int]:
    return [1 + part.count("\n   ") for part in re.split(r"^FAILED ", output, flags=re.MULTILINE)[1:]]


HOSTILE_PLUGIN = """
    import pytest
    @pytest.hookimpl
    def pytest_terminal_summary(terminalreporter):
        terminalreporter.section("a plugin")
        for number in range(5000):
            terminalreporter.write_line(f"\\x1b[31mof a plugin {number}\\x1b[0m " + "y" * 3000)
"""


@pytest.mark.slow
def test_whatever_else_is_written(pytester: pytest.Pytester) -> None:
    findings = json.dumps({"findings": [_finding(number) for number in range(5000)]})
    pytester.makefile(".json", many=findings)
    configure(pytester, "[.agents.many]\ncommand = 'cat many.json'\nformat = 'findings'\nfail-on = 'warning'\n")
    pytester.makeconftest(HOSTILE_PLUGIN)
    pytester.makepyfile("def test_fine(): print('fine' * 100_000)\ndef test_bad(): print('bad' * 99); assert 0")
    output = str(compact(pytester, "-rA", "-s").stdout)
    assert "m.py:1: warning rule\\x1b[2J: 0 <b>" in output
    assert "... 4,992 more findings" in output
    assert "of a plugin 0" in output
    assert re.search(r"^\.\.\. [\d,]+ lines left out \(--agents-output=human shows all\)$", output, re.MULTILINE)


def _finding(number: int) -> dict[str, object]:
    text = f"{number} <b>`\x1b]0;x\x07{'z' * 200}"
    return {"path": "m.py", "line": number + 1, "rule": "rule\x1b[2J", "level": "warning", "message": text}


@pytest.mark.slow
def test_hostile_texts_of_checks(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    texts = "    @pytest.mark.parametrize('text', json.loads(pathlib.Path('texts.json').read_text()))\n"
    raising = "    def test_raised(text): print(text); assert 0, text\n"
    pytester.makepyfile(CHECKS + texts + raising)
    (pytester.path / "texts.json").write_text(json.dumps(STRINGS))
    lines = compact(pytester, "--tb=native", "--agents-report=x.md").outlines
    assert all(line.isprintable() for line in lines)
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    assert [line for line in lines if LAST.fullmatch(line)] == lines[-1:]


@pytest.mark.parametrize(
    ("test", "args", "code", "seen"),
    [
        ("def test_a(): pass", [], 0, "passed: 1 passed of 1 check in "),
        ("def test_a(): pass", ["-q"], 0, "passed: 1 passed of 1 check in "),
        ("", [], 5, "nothing to run: 0 checks in "),
        ("import nothing_such", [], 2, "ERROR test_it.py: ModuleNotFoundError: No module named 'nothing_such'"),
        ("def test_a(): assert 0\ndef test_b(): assert 0", ["-x", "-n0"], 1, "stopping after 1 failures"),
        ("def test_a(): raise KeyboardInterrupt", ["-n0"], 2, "KeyboardInterrupt"),
        ("def test_a(): __import__('os')._exit(7)", [], 1, "CRASHED test_it.py::test_a"),
        ("def test_a(): assert 1 == 2", ["--tb=no"], 1, "FAILED test_it.py::test_a: assert 1 == 2\n   $ pytest -p"),
    ],
    ids=str,
)
def test_each_end_of_a_run(pytester: pytest.Pytester, test: str, args: list[str], code: int, seen: str) -> None:
    pytester.makepyfile(test_it=test)
    result = compact(pytester, *args)
    assert result.ret == code
    assert seen in str(result.stdout)
    for unwanted in ("FAILURES", "short test summary", "test session starts", "look here first"):
        assert unwanted not in str(result.stdout)


def test_an_internal_error_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("def pytest_collection_modifyitems(): raise RuntimeError('broken' * 9)")
    pytester.makepyfile("def test_a(): pass")
    result = compact(pytester)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(["INTERNALERROR> RuntimeError: brokenbroken*"])


@pytest.mark.slow
def test_an_assistant_is_recognized_and_lists_stay_whole(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.parametrize('n', range(500))\ndef test_a(n): assert n")
    monkeypatch.setenv(next(iter(VARIABLES)), "some-assistant")
    listed = run_pytest(pytester, "--agents", "--collect-only", "-q")
    assert sum("test_a[" in line for line in listed.outlines) == 500
    assert run_pytest(pytester, "--agents").outlines[0].startswith("failed: 1 failed, 499 passed of 500 checks")
    human = run_pytest(pytester, "--agents", "--agents-output=human")
    human.stdout.fnmatch_lines(["*test session starts*", "*FAILURES*"])
    assert "FAILURES" in str(run_pytest(pytester).stdout)


def test_without_a_terminal_nothing_is_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): assert 0")
    result = run_pytest(pytester, "--agents", "--agents-output=compact", "-p", "no:terminal")
    assert (result.ret, str(result.stdout), str(result.stderr)) == (1, "", "")


def test_reports_are_as_whole_as_ever(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): print('seen'); assert 1 == 2, 'why'")
    compact(pytester, "--agents-report=x.json", "--junitxml=x.xml")
    [check] = json.loads((pytester.path / "x.json").read_text())["checks"]
    assert ">" in check["failure"]["text"]
    xml = (pytester.path / "x.xml").read_text()
    assert "def test_a():" in xml
