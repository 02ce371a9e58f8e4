"""What every adapter must do, run with the real tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_parallel_agents.agents.adapters import ADAPTERS
from pytest_parallel_agents.agents.command import CommandSpec, execute, interpret
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model import Finding, Level

CLEAN = "def double(x: int) -> int:\n    return 2 * x\n"
SYNTAX_ERROR = "def double(:\n"
NOT_UTF_8 = b'NAME = "\xe9"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file that the tool objects to, in what place, and how to break the tool's configuration."""

    faulty: str
    rule: str
    level: Level
    line: int
    broken_files: Mapping[str, str]
    broken_args: tuple[str, ...] = ()
    reads_only_utf_8: bool = False


CASES = {
    "ruff": Case(
        faulty="def f() -> None:\n    unused = 1\n",
        rule="F841",
        level=Level.ERROR,
        line=2,
        broken_files={"ruff.toml": "no-such-key = 1\n"},
    ),
    "mypy": Case(
        faulty='def f() -> int:\n    return "x"\n',
        rule="return-value",
        level=Level.ERROR,
        line=2,
        broken_files={"mypy.ini": "[mypy]\nno_such_key = 1\n"},
        reads_only_utf_8=True,
    ),
    "bandit": Case(
        faulty="def f(text: str) -> None:\n    exec(text)\n",
        rule="B102",
        level=Level.WARNING,
        line=2,
        broken_files={"bandit.yaml": "[\n"},
        broken_args=("-c", "bandit.yaml"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A project folder and one tool to judge it."""

    tool: str
    root: Path
    spec_of: Callable[..., CommandSpec]

    @property
    def case(self) -> Case:
        return CASES[self.tool]

    def write(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def judge(self, *paths: str, args: tuple[str, ...] = ()) -> tuple[Finding, ...]:
        scratch = self.root / ".scratch"
        scratch.mkdir()
        spec = self.spec_of(self.tool, paths=list(paths), args=list(args))
        output = execute(spec, chosen=None, root=self.root, scratch=scratch, cache=self.root / ".cache")
        return interpret(spec, output, root=self.root).findings


@pytest.fixture(params=ADAPTERS)
def bench(request: pytest.FixtureRequest, tmp_path: Path, spec_of: Callable[..., CommandSpec]) -> Bench:
    return Bench(tool=request.param, root=tmp_path, spec_of=spec_of)


def test_every_adapter_has_a_case() -> None:
    assert CASES.keys() == ADAPTERS.keys()


def test_a_known_finding_is_located(bench: Bench) -> None:
    bench.write("some folder/faulty.py", bench.case.faulty)

    (finding,) = bench.judge("some folder/faulty.py")

    assert (finding.rule, finding.level) == (bench.case.rule, bench.case.level)
    assert (finding.path, finding.line) == ("some folder/faulty.py", bench.case.line)
    assert finding.level.severity >= ADAPTERS[bench.tool].fail_on.severity


def test_a_clean_folder_has_no_finding(bench: Bench) -> None:
    bench.write("src/clean.py", CLEAN)

    assert bench.judge("src") == ()


def test_a_missing_path_breaks_the_tool(bench: Bench) -> None:
    bench.write("src/clean.py", CLEAN)

    with pytest.raises(BrokenTool, match=f"{bench.tool}: no such path: scr"):
        bench.judge("src", "scr")


def test_a_syntax_error_is_a_finding(bench: Bench) -> None:
    bench.write("src/broken.py", SYNTAX_ERROR)

    findings = bench.judge("src")

    assert {(finding.path, finding.level) for finding in findings} == {("src/broken.py", Level.ERROR)}


def test_a_broken_configuration_breaks_the_tool(bench: Bench) -> None:
    bench.write("src/clean.py", CLEAN)
    for name, content in bench.case.broken_files.items():
        bench.write(name, content)

    with pytest.raises(BrokenTool, match=rf"{bench.tool}: (.*\n)*.*(no.such.key|bandit\.yaml)"):
        bench.judge("src", args=bench.case.broken_args)


def test_an_unknown_argument_breaks_the_tool(bench: Bench) -> None:
    bench.write("src/clean.py", CLEAN)

    with pytest.raises(BrokenTool, match="--no-such-flag"):
        bench.judge("src", args=("--no-such-flag",))


def test_a_file_in_another_encoding_does_not_pass(bench: Bench) -> None:
    bench.write("src/latin.py", NOT_UTF_8)

    if bench.case.reads_only_utf_8:
        with pytest.raises(BrokenTool, match=r"latin\.py"):
            bench.judge("src")
    else:
        assert [finding.path for finding in bench.judge("src")] == ["src/latin.py"]


def test_colours_that_the_environment_forces_do_no_harm(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    bench.write("faulty.py", bench.case.faulty)

    assert [finding.rule for finding in bench.judge("faulty.py")] == [bench.case.rule]
