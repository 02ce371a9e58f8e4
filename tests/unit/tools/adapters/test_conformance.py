"""What every adapter must do, run with the real tools."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Finding
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from tests.tools import UNAVAILABLE, parameters, reach
from tests.unit.tools.adapters.cases import CASES, Answer, Case
from tests.vulnerabilities import served

NEED_FILES = (
    *("actionlint", "black", "checkov", "flake8", "hadolint", "isort"),
    *("pyright", "ruff-format", "shellcheck", "yamllint", "zizmor"),
)
"""Tools of which it is known when they have found no file to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A project folder and one tool to judge it."""

    tool: str
    root: Path
    spec_of: Callable[..., CommandSpec]

    @property
    def case(self) -> Case:
        return CASES[self.tool]

    @property
    def program(self) -> str:
        return ADAPTERS[self.tool].argv((), (), Path())[0]

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def put(self, stem: str, content: str | bytes) -> str:
        """Write a file of the kind that the tool judges, and whatever else the tool needs. Returns its name."""
        for name, text in self.case.always.items():
            self.write(name, text)
        folder, _, name = stem.rpartition("/")
        path = "/".join(filter(None, (folder, self.case.within, f"{name}{self.case.suffix}")))
        self.write(path, content)
        return path

    def judge(self, *paths: str, args: Sequence[str] = (), optional: bool = False) -> tuple[Finding, ...]:
        scratch = self.root / ".scratch"
        scratch.mkdir()
        named = {"paths": [self.target(path) for path in paths]} if paths else {}
        always = (*self.case.args, *self.case.path_args) if paths else self.case.args
        spec = self.spec_of(self.tool, args=[*always, *args], optional=optional, **named)
        output = execute(spec, Invocation(chosen=None, root=self.root, scratch=scratch, cache=self.root / ".cache"))
        return interpret(spec, output, root=self.root).findings

    def target(self, path: str) -> str:
        """What to name so that the tool judges the file."""
        in_folder = self.case.folders and (self.root / path).is_file()
        return str(PurePosixPath(path).parent) if in_folder else path

    def answer(self, *paths: str) -> tuple[Answer, tuple[Finding, ...], str]:
        """The tool's findings in a file, and its error when it breaks."""
        try:
            findings = self.judge(*paths)
        except BrokenTool as error:
            return Answer.BREAKS, (), str(error)
        return Answer.FINDS if findings else Answer.PASSES, findings, ""


@pytest.fixture(params=parameters([*CASES]))
def bench(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    spec_of: Callable[..., CommandSpec],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bench]:
    reach(monkeypatch, request.param)
    made = Bench(tool=request.param, root=tmp_path, spec_of=spec_of)
    if request.param != "pip-audit":
        yield made
        return
    with served(monkeypatch):
        yield made


def test_every_adapter_has_a_case() -> None:
    assert CASES.keys() | set(UNAVAILABLE) == ADAPTERS.keys()


def test_a_known_finding_is_located(bench: Bench) -> None:
    path = bench.put("some folder/faulty", bench.case.faulty)

    (finding,) = bench.judge(path)

    assert (finding.rule, finding.level) == (bench.case.rule, bench.case.level)
    assert (finding.path, finding.line) == (path if bench.case.line else None, bench.case.line)
    assert finding.level.severity >= ADAPTERS[bench.tool].fail_on.severity


def test_clean_code_has_no_finding(bench: Bench) -> None:
    path = bench.put("src/clean", bench.case.clean)

    assert bench.judge(str(PurePosixPath(path).parent) if bench.case.line else path) == ()


def test_without_paths_the_folder_is_judged_where_the_tool_knows_how(bench: Bench) -> None:
    path = bench.put("faulty", bench.case.faulty)

    answer, findings, _ = bench.answer()

    assert answer is bench.case.without_paths
    assert [(finding.rule, finding.path) for finding in findings] == (
        [(bench.case.rule, path)] if answer is Answer.FINDS else []
    )


def test_a_missing_path_breaks_the_tool(bench: Bench) -> None:
    path = bench.put("src/clean", bench.case.clean)

    with pytest.raises(BrokenTool, match=f"{bench.tool}: no such path: scr"):
        bench.judge(path, "scr")


def test_a_syntax_error_is_a_finding(bench: Bench) -> None:
    path = bench.put("src/broken", bench.case.syntax_error)

    answer, findings, said = bench.answer(path)

    assert answer is bench.case.on_syntax_error
    found = {(finding.path, finding.level) for finding in findings}
    assert found == ({(path, bench.case.syntax_level)} if answer is Answer.FINDS else set())
    assert answer is not Answer.BREAKS or path in said


def test_a_file_in_another_encoding(bench: Bench) -> None:
    path = bench.put("src/latin", bench.case.not_utf_8)

    answer, findings, said = bench.answer(path)

    assert answer is bench.case.on_not_utf_8
    assert {finding.path for finding in findings} == ({path} if answer is Answer.FINDS else set())
    assert answer is not Answer.BREAKS or any(word in said for word in ("latin", "UnicodeDecodeError", "no file"))


def test_a_broken_configuration_breaks_the_tool(bench: Bench) -> None:
    path = bench.put("src/clean", bench.case.clean)
    for name, content in bench.case.broken_files.items():
        bench.write(name, content)

    with pytest.raises(
        BrokenTool, match=rf"{bench.tool}: (.*\n)*.*(no.such.key|bandit\.yaml|rules\.yml|\.hadolint\.yaml)"
    ):
        bench.judge(path, args=bench.case.broken_args)


@pytest.mark.parametrize("bench", parameters(NEED_FILES), indirect=True)
@pytest.mark.parametrize("optional", [False, True])
def test_a_folder_without_files_for_the_tool_is_no_verdict(bench: Bench, *, optional: bool) -> None:
    bench.put("faulty", bench.case.faulty)
    bench.write("empty/notes.log", "none\n")

    with pytest.raises(pytest.skip.Exception if optional else BrokenTool):
        bench.judge("empty", optional=optional)


def test_an_unknown_argument_breaks_the_tool(bench: Bench) -> None:
    path = bench.put("src/clean", bench.case.clean)

    with pytest.raises(BrokenTool, match="unknown-flag"):
        bench.judge(path, args=("--unknown-flag",))


def test_colours_that_the_environment_forces_do_no_harm(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    path = bench.put("faulty", bench.case.faulty)

    assert [finding.rule for finding in bench.judge(path)] == [bench.case.rule]


@pytest.fixture(params=CASES)
def absent(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    spec_of: Callable[..., CommandSpec],
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    """A tool that is nowhere to be found."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return Bench(tool=request.param, root=tmp_path, spec_of=spec_of)


def test_the_error_of_a_tool_that_is_not_installed_names_its_installation(absent: Bench) -> None:
    path = absent.put("clean", absent.case.clean)

    with pytest.raises(BrokenTool, match=f"{absent.program} is not installed") as raised:
        absent.judge(path)

    assert raised.value.hint.startswith(f"{ADAPTERS[absent.tool].install}, or skip it with ")


def test_an_optional_tool_that_is_not_installed_is_skipped(absent: Bench) -> None:
    path = absent.put("clean", absent.case.clean)

    with pytest.raises(pytest.skip.Exception, match=f"{absent.program} is not installed"):
        absent.judge(path, optional=True)
