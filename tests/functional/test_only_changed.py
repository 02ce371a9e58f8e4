"""Checks that judge what has changed: files as paths, or findings in them, or findings on changed lines."""

from __future__ import annotations

import json
import sys

import pytest

from tests.functional.runs import AgentsRun, configure, refused, run_agents
from tests.repositories import commit_all, git

UNUSED = "import os\n"
WRONG = 'def f() -> int:\n    return "x"\n'
TELL = "import json, sys; print(json.dumps([{'message': path, 'path': path} for path in sys.argv[1:]]))"


def found(run: AgentsRun, name: str) -> set[tuple[str, int | None]]:
    return {(finding["path"], finding["line"]) for finding in run.check(name)["findings"]}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """What is on the branch `start` has findings in each file; a.py and a new file have more of them since."""
    pytester.makepyfile(**{"pkg/a": UNUSED + "TWO = 2\n", "pkg/b": UNUSED + WRONG, "pkg/old": UNUSED, "made/x": UNUSED})
    pytester.makefile(".toml", ruff='extend-exclude = ["made"]\nlint.select = ["F401"]\n')
    commit_all(pytester.path)
    git(pytester.path, "checkout", "--quiet", "-b", "mine")
    pytester.makepyfile(**{"pkg/a": UNUSED + "TWO = 2\nimport sys\n" + WRONG, "pkg/n ew": UNUSED, "made/x": UNUSED * 2})
    (pytester.path / "pkg" / "old.py").unlink()
    return pytester


@pytest.mark.slow
def test_only_what_has_changed_is_judged(project: pytest.Pytester) -> None:
    only = 'only-changed = "start"\n'
    tell = f'command = {json.dumps([sys.executable, "-c", TELL])}\nformat = "findings"\nfail-on = "error"\n'
    configure(
        project,
        f'[.agents.ruff]\npaths = ["pkg", "made"]\n{only}'
        f'[.agents.lines]\ntool = "ruff"\n{only}changed-lines = true\n'
        f'[.agents.mypy]\npaths = ["pkg"]\nargs = ["--explicit-package-bases"]\n{only}'
        f'[.agents.tell]\n{tell}paths = ["pkg", "made"]\n{only}changed-types = ["a.*", "x.*"]\n'
        f"[.agents.whole]\ncommand = {json.dumps([sys.executable, '-c', TELL, 'pkg/b.py', 'pkg/a.py'])}\n"
        f'format = "findings"\n{only}'
        f'[.agents.docs]\n{tell}paths = ["ruff.toml"]\n{only}'
        f'[.agents.unfetched]\n{tell}only-changed = "origin/next"\n',
    )

    run = run_agents(project, "-rs")

    assert run.outcomes == {
        **dict.fromkeys(("ruff", "lines", "mypy", "tell", "whole"), "failed"),
        "docs": "skipped",
        "unfetched": "error",
    }
    assert found(run, "ruff") == {("pkg/a.py", 1), ("pkg/a.py", 3), ("pkg/n ew.py", 1)}
    assert found(run, "lines") == {("pkg/a.py", 3), ("pkg/n ew.py", 1)}
    assert run.check("lines")["notes"] == ["left out: 2 findings on lines that have not changed since start"]
    assert found(run, "mypy") == {("pkg/a.py", 5)}
    assert run.check("mypy")["notes"] == ["left out: 1 finding in files that have not changed since start"]
    assert found(run, "tell") == {("pkg/a.py", None), ("made/x.py", None)}
    assert found(run, "whole") == {("pkg/a.py", None)}
    assert "pyproject.toml::mypy left out: 1 finding in files that have not changed since start" in run.stdout
    assert run.check("docs")["message"].endswith("nothing that it judges has changed since start in ruff.toml")
    assert "nothing that it judges has changed since start in ruff.toml" in run.stdout
    assert "git cannot list the changes since origin/next" in run.stdout


@pytest.mark.slow
def test_what_is_left_out_fails_no_check(project: pytest.Pytester) -> None:
    configure(project, '[.agents.mypy]\npaths = ["pkg"]\nonly-changed = "HEAD"\nargs = ["--explicit-package-bases"]\n')
    git(project.path, "checkout", "--quiet", "pkg/a.py")

    run = run_agents(project)

    assert (run.exit_code, run.outcomes) == (0, {"mypy": "passed"})
    assert run.check("mypy")["notes"] == ["left out: 1 finding in files that have not changed since HEAD"]


def test_wrong_keys_are_named(pytester: pytest.Pytester) -> None:
    configure(
        pytester,
        '[.agents.ruff]\nonly-changed = "--output=x"\n[.agents.ty]\nchanged-lines = true\n'
        '[.agents.mypy]\nonly-changed = "HEAD"\nchanged-types = "*.py"\n',
    )

    faults = refused(pytester)

    assert [fault.partition("tool.pytest-parallel-agents.agents.")[2] for fault in faults] == [
        'ruff.only-changed must be a revision of git, not "--output=x"',
        'ty.changed-lines needs the key only-changed (a revision of git, as in "origin/main")',
        'mypy.changed-types must be a list of strings, not "*.py" (write ["*.py"])',
    ]


def test_changed_files_of_a_command_in_a_folder_of_its_own(project: pytest.Pytester) -> None:
    tell = f'command = {json.dumps([sys.executable, "-c", TELL])}\nformat = "findings"\n'
    configure(
        project,
        '[.agents.ruff]\ncwd = "pkg"\nonly-changed = "start"\n'
        f'[.agents.tell]\n{tell}each = ["pkg", "made"]\ncwd = "{{}}"\npaths = ["."]\nonly-changed = "start"\n',
    )

    run = run_agents(project)

    assert found(run, "ruff") == {("pkg/a.py", 1), ("pkg/a.py", 3), ("pkg/n ew.py", 1)}
    assert found(run, "tell[pkg]") == {("pkg/a.py", None), ("pkg/n ew.py", None)}
    assert found(run, "tell[made]") == {("made/x.py", None)}
