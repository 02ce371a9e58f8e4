"""Known programs of language models: how they are asked, and what each shape of their output means."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Evidence, Level
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tool_formats.usage import usage_of
from pytest_parallel_agents.tools.adapters.reviewers import REVIEWERS
from pytest_parallel_agents.tools.asking import run_tool
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from tests.repositories import commit_all
from tests.reviewers import PROGRAMS, Printed, lines

SpecOf = Callable[..., CommandSpec]
ANSWERED = ("good", "fenced", "refused")


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("a = 1\nb = 2\nc = 3\n")
    return tmp_path


def judged(spec: CommandSpec, printed: Printed, root: Path, *, before: str = "", sent: str = "") -> Evidence:
    output = Output(
        exit_code=printed.exit_code, stdout=before + printed.stdout, stderr=before + printed.stderr, sent=sent
    )
    return interpret(spec, output, root=root)


@pytest.mark.parametrize("before", ["", "\x1b[2K\x1b[33mLoading ...\x1b[0m\n"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_each_shape_of_output(name: str, before: str, spec_of: SpecOf, tmp_path: Path) -> None:
    spec, shape = spec_of(name), PROGRAMS[name]
    for answered in ANSWERED:
        (found,) = judged(spec, shape(answered), tmp_path, before=before).findings
        assert (found.path, found.line, found.level) == ("src/a.py", 2, Level.ERROR)
    for broken in ("empty", "error", "limit", "half", "prose"):
        with pytest.raises(BrokenTool) as raised:
            judged(spec, shape(broken), tmp_path, before=before)
        assert (raised.value.pause == pytest.approx(0.02)) is (broken == "limit"), str(raised.value)
    with pytest.raises(pytest.skip.Exception, match=f"{name} is not logged in: "):
        judged(spec, shape("login"), tmp_path, before=before)
    with pytest.raises(BrokenTool, match=f"{name} is not logged in") as raised:
        judged(spec_of(name, optional=False), shape("login"), tmp_path, before=before)
    assert raised.value.hint.startswith(REVIEWERS[name].login)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "coderabbit"])
def test_a_failed_program_counts_for_nothing_whatever_it_has_answered(
    name: str, spec_of: SpecOf, tmp_path: Path
) -> None:
    with pytest.raises(BrokenTool, match="exit code 3"):
        judged(spec_of(name), PROGRAMS[name]("good")._replace(exit_code=3), tmp_path)


@pytest.mark.parametrize("told", ["Not logged in. Please run /login", json.dumps({"error": "Not logged in"})])
def test_what_the_model_or_the_change_tells_about_logins_does_not_skip_the_check(
    told: str, spec_of: SpecOf, tmp_path: Path
) -> None:
    prose = json.dumps({"type": "result", "is_error": False, "result": told})
    with pytest.raises(BrokenTool):
        judged(spec_of("claude"), Printed(prose), tmp_path)
    with pytest.raises(BrokenTool):
        judged(spec_of("codex"), Printed(stderr=f"+{told}\nstream lost\n", exit_code=1), tmp_path, sent=f"+{told}\n")


@pytest.mark.parametrize("name", PROGRAMS)
def test_refused_tools_are_known(name: str) -> None:
    printed = PROGRAMS[name]("refused")
    usage = usage_of(Output(exit_code=0, stdout=printed.stdout, stderr=printed.stderr))

    assert usage is not None
    assert len(usage.refused) == 1


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"type": "finding", "severity": "grave", "fileName": "a", "comment": "m"}, "'grave'"),
        ({"type": "finding", "severity": "major", "fileName": "a"}, "0 letters"),
        ({"type": "status", "status": "reviewing"}, "1 findings, of which 0 were printed"),
    ],
)
def test_what_coderabbit_may_not_leave_out(event: object, problem: str, spec_of: SpecOf, tmp_path: Path) -> None:
    end = {"type": "complete", "status": "review_completed", "findings": 1}
    with pytest.raises(BrokenTool, match=problem):
        judged(spec_of("coderabbit"), Printed(lines(event, end)), tmp_path)
    with pytest.raises(BrokenTool, match="status review_skipped"):
        judged(spec_of("coderabbit"), Printed(lines({"type": "complete", "status": "review_skipped"})), tmp_path)


ECHO = """#!/bin/sh
[ "$1 $2" = "login status" ] && { echo "$STATUS"; exit; }
echo "$PWD|$*" > "$0.called"; ls >> "$0.called"; cat > "$0.prompt"
printf '%s' '{"findings": []}'
"""


@pytest.fixture
def program(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, project: Path) -> Path:
    """Codex, which answers that nothing is wrong, in a repository in which a line has changed."""
    commit_all(project, "main")
    (project / "src" / "a.py").write_text("a = 1\nb = 4\nc = 3\n")
    file = tmp_path_factory.mktemp("bin") / "codex"
    file.write_text(ECHO)
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(file.parent), prepend=os.pathsep)
    return file


def ask(spec: CommandSpec, root: Path) -> Evidence:
    scratch = root / ".git" / "scratch"
    scratch.mkdir()
    output = run_tool(spec, Invocation(chosen=None, root=root, scratch=scratch, cache=scratch))
    return interpret(spec, output, root=root)


def test_it_is_asked_in_an_empty_folder_with_the_change_as_data(program: Path, spec_of: SpecOf, tmp_path: Path) -> None:
    assert ask(spec_of("codex", env={"STATUS": "Logged in"}), tmp_path).findings == ()

    called, *held = program.with_name("codex.called").read_text().splitlines()
    assert held == []
    assert not called.startswith(f"{tmp_path}|")
    prompt = program.with_name("codex.prompt").read_text()
    assert prompt.startswith("You review a change")
    assert "\n+b = 4\n" in prompt.partition("<changes-")[2]


def test_it_may_read_the_project_if_it_is_asked_to(program: Path, spec_of: SpecOf, tmp_path: Path) -> None:
    ask(spec_of("codex", tools="read", model="m", prompt="Look for leaks.", args=["-c", "x=1"]), tmp_path)

    called, *held = program.with_name("codex.called").read_text().splitlines()
    assert called.startswith(f"{tmp_path}|exec ")
    assert called.endswith(" --model=m -c x=1 -")
    assert held == ["src"]
    assert program.with_name("codex.prompt").read_text().startswith("Look for leaks.\n")


def test_it_is_not_asked_without_an_account(
    program: Path, spec_of: SpecOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CODEX_API_KEY", raising=False)
    with pytest.raises(pytest.skip.Exception, match="codex is not logged in: run codex login"):
        ask(spec_of("codex", env={"STATUS": "Not logged in"}), tmp_path)

    assert not program.with_name("codex.called").exists()


def test_it_is_not_asked_when_nothing_has_changed(program: Path, spec_of: SpecOf, tmp_path: Path) -> None:
    (tmp_path / "src" / "a.py").write_text("a = 1\nb = 2\nc = 3\n")
    with pytest.raises(pytest.skip.Exception, match="nothing has changed since main"):
        ask(spec_of("codex"), tmp_path)

    assert not program.with_name("codex.called").exists()


def test_a_program_that_cannot_be_started_is_an_error(program: Path, spec_of: SpecOf, tmp_path: Path) -> None:
    program.write_text("#!/no/such/interpreter\n")
    with pytest.raises(BrokenTool, match="cannot run codex: No such file"):
        ask(spec_of("codex"), tmp_path)


def test_opencode_needs_an_account_or_a_model() -> None:
    account = REVIEWERS["opencode"].account
    assert account is not None
    none = "\N{BOX DRAWINGS LIGHT UP AND RIGHT}  0 credentials\n"
    assert account.missing.search(none)
    assert not account.missing.search(f"{none}\nEnvironment\n1 environment variable\n")
    assert not account.missing.search("2 credentials\n")
