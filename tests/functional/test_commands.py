"""Commands as checks: real tools through their adapters, the formats, and what happens when a tool is of no use."""

from __future__ import annotations

import json
import os
import re
import sys

import pytest

from benchmarks import junit
from tests.functional.runs import LIGHT, AgentsRun, configure, run_agents


def say(text: str, code: int = 0) -> str:
    """A command, as TOML, that prints `text` and exits with `code`."""
    program = f"import sys; print({text!r}); sys.exit({code})"
    return json.dumps([sys.executable, "-c", program])


def rules(run: AgentsRun, name: str) -> list[tuple[str, str, int | None]]:
    return [(found["rule"], found["path"], found["line"]) for found in run.check(name)["findings"]]


@pytest.mark.slow
def test_real_tools(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        **{"src/shop": "import os\nimport subprocess\n\ndef total() -> int:\n    return 'x'\n\nassert total()\n"}
    )
    tables = "".join(f'[.agents.{tool}]\npaths = ["src"]\n' for tool in ("mypy", "bandit", "ruff"))
    configure(pytester, tables + 'args = ["--select=F401"]\n')
    run = run_agents(pytester, "-n3")
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert run.outcomes == {"ruff": "failed", "mypy": "failed", "bandit": "failed"}
    assert set(rules(run, "ruff")) == {("F401", "src/shop.py", 1), ("F401", "src/shop.py", 2)}
    assert rules(run, "mypy") == [("return-value", "src/shop.py", 5)]
    assert {"B404", "B101"} <= {rule for rule, _, _ in rules(run, "bandit")}
    assert {found["check"] for found in run.check("mypy")["findings"]} == {"pyproject.toml::mypy"}
    assert run.conflicts == []


@pytest.mark.slow
def test_clean_code_passes_the_real_tools(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"src/shop": "def total() -> int:\n    return 1\n"})
    configure(pytester, '[.agents.ruff]\npaths = ["src"]\n[.agents.types]\ntool = "mypy"\npaths = ["src"]\n')
    run = run_agents(pytester)
    assert (run.exit_code, run.outcomes) == (0, {"ruff": "passed", "types": "passed"})


def test_formats(pytester: pytest.Pytester) -> None:
    found = {"rule": "r", "level": "error", "message": "m", "path": "a.py", "line": 3}
    gitlab = {
        "description": "m",
        "check_name": "r",
        "fingerprint": "f",
        "severity": "major",
        "location": {"path": "a.py", "lines": {"begin": 3}},
    }
    region = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}
    result = {"ruleId": "r", "level": "error", "message": {"text": "m"}, "locations": [region]}
    sarif = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [result]}]}
    texts = {
        "findings": json.dumps({"findings": [found]}),
        "jsonlines": json.dumps(found),
        "gitlab": json.dumps([gitlab]),
        "sarif": json.dumps(sarif),
        "regex": "a.py:3: m [r]",
    }
    pattern = r"pattern = '(?P<path>.+):(?P<line>\d+): (?P<message>.+) \[(?P<rule>.+)\]'"
    tables = [
        f'[.agents.{name}]\ncommand = {say(text, 1)}\nformat = "{name}"\nfail-on = "note"\n'
        for name, text in texts.items()
    ]
    configure(pytester, "".join([*tables, pattern]))
    run = run_agents(pytester)
    assert run.outcomes == dict.fromkeys(texts, "failed")
    assert {name: rules(run, name) for name in texts} == {name: [("r", "a.py", 3)] for name in texts}


@pytest.mark.slow
def test_findings_below_fail_on_are_reported_and_pass(pytester: pytest.Pytester) -> None:
    found = json.dumps({"rule": "r", "level": "warning", "message": "m", "path": "a.py", "line": 3})
    configure(
        pytester,
        f'[.agents.lax]\ncommand = {say(found)}\nformat = "jsonlines"\n'
        f'[.agents.failing]\ncommand = {say(found, 1)}\nformat = "jsonlines"\n'
        f'[.agents.overruled]\ncommand = {say(found, 1)}\nformat = "jsonlines"\nfail-on = "error"\n'
        f'[.agents.stern]\ncommand = {say(found, 1)}\nformat = "jsonlines"\nfail-on = "warning"\n',
    )
    pytester.makepyfile("""
        import pytest

        @pytest.mark.agent("review")
        @pytest.mark.parametrize("level", ["note", "warning", "error"])
        def test_it(findings, level):
            findings.add("m", level="warning")
            findings.fail_on(level)
    """)
    run = run_agents(pytester)
    assert run.outcomes == {
        "lax": "passed",
        "failing": "failed",
        "overruled": "passed",
        "stern": "failed",
        "test_it[note]": "failed",
        "test_it[warning]": "failed",
        "test_it[error]": "passed",
    }
    assert len(run.check("lax")["findings"]) == 1
    assert [run.check(name)["notes"] for name in ("lax", "failing")] == [[], []]
    assert run.check("overruled")["notes"] == [
        'the tool itself failed: exit code 1, 1 finding, none at or above fail-on = "error"'
    ]
    assert "pyproject.toml::overruled the tool itself failed: exit code 1, 1 finding" in run.stdout


def test_each_input_is_a_check(pytester: pytest.Pytester) -> None:
    command = json.dumps([sys.executable, "-c", "import sys; sys.exit(sys.argv[1] == 'cli')", "{}"])
    configure(pytester, f'[.agents.rules]\ncommand = {command}\neach = ["core", "cli", "io"]\n')
    run = run_agents(pytester)
    assert run.nodeids == [f"pyproject.toml::rules[{name}]" for name in ("core", "cli", "io")]
    assert run.outcomes == {"rules[core]": "passed", "rules[cli]": "failed", "rules[io]": "passed"}


@pytest.mark.slow
def test_each_path_of_a_known_tool(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"a/x": "import os", "b/y": "x = 1"})
    configure(pytester, '[.agents.ruff]\neach = ["a", "b"]\n')
    assert run_agents(pytester).outcomes == {"ruff[a]": "failed", "ruff[b]": "passed"}


UNUSABLE = {
    "gone": ('command = "no-such-tool"', "no-such-tool is not installed"),
    "lost": ('tool = "ruff"\npaths = ["no-such-folder"]', "no such path: no-such-folder"),
    "garbled": (f'command = {say("nonsense")}\nformat = "sarif"', "its output cannot be read"),
    "silent": (f'command = {say("", 3)}\nformat = "jsonlines"', "exit code 3, yet it names no finding"),
    "killed": (f"command = {json.dumps(['sh', '-c', 'kill -TERM $$'])}", "ended by SIGTERM"),
    "confused": ('tool = "ruff"\nargs = ["--no-such-flag"]', "broke off with exit code 2"),
}


@pytest.mark.slow
def test_a_tool_that_cannot_do_its_work_is_an_error(pytester: pytest.Pytester) -> None:
    configure(pytester, "".join(f"[.agents.{name}]\n{table}\n" for name, (table, _) in UNUSABLE.items()))
    run = run_agents(pytester, "--junitxml=junit.xml")
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert run.outcomes == dict.fromkeys(UNUSABLE, "error")
    for name, (_, message) in UNUSABLE.items():
        assert message in run.check(name)["message"]
        assert message in run.stdout
        assert f"ERROR pyproject.toml::{name}" in run.stdout
    assert "6 errors" in run.stdout
    assert "Traceback" not in run.stdout
    suite = junit.parse((pytester.path / "junit.xml").read_text("utf-8"))
    assert suite.counts == {"tests": 6, "failures": 0, "errors": 6, "skipped": 0}


@pytest.mark.slow
def test_an_optional_tool_that_is_missing_is_skipped(pytester: pytest.Pytester) -> None:
    configure(pytester, '# a comment\n[.agents.spare]\ncommand = "no-such-tool"\noptional = true\n')
    run = run_agents(pytester, "-rs")
    assert run.exit_code == 0
    assert run.outcomes == {"spare": "skipped"}
    assert run.check("spare")["message"] == "Skipped: no-such-tool is not installed"
    assert "SKIPPED [1] pyproject.toml:3: no-such-tool is not installed" in run.stdout


@pytest.mark.slow
def test_a_command_runs_in_the_root_and_without_input(pytester: pytest.Pytester) -> None:
    program = "import sys, pathlib; assert not sys.stdin.read(); pathlib.Path('here').touch()"
    configure(pytester, f"[.agents.own]\ncommand = {json.dumps([sys.executable, '-c', program])}\n")
    assert run_agents(pytester, "-s").outcomes == {"own": "passed"}
    assert (pytester.path / "here").exists()


@pytest.mark.slow
def test_retries(pytester: pytest.Pytester) -> None:
    program = "import sys, pathlib; p = pathlib.Path('tried'); seen = p.exists(); p.touch(); sys.exit(not seen)"
    command = json.dumps([sys.executable, "-c", program])
    configure(
        pytester,
        f"[.agents.flaky]\ncommand = {command}\nretries = 2\nretry-pause = 0\n"
        '[.agents.bad]\ncommand = "false"\nretries = 2\nretry-pause = 0.01\n',
    )
    run = run_agents(pytester)
    assert run.outcomes == {"flaky": "passed", "bad": "failed"}
    assert [attempt["outcome"] for attempt in run.check("flaky")["attempts"]] == ["failed", "passed"]
    assert [attempt["outcome"] for attempt in run.check("bad")["attempts"]] == ["failed"] * 3
    assert [attempt["message"] for attempt in run.check("flaky")["attempts"]] == [
        "Failed: 1 finding\nerror flaky: exit code 1",
        "",
    ]
    assert re.search(r"FLAKY 2/3 .*\n +first failed: Failed: 1 finding error flaky: exit code 1\n", run.stdout)
    assert "1 failed, 1 passed" in run.stdout


def test_a_time_limit(pytester: pytest.Pytester) -> None:
    command = json.dumps([sys.executable, "-c", "import time; time.sleep(600)"])
    configure(pytester, f'[.agents.hung]\ncommand = {command}\ntimeout = 0.5\n[.agents.fine]\ncommand = "true"\n')
    run = run_agents(pytester)
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert run.outcomes == {"hung": "timed_out", "fine": "passed"}
    assert "time limit" in run.check("hung")["message"]


def test_a_profile_command_measures(pytester: pytest.Pytester) -> None:
    measurement = {"name": "parse", "calls": 12, "cpu_seconds": 0.5, "wall_seconds": 0.75, "peak_bytes": 1024}
    measured = json.dumps({"findings": [], "measurements": [measurement]})
    configure(
        pytester,
        f'[.agents.bench]\nkind = "profile"\ncommand = {say(measured)}\nformat = "findings"\n'
        '[.agents.idle]\nkind = "profile"\ncommand = "true"\n',
    )
    run = run_agents(pytester)
    assert run.outcomes == {"bench": "passed", "idle": "failed"}
    [told] = run.check("bench")["measurements"]
    assert {name: told[name] for name in measurement} == measurement
    assert (told["cpu_share"], told["involuntary_switches"], told["rounds"]) == (0.5 / 0.75, None, None)
    assert "measured nothing" in run.check("idle")["message"]


@pytest.mark.slow
def test_resources_and_order_of_commands(pytester: pytest.Pytester) -> None:
    configure(
        pytester,
        '[.resources]\ndb = 1\n[.agents.first]\ncommand = "true"\nwrites = ["db"]\n'
        '[.agents.second]\ncommand = "true"\nreads = ["db"]\nafter = ["first"]\n',
    )
    run = run_agents(pytester)
    assert run.order == ["first", "second"]
    assert {(found["source"], found["action"]) for found in run.conflicts} == {
        ("resource", "serialized"),
        ("order", "serialized"),
    }


@pytest.mark.slow
def test_the_tools_own_comments_suppress(pytester: pytest.Pytester) -> None:
    marked = {
        "ruff": "import os  # noqa: F401\n",
        "mypy": "x: int = 'text'  # type: ignore[assignment]\n",
        "bandit": "assert __name__  # nosec B101\n",
    }
    tables = "".join(f'[.agents.{tool}]\npaths = ["{tool}_it.py"]\n' for tool in marked)
    configure(pytester, tables)
    for tool, text in marked.items():
        (pytester.path / f"{tool}_it.py").write_text(text)
    run = run_agents(pytester)
    assert run.outcomes == dict.fromkeys(run.outcomes, "passed")
    assert [check["findings"] for check in run.report["checks"]] == [[], [], []]
    for tool, text in marked.items():
        (pytester.path / f"{tool}_it.py").write_text(text.partition("  #")[0] + "\n")
    run = run_agents(pytester)
    found = {check["name"]: [finding["rule"] for finding in check["findings"]] for check in run.report["checks"]}
    assert found == {"ruff": ["F401"], "mypy": ["assignment"], "bandit": ["B101"]}


def test_text_of_a_command_for_people_is_shown(pytester: pytest.Pytester) -> None:
    program = "import sys; print(sys.argv[1]); print('mind', sys.argv[2], file=sys.stderr); sys.exit(1)"
    command = [sys.executable, "-c", program]
    lines = json.dumps({"message": "m"})
    configure(
        pytester,
        f"[.agents.plain]\ncommand = {json.dumps([*command, 'all that is wrong', 'the gap'])}\n"
        f'[.agents.machine]\ncommand = {json.dumps([*command, lines, "the step"])}\nformat = "jsonlines"\n',
    )
    run = run_agents(pytester, "--junitxml=junit.xml", "-o", "junit_logging=all")
    assert run.outcomes == {"plain": "failed", "machine": "failed"}
    suite = (pytester.path / "junit.xml").read_text("utf-8")
    for told in (run.stdout, suite):
        assert told.count("all that is wrong") == 1
        assert "mind the gap" in told
        assert "mind the step" in told
    assert "Captured stdout setup" in run.stdout
    assert lines not in run.stdout


@pytest.mark.slow
def test_what_two_tools_found_at_one_place_is_reported_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"src/shop": f"import os\nTOTAL = {'1 + ' * 40}1\n"})
    pylint = "src/shop.py:2:0: C0301: Line too long (170/100) (line-too-long)"
    pattern = r"(?P<path>.+):(?P<line>\d+):\d+: \w+: (?P<message>.+) \((?P<rule>.+)\)"
    configure(
        pytester,
        '[.agents.ruff]\npaths = ["src"]\nargs = ["--select=E501,F401"]\n'
        f"[.agents.pylint]\ncommand = {say(pylint, 28)}\nformat = \"regex\"\npattern = '{pattern}'\n",
    )
    run = run_agents(pytester)
    assert run.outcomes == {"ruff": "failed", "pylint": "failed"}
    (cause,) = run.report["causes"]
    assert [clue["what"].partition(" Line too long")[0] for clue in cause["evidence"]] == [
        "pylint + ruff:",
        "ruff: `os` imported but unused [F401]",
    ]
    assert rules(run, "pylint") == [("line-too-long", "src/shop.py", 2)]
    assert ("E501", "src/shop.py", 2) in rules(run, "ruff")


@pytest.mark.slow
def test_a_project_that_cannot_be_written(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everything, unless the file system forbids it."""
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))
    obedient = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
    project = pytester.mkdir("project")
    pytester.makefile(
        ".toml",
        **{"project/pyproject": f"[tool.pytest-parallel-agents.agents]\nx = {{ command = {say('')} }}\nruff = {{}}\n"},
    )
    pytester.makepyfile(**{"project/shop": "import os\n"})
    project.chmod(0o555)

    result = pytester.run(
        *obedient, sys.executable, "-m", "pytest", *LIGHT, "--agents", "-n2", f"--rootdir={project}", "project"
    )

    project.chmod(0o755)
    result.assert_outcomes(passed=1, failed=1, warnings=result.parseoutcomes().get("warnings", 0))
    assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml", "shop.py"]
