"""Tools that run at the same time in one project find what each of them finds alone.

Alone they are tried by the conformance suite, with the same files. The light ones run all at once here, and each tool
beside itself, which is where caches meet, and beside another one. `ADAPTER_ROUNDS=20 pytest -m slow` with the path of
this module runs every pair twenty times.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from pathlib import Path
from threading import Barrier, Event

import pytest

from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from tests.tools import HEAVY, reach
from tests.unit.tools.adapters.cases import CASES
from tests.vulnerabilities import served

ROUNDS = int(os.environ.get("ADAPTER_ROUNDS", "0"))
PAIRS = [*combinations_with_replacement(CASES, 2)] if ROUNDS else [*zip(CASES, CASES, strict=True), *pairwise(CASES)]
LIGHT = [tool for tool in CASES if tool not in HEAVY]
CACHING = {"eslint": ("--cache",)}
"""Arguments with which a tool caches that otherwise does not."""

Found = list[tuple[str, str | None, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a faulty file for each of the tools."""

    root: Path
    spec_of: Callable[..., CommandSpec]

    def write(self, tools: Sequence[str]) -> None:
        for tool in tools:
            case = CASES[tool]
            files = {**case.always, self.faulty(tool): case.faulty}
            for name, text in files.items():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                (self.root / name).write_text(text, "utf-8")

    def faulty(self, tool: str) -> str:
        return "/".join(filter(None, (tool, CASES[tool].within, f"faulty{CASES[tool].suffix}")))

    def judge(self, name: str, tool: str) -> Found:
        """Run the check of this name once."""
        case = CASES[tool]
        args = [*case.args, *case.path_args, *CACHING.get(tool, ())]
        spec = self.spec_of(name, tool=tool, paths=[tool if case.folders else self.faulty(tool)], args=args)
        scratch = self.root / f".{name}"
        scratch.mkdir(exist_ok=True)
        output = execute(spec, Invocation(chosen=None, root=self.root, scratch=scratch, cache=self.root / ".cache"))
        found = interpret(spec, output, root=self.root).findings
        return [(finding.rule, finding.path, finding.line) for finding in found]

    def expected(self, tool: str) -> Found:
        case = CASES[tool]
        return [(case.rule, self.faulty(tool) if case.line else None, case.line)]


@pytest.mark.slow
def test_all_at_once(tmp_path: Path, spec_of: Callable[..., CommandSpec]) -> None:
    project = Project(root=tmp_path, spec_of=spec_of)
    project.write(LIGHT)
    checks = [(f"{tool}-{number}", tool) for tool in LIGHT for number in (1, 2)]
    barrier = Barrier(len(checks))

    def judge(name: str, tool: str) -> Found:
        barrier.wait()
        return project.judge(name, tool)

    with ThreadPoolExecutor(len(checks)) as pool:
        running = {name: pool.submit(judge, name, tool) for name, tool in checks}

    assert {name: run.result() for name, run in running.items()} == {
        name: project.expected(tool) for name, tool in checks
    }


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_two_at_once(
    left: str, right: str, tmp_path: Path, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(monkeypatch, left, right)

    with served(monkeypatch) if "pip-audit" in {left, right} else nullcontext(), ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS or 1):
            project = Project(root=tmp_path / str(number), spec_of=spec_of)  # where nothing is cached yet
            project.write([left, right])
            left_done, right_done = Event(), Event()
            ours = pool.submit(repeat, project, f"left-{left}", left, left_done, right_done)
            theirs = pool.submit(repeat, project, f"right-{right}", right, right_done, left_done)
            assert all(found == project.expected(left) for found in ours.result())
            assert all(found == project.expected(right) for found in theirs.result())


def repeat(project: Project, name: str, tool: str, done: Event, other_done: Event) -> list[Found]:
    """Run the check, and again while the other one has not finished: so the quicker of two is never alone."""
    runs: list[Found] = []
    try:
        while not runs or not other_done.is_set():
            runs.append(project.judge(name, tool))
            done.set()
    finally:
        done.set()
    return runs
