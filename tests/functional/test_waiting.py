"""Commands that wait for others, as reviews by language models do: their input, and the secrets that they must not
print.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents
from tests.repositories import commit_all

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
    """All output of a run."""
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
    assert "0815-4711" not in told
    assert "LTA4MTUtNDcxMS1h" not in told, "the same in base64"


@pytest.fixture
def repository(pytester: pytest.Pytester) -> Path:
    """A repository with one commit, which knows a revision `origin/main`."""
    pytester.makepyfile(**{"src/a": "old", "src/b": "old", "src/c": "old"})
    for path in (pytester.path / "src").iterdir():
        path.write_text("old\n")
    commit_all(pytester.path, "origin/main")
    return pytester.path


ECHO = """
import json, sys
print(json.dumps([{"message": line, "level": "note"} for line in sys.stdin.read().splitlines() if line[:3] != "ind"]))
"""


UNDONE = """
import json, pathlib
pathlib.Path("src/c.py").write_text("old\\n")
print(json.dumps([{"message": "m", "path": "src/c.py", "line": 1}]))
"""


def test_a_prompt_and_the_changes_of_each_file(pytester: pytest.Pytester, repository: Path) -> None:
    for name in ("a.py", "c.py"):
        (repository / "src" / name).write_text("new\n")
    (repository / "prompt.md").write_text("Review this change.\n")
    (repository / "undone.py").write_text(UNDONE)
    tool = script(pytester, ECHO)
    configure(
        pytester,
        f'[.agents.reviewer]\ncommand = {tool}]\nformat = "findings"\ncpus = 0\nstdin = "prompt.md"\n'
        'stdin-diff = "origin/main"\nstdin-diff-paths = ["{}"]\neach = ["src/a.py", "src/b.py"]\n'
        f'[.agents.lost]\ncommand = {tool}]\nformat = "findings"\nstdin = "promt.md"\n'
        f'[.agents.unfetched]\ncommand = {tool}]\nformat = "findings"\nstdin-diff = "origin/next"\n'
        f"[.agents.undone]\ncommand = [{json.dumps(sys.executable)}, 'undone.py']\nearly = false\n"
        'format = "findings"\nstdin-diff = "origin/main"\nstdin-diff-paths = ["src/c.py"]\n',
    )
    run = run_agents(pytester, "-rs")
    assert run.outcomes == {
        "reviewer[src/a.py]": "passed",
        "reviewer[src/b.py]": "skipped",
        "lost": "error",
        "unfetched": "error",
        "undone": "failed",  # it is judged by the change that it was sent
    }
    said = [found["message"] for found in run.check("reviewer[src/a.py]")["findings"]]
    assert said == [
        *("Review this change.", "", "diff --git a/src/a.py b/src/a.py"),
        *("--- a/src/a.py", "+++ b/src/a.py", "@@ -1 +1 @@", "-old", "+new"),
    ]
    assert run.check("reviewer[src/b.py]")["message"] == "Skipped: nothing has changed since origin/main in src/b.py"
    assert "the command is to read promt.md: No such file" in run.check("lost")["message"]
    assert "git cannot list the changes since origin/next" in run.check("unfetched")["message"]


MOODY = '''
"""A reviewer as unreliable as those that ask a service: what it does the first time is not what it does later."""
import json, pathlib, sys, time

mood = sys.argv[1]
tried = pathlib.Path(f"{mood}.tried")
first = not tried.exists()
tried.touch()
answer = json.dumps({"findings": [{"message": "a name", "path": "a.py", "line": 1, "level": "note"}]}, indent=2)
if mood == "slow":
    time.sleep(0.2)
elif mood == "hangs":
    time.sleep(600)
elif mood == "grave":
    answer = answer.replace("note", "error")
elif mood == "talks":
    answer = f"I have read it all.\\n\\n```json\\n{answer}\\n```\\n\\nShall I mend it?"
elif mood == "breaks off" and first:
    answer = f"```json\\n{answer[:40]}"
elif mood == "is overloaded" and first:
    print("429: try again later", file=sys.stderr)
    raise SystemExit(1)
elif mood == "is stubborn":
    answer = "I would rather not."
print(answer)
'''
OUTCOMES = {
    "slow": "passed",
    "talks": "passed",
    "breaks off": "passed",
    "is overloaded": "passed",
    "grave": "failed",
    "is stubborn": "error",
    "hangs": "timed_out",
}


@pytest.mark.slow
def test_a_moody_reviewer(pytester: pytest.Pytester) -> None:
    tool = script(pytester, MOODY)
    keys = 'format = "findings"\ncpus = 0\nretries = 2\nretry-pause = 0.01\ntimeout = 60\n'
    tables = [f'[.agents."{mood}"]\ncommand = {tool}, "{mood}"]\n{keys}' for mood in OUTCOMES]
    configure(pytester, "".join(tables).removesuffix("60\n") + "0.5\n")
    run = run_agents(pytester)
    assert run.outcomes == OUTCOMES
    attempts = {name: [each["outcome"] for each in run.check(name)["attempts"]] for name in OUTCOMES}
    assert attempts == {
        "slow": ["passed"],
        "talks": ["passed"],
        "breaks off": ["error", "passed"],
        "is overloaded": ["error", "passed"],
        "grave": ["failed"],
        "is stubborn": ["error"] * 3,
        "hangs": ["timed_out"] * 3,
    }
    first, _ = run.check("is overloaded")["attempts"]
    assert "429: try again later" in first["message"]
    assert "its output cannot be read" in run.check("breaks off")["attempts"][0]["message"]
    assert "I would rather not." in run.check("is stubborn")["message"]
    assert "time limit" in run.check("hangs")["message"]
    found = {name: len(run.check(name)["findings"]) for name in OUTCOMES}
    assert found == dict.fromkeys(OUTCOMES, 1) | {"is stubborn": 0, "hangs": 0}


def test_what_waits_runs_beside_what_computes(pytester: pytest.Pytester) -> None:
    """Ten commands that compute nothing wait for each other and for a test that keeps the only CPU."""
    meet = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).touch()
while len(list(pathlib.Path().glob("here-*"))) < 11:
    time.sleep(0.01)
"""
    (pytester.path / "meet.py").write_text(meet)
    pytester.makepyfile("""
        import subprocess, sys
        def test_computes():
            subprocess.run([sys.executable, "meet.py", "here-test"], check=True)
    """)
    inputs = [f"here-{number}" for number in range(10)]
    command = json.dumps([sys.executable, "meet.py", "{}"])
    configure(pytester, f"[.agents.waits]\ncommand = {command}\ncpus = 0\ntimeout = 60\neach = {json.dumps(inputs)}\n")
    run = run_agents(pytester, "-n1")
    assert set(run.outcomes.values()) == {"passed"}
    assert len(run.workers()) == 11


JUDGE = """
import os, pathlib, sys, time

def judge(path):
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).touch()
    while len(list(pathlib.Path().glob("gw?"))) < 2: time.sleep(0.01)  # or one would have done all that is so short
    time.sleep(0.02)
    assert "bad" not in pathlib.Path(path).read_text(), path

if __name__ == "__main__":
    judge(sys.argv[1])
"""
FUNCTIONS = """
import pytest
from judge import judge

@pytest.mark.agent("review")
@pytest.mark.parametrize("path", [f"src/f{number}.py" for number in range(6)])
def test_functions(path):
    judge(path)
"""


def test_homogeneous_work_spreads_over_the_workers_and_no_input_hides_another(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{f"src/f{number}": "bad" if number == 1 else "good" for number in range(6)})
    pytester.makepyfile(judge=JUDGE, test_judge=FUNCTIONS)
    command = json.dumps([sys.executable, "judge.py", "{}"])
    configure(pytester, f'[.agents.commands]\ncommand = {command}\neach = ["src/*.py"]\nearly = false\n')
    run = run_agents(pytester)
    for name in ("commands", "test_functions"):
        outcomes = {f"{name}[src/f{number}.py]": "passed" for number in range(6)}
        outcomes[f"{name}[src/f1.py]"] = "failed"
        assert {each: outcome for each, outcome in run.outcomes.items() if each.startswith(name)} == outcomes
        assert len(run.workers(*outcomes)) == 2
