from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.interpretation import interpret
from tests.unit.tools.shell import Shell, said


def test_a_command_passes_by_its_exit_code(shell: Shell) -> None:
    assert shell.interpret(said()) == Evidence()


def test_findings_without_a_rule_have_the_name_of_the_check(shell: Shell) -> None:
    assert shell.interpret(said(3)).findings == (Finding(rule="tool", level=Level.ERROR, message="exit code 3"),)


def test_measurements_pass_through(shell: Shell) -> None:
    measurement = '{"name": "n", "calls": 1, "cpu_seconds": 1, "wall_seconds": 1, "peak_bytes": 5}'

    evidence = shell.interpret(said(stdout=f'{{"measurements": [{measurement}]}}'), format="findings")

    assert [measured.peak_bytes for measured in evidence.measurements] == [5]


def test_a_signal_breaks_the_tool(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: ended by SIGKILL"):
        shell.interpret(said(-signal.SIGKILL))


def test_an_exit_code_that_is_no_verdict_breaks_the_tool(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^ruff: bad flag \(broke off with exit code 2\)\n--- stderr\nbad flag$"):
        interpret(shell.spec_of("ruff"), said(2, stderr="bad flag\n"), root=shell.root)


def test_unreadable_output_breaks_the_tool_and_is_shown(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: its output cannot be read: .*, exit code 0\n--- stdout\nhello$"):
        shell.interpret(said(stdout="hello\n"), format="sarif")


def test_a_path_that_cannot_be_breaks_the_tool(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: .*null (byte|character).*, exit code 1\n--- stdout"):
        shell.interpret(said(1, stdout=r'[{"message": "m", "path": "a\u0000b"}]'), format="findings")


@pytest.mark.parametrize("form", ["sarif", "gitlab", "findings"])
@pytest.mark.parametrize("exit_code", [0, 3])
def test_no_output_at_all_is_reported_after_the_exit_code(form: str, exit_code: int, shell: Shell) -> None:
    problem = rf"it printed nothing on its standard output, exit code {exit_code}"
    told = rf"^tool: no network \({problem}\)\n--- stderr\nno network$"
    with pytest.raises(BrokenTool, match=told):
        shell.interpret(said(exit_code, stdout="\n", stderr="no network"), format=form)


@pytest.mark.parametrize(
    ("keys", "stdout"), [({"format": "regex", "pattern": "x"}, "all is lost"), ({"format": "findings"}, "[]")]
)
def test_a_bad_exit_code_without_findings_breaks_the_tool(keys: dict[str, str], stdout: str, shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: .*exit code 1, yet it names no finding"):
        shell.interpret(said(1, stdout=stdout), **keys)


def test_a_last_line_without_end_is_quoted_in_part(shell: Shell) -> None:
    (finding,) = shell.interpret(said(1, stdout="x" * 1_000_000)).findings

    assert len(finding.message) < 4_000


def test_paths_of_findings_are_seen_from_the_root(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    for name in ("packages/core/a.py", "packages/core/sub/b.py", "common/c.py"):
        (shell.root / name).parent.mkdir(parents=True, exist_ok=True)
        (shell.root / name).touch()
    paths = ["a.py", "sub/b.py", "../../common/c.py", "common/c.py", str(shell.root / "packages/core/a.py"), "new.py"]
    lines = "\n".join(f'{{"message": "m", "path": "{path}"}}' for path in paths)
    spec = spec_of(command=["x"], format="jsonlines", cwd="packages/{}", each=["core"])

    found = interpret(spec, said(1, stdout=lines), root=shell.root, chosen="core").findings

    assert [finding.path for finding in found] == [
        "packages/core/a.py",
        "packages/core/sub/b.py",
        "common/c.py",
        "common/c.py",
        "packages/core/a.py",
        "packages/core/new.py",
    ]


@pytest.mark.parametrize("stdout", ["3 problems", "Checked 5 files\nall good"])
def test_a_pattern_that_matches_nothing_breaks_the_tool(shell: Shell, stdout: str) -> None:
    keys = {"format": "regex", "pattern": r"(?P<path>.+):(?P<line>\d+): .*"}

    with pytest.raises(BrokenTool, match=r"^tool: its pattern matches nothing of what it printed"):
        shell.interpret(said(stdout=stdout), **keys)

    assert shell.interpret(said(stdout=stdout), optional=True, **keys) == Evidence()
    assert shell.interpret(said(stdout="\n"), **keys) == Evidence()


def test_the_words_of_a_clean_run(shell: Shell) -> None:
    keys = {"format": "regex", "pattern": "bad: .*", "clean": "^all good$"}

    assert shell.interpret(said(stdout="Checked 5 files\nall good"), **keys) == Evidence()
    with pytest.raises(BrokenTool, match="matches nothing"):
        shell.interpret(said(stdout="not all good"), **keys)


@pytest.mark.parametrize(
    "stderr",
    [
        "warning: No Python files found under the given path(s)",
        "No Python files are present to be formatted. Nothing to do",
        "WARN No python files found under the given path(s)",
        "0 files checked",
        '    "filesAnalyzed": 0,',
    ],
)
def test_a_command_that_passes_for_want_of_files_breaks(shell: Shell, stderr: str) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: it judged nothing: "):
        shell.interpret(said(stderr=f"starting\n{stderr}\nAll checks passed!\n"))
    with pytest.raises(pytest.skip.Exception, match="it judged nothing"):
        shell.interpret(said(stderr=stderr), optional=True)


@pytest.mark.parametrize("stdout", ["10 files checked", "Found 0 errors in 3 files", "it had no files found bad"])
def test_a_command_that_has_judged_something(shell: Shell, stdout: str) -> None:
    assert shell.interpret(said(stdout=f"{stdout}\n")) == Evidence()
