"""The worked example of docs/llm.md, with a program that answers as a language model does."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.functional.runs import run_agents
from tests.repositories import commit_all

PAGE = (Path(__file__).parents[2] / "docs" / "llm.md").read_text("utf-8")

REVIEWER = """#!{python}
import json, re, sys
said = sys.stdin.read()
_, _, changes = said.partition("diff --git ")
path = re.search("^[+][+][+] b/(.*)$", changes, re.M)[1]
line = int(re.search("^@@ -.* [+]([0-9]+)", changes, re.M)[1])
finding = dict(rule="misleading-name", level="error" if "wrong" in changes else "note", path=path, line=line)
print("I have read it.", "```json", json.dumps(dict(findings=[finding | dict(message="rename it")])), "```", sep="\\n")
"""


pytestmark = pytest.mark.slow


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found[number]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose origin/main has two files, and the program and the prompts of the page."""
    folder = pytester.mkdir("bin")
    (folder / "reviewer").write_text(REVIEWER.format(python=sys.executable))
    (folder / "reviewer").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    (pytester.path / "review.md").write_text(block("markdown"))
    for name in ("src/a.py", "src/deep/b.py", "prompts/security.md", "prompts/concurrency.md", "prompts/wording.md"):
        (pytester.path / name).parent.mkdir(parents=True, exist_ok=True)
        (pytester.path / name).write_text("old = 1\n")
    commit_all(pytester.path, "origin/main")
    return pytester.path


def test_the_first_example(pytester: pytest.Pytester, project: Path) -> None:
    pytester.makepyprojecttoml(block("toml", 2))
    (project / "src" / "a.py").write_text("wrong = 1\n")
    run = run_agents(pytester)
    assert run.outcomes == {"reviewer": "failed"}
    (found,) = run.check("reviewer")["findings"]
    assert (found["path"], found["line"], found["rule"], found["level"]) == ("src/a.py", 1, "misleading-name", "error")
    assert "I have read it." in run.stdout


def test_the_example_with_inputs(pytester: pytest.Pytester, project: Path) -> None:
    resources, table = block("toml", 4).split("\n\n")
    writes = table.splitlines()[-1]
    pytester.makepyprojecttoml(f"{resources}\n{block('toml', 3)}{writes}")
    (project / "src" / "a.py").write_text("new = 1\n")
    run = run_agents(pytester)
    assert run.outcomes == {
        "file-review[src/a.py]": "passed",
        "file-review[src/deep/b.py]": "skipped",
        **{f"expert[{prompt}]": "passed" for prompt in ("security", "concurrency", "wording")},
    }
