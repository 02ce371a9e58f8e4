"""docs/tutorial.md: its files are written, its commands are run, and what it shows is what they print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.runs import run_pytest

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
STEP = re.compile(r"<!-- (write|run): (.+?) -->\n```\w+\n(.*?)```", re.DOTALL)
VARIES = re.compile(r"\b\d+\.\d+ ?s\b|\bgw\d|\[ +|^ +(?=\d)")
"""Seconds, who ran a check, and the padding before seconds."""


@pytest.mark.slow
def test_each_step_does_what_the_page_shows(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    steps = STEP.findall(PAGE)
    assert [step for step, _, _ in steps].count("run") > 1

    for step, what, block in steps:
        if step == "write":
            write(pytester.path / what, block)
            continue
        command, _, shown = block.removeprefix("$ ").partition("\n")
        exit_code, printed = run(pytester, command)
        assert f"exit code {exit_code}" == what, f"{command}\n{printed}"
        assert missing(shown, printed) == [], f"{command}\n{printed}"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def run(pytester: pytest.Pytester, command: str) -> tuple[int, str]:
    """Exit code of a command of the page, and all that it printed."""
    program, *arguments = shlex.split(command)
    if program == "pytest":
        result = run_pytest(pytester, "-n2", *arguments)
        return int(result.ret), f"{result.stdout}\n{result.stderr}"
    script = Path(sys.executable).with_name(program)
    done = subprocess.run([script, *arguments], cwd=pytester.path, capture_output=True, text=True, check=False)
    return done.returncode, f"{done.stdout}\n{done.stderr}"


def missing(shown: str, printed: str) -> list[str]:
    """Lines that the page shows and the command did not print."""
    found = {without_variation(line) for line in printed.splitlines()}
    lines = [line for line in shown.splitlines() if line != "..."]
    assert lines
    return [line for line in lines if without_variation(line) not in found]


def without_variation(line: str) -> str:
    return VARIES.sub("", line)
