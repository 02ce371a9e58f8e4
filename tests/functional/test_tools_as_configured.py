"""Real tools in projects that configure them: the check reports what the tool reports, and leaves the project
as it is.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.functional.runs import configure, refused, run_agents
from tests.functional.test_commands import rules, say


@pytest.mark.slow
def test_settings_of_the_tools_own(pytester: pytest.Pytester) -> None:
    """A linter that is set to fix, and a type checker that prints a note about its settings among its JSON."""
    fixable = "import os\n"
    pytester.makepyfile(**{"src/a": fixable})
    configure(
        pytester,
        '[.agents.ruff]\npaths = ["src"]\n[.agents.mypy]\npaths = ["src"]\n'
        "[tool.ruff]\nfix = true\n[tool.mypy]\nwarn_unused_configs = true\n"
        '[[tool.mypy.overrides]]\nmodule = "gone.*"\nignore_errors = true\n',
    )

    run = run_agents(pytester, "--junitxml=junit.xml", "-o", "junit_logging=all")

    assert run.outcomes == {"ruff": "failed", "mypy": "passed"}
    assert rules(run, "ruff") == [("F401", "src/a.py", 1)]
    assert (pytester.path / "src/a.py").read_text("utf-8") == fixable.strip()
    assert "unused section(s)" in (pytester.path / "junit.xml").read_text("utf-8")


def test_a_failed_tool_is_a_failed_check_whatever_its_findings_are_called(pytester: pytest.Pytester) -> None:
    region = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 2}}}
    result = {"ruleId": "api-key", "message": {"text": "a secret"}, "locations": [region]}
    sarif = json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan"}}, "results": [result]}]})
    configure(
        pytester,
        f'[.agents.scan]\ncommand = {say(sarif, 1)}\nformat = "sarif"\n'
        f'[.agents.content]\ncommand = {say(sarif)}\nformat = "sarif"\n'
        '[.agents.nothing]\ntool = "ruff"\npaths = ["empty"]\n'
        '[.agents.spare]\ntool = "ruff"\npaths = ["empty"]\noptional = true\n',
    )
    pytester.mkdir("empty")

    run = run_agents(pytester)

    assert run.outcomes == {"scan": "failed", "content": "passed", "nothing": "error", "spare": "skipped"}
    assert "warning api-key: a secret" in run.check("scan")["message"]
    assert run.check("nothing")["message"].startswith("nothing: No Python files found under the given path(s)")
    assert run.check("spare")["message"].startswith("Skipped: No Python files found")


def test_every_package_is_judged_by_its_own_settings(pytester: pytest.Pytester) -> None:
    for package, rule in (("core", "F401"), ("cli", "E731")):
        folder = pytester.path / "packages" / package
        folder.mkdir(parents=True)
        (folder / "ruff.toml").write_text(f'lint.select = ["{rule}"]\n', "utf-8")
        (folder / "it.py").write_text("import os\nf = lambda: 1\n", "utf-8")
    script = (
        "import os, pathlib; pathlib.Path('out.json').write_text(os.environ['FOUND']); print(os.environ['A_TOKEN'])"
    )
    configure(
        pytester,
        '[.agents.ruff]\neach = ["packages/*"]\ncwd = "{}"\n'
        f'[.agents.own]\ncommand = ["python", "-c", {json.dumps(script)}]\nformat = "findings"\n'
        'each = ["packages/*"]\ncwd = "{}"\noutput-file = "out.json"\n'
        """env = { A_TOKEN = "not-to-be-seen", FOUND = '[{"message": "not-to-be-seen", "path": "it.py"}]' }\n""",
    )

    run = run_agents(pytester)

    assert rules(run, "ruff[packages/core]") == [("F401", "packages/core/it.py", 1)]
    assert rules(run, "ruff[packages/cli]") == [("E731", "packages/cli/it.py", 2)]
    assert rules(run, "own[packages/cli]") == [("own", "packages/cli/it.py", None)]
    assert "***" in run.stdout
    assert "not-to-be-seen" not in run.stdout + json.dumps(run.report)


def test_a_string_is_not_given_to_a_shell(pytester: pytest.Pytester) -> None:
    commands = ("echo build && false", "echo found | grep -q nothing", "cat > never.txt", "echo $HOME", "A=1 true")
    configure(pytester, "".join(f"[.agents.c{number}]\ncommand = '{text}'\n" for number, text in enumerate(commands)))

    faults = refused(pytester)

    assert len(faults) == len(commands)
    assert all('write ["sh", "-c", "' in fault for fault in faults)
    assert not (pytester.path / "never.txt").exists()


@pytest.mark.slow
def test_a_check_that_changes_files_runs_beside_no_other(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"src/a": "import os\n"}, test_a="import time\n\ndef test_it(): time.sleep(0.2)\n")
    configure(
        pytester,
        '[.agents.ruff]\nargs = ["--fix"]\npaths = ["src"]\n'
        '[.agents.mypy]\npaths = ["src"]\n[.agents.reader]\ncommand = "true"\nreads = ["src/"]\n',
    )

    run = run_agents(pytester, "-n3")

    assert run.outcomes == {"ruff": "passed", "mypy": "passed", "reader": "passed", "test_it": "passed"}
    assert "import os" not in (pytester.path / "src/a.py").read_text("utf-8")
    fixing = run.check("ruff")
    others = [check for check in run.report["checks"] if check["name"] != "ruff"]
    assert all(check["stop"] <= fixing["start"] or check["start"] >= fixing["stop"] for check in others)
    assert [conflict["resource"] for conflict in run.conflicts] == ["src/"]


@pytest.mark.slow
def test_a_daemon_serves_the_next_run(pytester: pytest.Pytester) -> None:
    """It is named, and the socket that it listens at in its check's temporary folder is still there."""
    pytester.makepyfile(**{"src/a": "x: int = 1\n"})
    configure(pytester, '[.agents.types]\ncommand = ["dmypy", "run", "--", "src"]\n')

    try:
        first, second = run_agents(pytester, "-n1"), run_agents(pytester, "-n1")
        daemon = json.loads((pytester.path / ".dmypy.json").read_text("utf-8"))
    finally:
        pytester.run(Path(sys.executable).with_name("dmypy"), "kill")

    assert [run.outcomes for run in (first, second)] == [{"types": "passed"}] * 2
    assert f"left behind a detached process {daemon['pid']}" in first.stdout
    assert "LeakWarning" not in second.stdout
    shutil.rmtree(Path(daemon["connection_name"]).parents[1], ignore_errors=True)
