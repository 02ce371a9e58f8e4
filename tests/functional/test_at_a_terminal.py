"""What people see while checks run: real screens of real runs, and lines in a pipe."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.runs import LIGHT
from tests.functional.terminal_runs import TerminalRun, at_terminal
from tests.processes import PATIENCE
from tests.screens import Screen

SUITE = """
    import pathlib, time

    import pytest

    def wait_for(name):
        until = time.monotonic() + 60
        while not pathlib.Path(name).exists():
            assert time.monotonic() < until
            time.sleep(0.01)

    @pytest.mark.agent("review")
    def test_layers(findings):
        pathlib.Path("begun").touch()
        wait_for("go")

    def test_short(): wait_for("begun")

    @pytest.mark.agent("test", after=["test_short"])
    def test_a_long_one_with_a_name_that_does_not_fit_into_a_narrow_terminal(): wait_for("go")

    @pytest.mark.agent("test", after=["test_short"])
    def test_wrong():
        with open("/dev/tty", "w") as terminal:
            terminal.write("a test writes to the terminal\\n")
        assert 0
"""
ARGS = ["--agents", "-n3", "-pno:cacheprovider", "--agents-root-cause=off", "--agents-recheck=off"]

USUAL = """
     FAIL [ <time>] gw<n>  test    test_it.py::test_wrong
.
 <s> [         ] gw<n>  review  test_it.py::test_layers
 <s> [         ] gw<n>  test    ..._that_does_not_fit_into_a_narrow_terminal
      50% [####-----] 2/4 checks, 1 failed, 2 running"""
NARROWER = """
     FAIL [ <time>] gw<n>  test    test_it.py::test_wrong
.
[ <s>] test_it.py::test_layers
[ <s>] ..._one_with_a_name_that_does_not_fit_into_a_narrow_terminal
      50% [####-----] 2/4 checks, 1 failed, 2 running"""
WIDE = """
     FAIL [ <time>] gw<n>  test    test_it.py::test_wrong

 <s> [         ] gw<n>  review  test_it.py::test_layers
 <s> [         ] gw<n>  test    test_it.py::test_a_long_one_with_a_name_that_does_not_fit_into_a_narrow_terminal
      50% [####-----] 2/4 checks, 1 failed, 2 running"""
NARROW = """
     FAIL [ <time>] gw<n>  test
  test_it.py::test_wrong
.
[ <s>] test_it.py::test_layers
[ <s>] ..._fit_into_a_narrow_terminal
2/4 checks, 1 failed, 2 running"""
WAITING = ["test_layers", "narrow_terminal", "1 failed, 2 running"]


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Path:
    pytester.makepyfile(test_it=SUITE)
    return pytester.path


def redacted(text: str) -> str:
    text = re.sub(r" *\d+\.\d{3}s", " <time>", text)
    text = re.sub(r"\bgw\d", "gw<n>", text)
    text = re.sub(r" *\d+ s\b", " <s>", text)
    return re.sub(r" +\[ \d+%\]$", "", text, flags=re.MULTILINE)


def ends(screen: Screen, expected: str) -> bool:
    shown = redacted("\n".join(screen.lines))
    assert shown.splitlines()[-expected.count("\n") :] == expected.splitlines()[1:]
    return True


def wait_for_area(run: TerminalRun) -> None:
    run.until(lambda text: all(part in text.split("test_wrong\n")[-1] for part in WAITING))


@pytest.mark.slow
def test_the_area_is_redrawn_in_place_and_removed(suite: Path) -> None:
    with at_terminal(suite, ARGS) as run:
        wait_for_area(run)
        assert ends(run.screen, USUAL)
        run.resize(70, 24)
        run.until(lambda text: redacted(text).endswith(NARROWER))
        run.resize(80, 24)
        run.until(lambda text: redacted(text).endswith(USUAL))
        (suite / "go").touch()
        exit_code = run.end()
    shown = redacted(run.screen.text)
    assert "a test writes to the terminal" in shown
    assert "running" not in shown
    assert re.search(r"\n\.? +\[100%\]\n=+ FAILURES", shown)
    assert exit_code == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "rows", "options", "expected"), [(200, 50, ["-v", "--color=no"], WIDE), (40, 20, [], NARROW)]
)
def test_wide_and_narrow_screens(suite: Path, columns: int, rows: int, options: list[str], expected: str) -> None:
    with at_terminal(suite, [*ARGS, *options], columns=columns, rows=rows) as run:
        wait_for_area(run)
        assert ends(run.screen, expected)
        (suite / "go").touch()
        assert run.end() == 1


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_removes_the_area(suite: Path, signum: signal.Signals) -> None:
    with at_terminal(suite, ARGS) as run:
        wait_for_area(run)
        run.process.send_signal(signum)
        assert run.end() == 2
    assert "2 running" not in run.screen.text
    assert "interrupted: test_it.py::test_layers" in run.screen.text


@pytest.mark.slow
def test_a_killed_run_leaves_a_usable_terminal(suite: Path) -> None:
    with at_terminal(suite, ARGS) as run:
        wait_for_area(run)
        run.process.kill()
        run.end()
        run.screen.feed(b"\r\n$ ls " + b"x" * 80 + b"\x1b[J")
    assert run.screen.is_usual
    assert run.screen.lines[-2:] == ["$ ls " + "x" * 75, "x" * 5]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "env"),
    [
        ([], {"TERM": "dumb"}),
        ([], {"CI": "true"}),
        (["-s"], {}),
        (["-q"], {}),
        (["-o", "console_output_style=classic"], {}),
        (["-n0"], {}),
    ],
)
def test_nothing_is_redrawn_where_that_is_not_wanted(suite: Path, options: list[str], env: dict[str, str]) -> None:
    (suite / "go").touch()
    with at_terminal(suite, [*ARGS, *options], env=env) as run:
        assert run.end() == 1
    assert b"\x1b[J" not in run.written
    assert b"\x1b7" not in run.written


@pytest.mark.slow
def test_a_pipe_gets_a_line_when_nothing_else_comes(suite: Path) -> None:
    command = [sys.executable, "-m", "pytest", *LIGHT, *ARGS, "--color=yes"]
    with subprocess.Popen(command, cwd=suite, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = ""
        for line in process.stdout:
            output += line
            if "still running" in line:
                (suite / "go").touch()
        process.wait(PATIENCE)
    said = re.findall(r"^  still running after \d+ s: gw\d \S+ \(\d+\.\d s\), gw\d\n?", output, re.MULTILINE)
    assert len(said) == 1, output
    assert "2 of 4 checks done" in output
    assert "\x1b7" not in output
