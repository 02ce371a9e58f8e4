"""No known tool writes a file or hides a finding, whatever its configuration, environment and arguments are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from tests.tools import HEAVY, reach
from tests.unit.tools.adapters.cases import CASES
from tests.unit.tools.adapters.settings_cases import SETTINGS, Setting
from tests.vulnerabilities import served


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a file that the tool objects to once, and what is kept outside of it."""

    tool: str
    root: Path
    spec_of: Callable[..., CommandSpec]

    @property
    def faulty(self) -> str:
        case = CASES[self.tool]
        return "/".join(filter(None, ("src", case.within, f"faulty{case.suffix}")))

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, "utf-8")

    def state(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def judge(self, *args: str) -> set[tuple[str, str | None, int | None]]:
        case, outside = CASES[self.tool], self.root.parent / "outside"
        outside.mkdir(exist_ok=True)
        path = self.faulty.rpartition("/")[0] if case.line else self.faulty
        spec = self.spec_of(self.tool, paths=[path], args=[*case.args, *case.path_args, *args])
        output = execute(spec, Invocation(chosen=None, root=self.root, scratch=outside, cache=outside / "cache"))
        found = interpret(spec, output, root=self.root).findings
        return {(finding.rule, finding.path, finding.line) for finding in found}


@pytest.fixture
def project_of(
    tmp_path: Path, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Setting], Project]:
    def make(tool: str, setting: Setting) -> Project:
        reach(monkeypatch, tool)
        case = CASES[tool]
        project = Project(tool=tool, root=tmp_path / "project", spec_of=spec_of)
        project.write({project.faulty: case.faulty, **case.always, **setting.files})
        for name, value in setting.env.items():
            monkeypatch.setenv(name, value)
        return project

    return make


def settings() -> Iterator[object]:
    for tool, named in SETTINGS.items():
        for name, setting in named.items():
            marks = [pytest.mark.slow] if tool in {*HEAVY, "mypy", "bandit"} else []
            yield pytest.param(tool, setting, id=f"{tool}-{name}", marks=marks)


def test_every_tool_is_tried_with_three_settings() -> None:
    assert min(map(len, SETTINGS.values())) >= 3


@pytest.mark.parametrize(("tool", "setting"), [*settings()])
def test_settings_change_neither_files_nor_findings(
    tool: str,
    setting: Setting,
    project_of: Callable[[str, Setting], Project],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = project_of(tool, setting)
    case = CASES[tool]
    before = project.state()

    with served(monkeypatch) if tool == "pip-audit" else nullcontext():
        if setting.refused:
            with pytest.raises(BrokenTool, match=setting.refused):
                project.judge(*setting.args)
        else:
            place = project.faulty if case.line else None
            assert project.judge(*setting.args) == {(case.rule, place, case.line)}

    assert project.state() == before


@pytest.mark.parametrize(
    ("tool", "args", "mended"),
    [("ruff", ["--fix", "--unsafe-fixes"], "pass\n"), ("codespell", ["-w"], "we receive it\n")],
)
def test_what_an_argument_asks_for_is_done(
    tool: str, args: list[str], mended: str, project_of: Callable[[str, Setting], Project]
) -> None:
    project = project_of(tool, Setting(files={"setup.cfg": "[codespell]\nwrite-changes =\n"}))

    assert project.judge(*args) == set()

    assert (project.root / "src/faulty.py").read_text("utf-8").endswith(mended)
