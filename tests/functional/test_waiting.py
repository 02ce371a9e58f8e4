"""Commands that wait for somebody else, as reviews by language models do: what they read, what they may not tell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents

KEY = "sk-test-0815-4711-abcdef"

LEAKY = """
import base64, json, os, sys
key = os.environ["REVIEWER_API_KEY"]
print("using", key, file=sys.stderr)
print(base64.b64encode(b"user:" + key.encode()).decode(), file=sys.stderr)
if sys.argv[1] == "finds":
    print(json.dumps([{"message": f"no {key} here", "rule": key, "path": f"src/{key}.py"}]))
elif sys.argv[1] == "mumbles":
    print("x" * 2990 + key + " is not JSON")
else:
    raise SystemExit(key)
"""

PYTHON = """
import os, subprocess, pytest

@pytest.mark.agent("review")
def test_finds(findings):
    findings.add(f"no {os.environ['REVIEWER_API_KEY']} here", level="note")

def test_leaves():
    subprocess.Popen(["sh", "-c", "sleep 600; exit", os.environ["REVIEWER_API_KEY"]])
"""


def script(pytester: pytest.Pytester, text: str) -> str:
    """A tool, as TOML: its program and script without what is to follow them."""
    (pytester.path / "tool.py").write_text(text)
    return json.dumps([sys.executable, "tool.py"])[:-1]


def everything(run: AgentsRun, pytester: pytest.Pytester) -> str:
    """All that a run has told anybody."""
    return run.stdout + run.stderr + json.dumps(run.report) + (pytester.path / "junit.xml").read_text("utf-8")


def test_no_key_reaches_a_report(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWER_API_KEY", KEY)
    pytester.makepyfile(PYTHON)
    tool = script(pytester, LEAKY)
    configure(
        pytester,
        f'[.agents.finds]\ncommand = {tool}, "finds"]\nformat = "findings"\n'
        f'[.agents.mumbles]\ncommand = {tool}, "mumbles"]\nformat = "findings"\n'
        f'[.agents.fails]\ncommand = {tool}, "fails"]\n'
        f'[.agents.gone]\ncommand = "{KEY}/tool"\n',
    )
    run = run_agents(pytester, "--junitxml=junit.xml", "-o", "junit_logging=all", "-v", "-rA")
    commands = {"finds": "failed", "mumbles": "error", "fails": "failed", "gone": "error"}
    assert run.outcomes == commands | {"test_finds": "passed", "test_leaves": "passed"}
    (found,) = run.check("finds")["findings"]
    assert (found["message"], found["rule"], found["path"]) == ("no *** here", "***", "src/***.py")
    assert run.check("test_finds")["findings"][0]["message"] == "no *** here"
    assert run.check("fails")["message"].endswith("exit code 1: ***")
    assert "sh -c 'sleep 600; exit' ***" in run.check("test_leaves")["notes"][0]
    told = everything(run, pytester)
    assert "4711" not in told
    assert "NDcxMS" not in told, "the same in base64"


@pytest.fixture
def repository(pytester: pytest.Pytester) -> Path:
    """A repository with one commit, which knows a revision `origin/main`."""
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.org"]
    pytester.makepyfile(**{"src/a": "old", "src/b": "old"})
    for path in (pytester.path / "src").iterdir():
        path.write_text("old\n")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-mfirst"], ["branch", "origin/main"]):
        subprocess.run([*git, *words], cwd=pytester.path, check=True)
    return pytester.path


ECHO = """
import json, sys
print(json.dumps([{"message": line, "level": "note"} for line in sys.stdin.read().splitlines() if line[:3] != "ind"]))
"""


def test_a_prompt_and_the_changes_of_each_file(pytester: pytest.Pytester, repository: Path) -> None:
    (repository / "src" / "a.py").write_text("new\n")
    (repository / "prompt.md").write_text("Review this change.\n")
    tool = script(pytester, ECHO)
    configure(
        pytester,
        f'[.agents.reviewer]\ncommand = {tool}]\nformat = "findings"\ncpus = 0\nstdin = "prompt.md"\n'
        'stdin-diff = "origin/main"\nstdin-diff-paths = ["{}"]\neach = ["src/a.py", "src/b.py"]\n'
        f'[.agents.lost]\ncommand = {tool}]\nformat = "findings"\nstdin = "promt.md"\n'
        f'[.agents.unfetched]\ncommand = {tool}]\nformat = "findings"\nstdin-diff = "origin/next"\n',
    )
    run = run_agents(pytester, "-rs")
    assert run.outcomes == {
        "reviewer[src/a.py]": "passed",
        "reviewer[src/b.py]": "skipped",
        "lost": "error",
        "unfetched": "error",
    }
    said = [found["message"] for found in run.check("reviewer[src/a.py]")["findings"]]
    assert said == [
        *("Review this change.", "", "diff --git a/src/a.py b/src/a.py"),
        *("--- a/src/a.py", "+++ b/src/a.py", "@@ -1 +1 @@", "-old", "+new"),
    ]
    assert run.check("reviewer[src/b.py]")["message"] == "Skipped: nothing has changed since origin/main in src/b.py"
    assert "the command is to read promt.md: No such file" in run.check("lost")["message"]
    assert "git cannot tell what has changed since origin/next" in run.check("unfetched")["message"]
