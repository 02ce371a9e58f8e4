"""The same question is not asked twice."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents
from tests.repositories import commit_all

STAND_IN = """#!{python}
import json, os, sys
from pathlib import Path
sys.stdin.read()
with Path(os.environ["ASKED"]).open("a") as asked:
    print(Path(__file__).name, file=asked)
finding = dict(rule="leak", level="warning", path="a.py", line=1, message="m")
answer = {{"type": "result", "is_error": False, "result": json.dumps({{"findings": [finding]}}), "total_cost_usd": 0.2}}
print("no answer" if Path(__file__).name == "broken" else json.dumps(answer))
"""


@pytest.fixture
def asked(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that names each program that was asked."""
    configure(pytester, agents(""))
    (pytester.path / "a.py").write_text("old = 1\n")
    commit_all(pytester.path, "main")
    (pytester.path / "a.py").write_text("new = 1\n")
    folder = pytester.mkdir("bin")
    for name in ("claude", "other", "broken"):
        (folder / name).write_text(STAND_IN.format(python=sys.executable))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("ASKED", str(pytester.path / "bin" / "asked"))
    return folder / "asked"


def agents(fail_on: str) -> str:
    """One known program, a command whose answers are kept, and one that never has a good answer."""
    other = (
        'command = "{}"\nstdin-diff = "main"\nstdin-diff-paths = ["a.py"]\nformat = "findings"\nkeep = true\ncpus = 0\n'
    )
    tables = f"[.agents.claude]\npaths = ['a.py']\n[.agents.other]\n{other.format('other')}{fail_on}[.agents.broken]\n"
    return tables + other.format("broken")


@pytest.mark.slow
def test_the_same_question_is_not_asked_twice(pytester: pytest.Pytester, asked: Path) -> None:
    def run(*args: str) -> tuple[AgentsRun, list[str]]:
        """A run, and which programs it asked."""
        asked.write_text("")
        finished = run_agents(pytester, *args)
        return finished, sorted(asked.read_text().split())

    first, programs = run()
    assert programs == ["broken", "claude", "other"]
    assert first.outcomes == {"claude": "passed", "other": "passed", "broken": "error"}
    assert first.report["run"]["spending"]["cost_usd"] == pytest.approx(0.4)

    configure(pytester, agents('fail-on = "warning"\n'))
    second, programs = run()
    assert programs == ["broken"]
    assert second.outcomes == {"claude": "passed", "other": "failed", "broken": "error"}
    spending = second.report["run"]["spending"]
    assert (spending["answers"], spending["kept"], spending["cost_usd"]) == (2, 2, 0.0)
    assert second.check("claude")["usage"]["kept"]
    (note,) = second.check("claude")["notes"]
    assert note.startswith("kept answer of ")
    assert json.dumps(first.check("claude")["findings"]) == json.dumps(second.check("claude")["findings"])

    assert run("--agents-fresh")[1] == ["broken", "claude", "other"]
    assert run("-p", "no:cacheprovider")[1] == ["broken", "claude", "other"]
    (pytester.path / "a.py").write_text("newer = 1\n")
    assert run()[1] == ["broken", "claude", "other"]
