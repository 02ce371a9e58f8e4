"""Programs that answer as language models and their command lines do, each a check of one run."""

from __future__ import annotations

import json
import sys

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents

REVIEWER = """
import json, sys, time
mode, prompt = sys.argv[1], sys.stdin.read()
leak = {"rule": "leak", "level": "error", "path": "b/src/a.py", "line": "2-3", "message": "m"}
found = json.dumps({"findings": [leak]})
clean = '{"findings": []}'
printed = {
    "plain": found,
    "coloured": f"\\x1b[32m{found}\\x1b[0m",
    "fenced": f"Here you go:\\n```json {found}```\\nDone.",
    "echo, then findings": f"user\\n{prompt}\\nassistant\\n{found}",
    "events": "\\n".join(json.dumps(event) for event in [
        {"type": "system"}, {"type": "assistant", "message": {"content": []}}, {"type": "result", "result": found}]),
    "exit code 1": found,
    "clean": clean,
    "echo, then clean": f"user\\n{prompt}\\nassistant\\n{clean}",
    "draft, then clean": f"{found}\\nOn second thought:\\n{clean}",
    "nothing": "",
    "refused": "429 Too Many Requests. Tried:\\n[]",
    "echo, then refused": f"user\\n{prompt}\\nERROR: exceeded retry limit",
    "error in an envelope": json.dumps({"type": "result", "is_error": True, "result": "Rate limit reached"}),
    "half": found[:-5],
    "unknown level": found.replace('"error"', '"high"'),
    "other key": found.replace('"level"', '"severity"'),
    "exit code 130": found,
    "late": clean,
}
print(printed[mode])
sys.stdout.flush()
if mode == "late":
    time.sleep(600)
sys.exit(int(mode.rpartition(" ")[2]) if mode.startswith("exit code") else 0)
"""

PROMPT = """Answer with JSON and no other text:
{"findings": [{"rule": "leak", "level": "warning", "path": "src/shop/cart.py", "line": 12, "message": "..."}]}

If nothing is wrong, answer with
{"findings": []}
"""

FAILED = ("plain", "coloured", "fenced", "echo, then findings", "events", "exit code 1")
PASSED = ("clean", "echo, then clean", "draft, then clean")
REASONS = {
    "nothing": "it printed nothing on its standard output",
    "refused": "it has no answer: 429 Too Many Requests. Tried:",
    "echo, then refused": "it has no answer: ERROR: exceeded retry limit",
    "error in an envelope": "it reports an error: Rate limit reached",
    "half": "it breaks off: ",
    "unknown level": 'findings[0].level is "high", not one of note, warning, error',
    "other key": 'findings[0] has the key "severity", which means nothing here: write "level"',
    "exit code 130": "exit code 130",
}


@pytest.fixture
def run(pytester: pytest.Pytester) -> AgentsRun:
    pytester.makepyfile(reviewer=REVIEWER)
    (pytester.path / "prompt.md").write_text(PROMPT)
    (pytester.path / "src").mkdir()
    (pytester.path / "src" / "a.py").write_text("a = 1\nb = 2\nc = 3\n")
    tables = [
        f"[.agents.{json.dumps(mode)}]\ncommand = [{json.dumps(sys.executable)}, 'reviewer.py', {json.dumps(mode)}]\n"
        f'stdin = "prompt.md"\nformat = "findings"\ncpus = 0\ntimeout = {1 if mode == "late" else 60}\n'
        for mode in (*FAILED, *PASSED, *REASONS, "late")
    ]
    configure(pytester, "\n".join(tables))
    return run_agents(pytester)


@pytest.mark.slow
def test_answers_are_distinguished_from_other_text(run: AgentsRun) -> None:
    assert run.outcomes == {
        **dict.fromkeys(FAILED, "failed"),
        **dict.fromkeys(PASSED, "passed"),
        **dict.fromkeys(REASONS, "error"),
        "late": "timed_out",
    }
    for mode in FAILED:
        (found,) = run.check(mode)["findings"]
        assert (found["path"], found["line"], found["end_line"]) == ("src/a.py", 2, 3)
    assert {mode: reason for mode, reason in REASONS.items() if reason not in run.check(mode)["message"]} == {}
    assert "Traceback" not in run.stdout + run.stderr
