"""The tools that start pytest: run checks, and plan a run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from pytest_parallel_agents.cli.mcp.answers import Answer, Answered, answer, last_of, next_call
from pytest_parallel_agents.cli.mcp.arguments import USUAL_SECONDS, RunArguments, Selection, words
from pytest_parallel_agents.cli.mcp.pytest_process import run_pytest
from pytest_parallel_agents.cli.mcp.run_answers import RunAnswer, run_answer
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report


class PlanAnswer(Answered, frozen=True, kw_only=True):
    """What a run would do."""

    exit_code: int
    plan: str


async def run(root: Path, arguments: RunArguments) -> Answer:
    """Runs the selected checks."""
    selected = words(arguments, root)
    with TemporaryDirectory() as folder:
        path = Path(folder, "report.json")
        finished = await run_pytest(["--agents", f"--agents-report={path}", *selected], root, arguments.timeout)
        report = _written(path)
    if report is not None:
        return run_answer(report, finished, is_part=bool(selected))
    why = "its time was up" if finished.timed_out else f"exit code {finished.exit_code}"
    content = RunAnswer(
        exit_code=finished.exit_code,
        timed_out=finished.timed_out,
        verdict=f"no report: {why}",
        output=last_of(finished.output),
        next=next_call("plan", _given(arguments), "shows which checks these are."),
    )
    return answer([content.verdict, content.output], content)


def _written(path: Path) -> Report | None:
    return read_report(path) if path.is_file() else None


async def plan(root: Path, arguments: Selection) -> Answer:
    """Predicts the run of the selected checks."""
    finished = await run_pytest(["--agents-plan", *words(arguments, root)], root, USUAL_SECONDS)
    content = PlanAnswer(
        exit_code=finished.exit_code,
        plan=last_of(finished.output),
        next=next_call("run", _given(arguments), "runs these checks."),
    )
    return answer([content.plan], content)


def _given(selection: Selection) -> dict[str, Any]:
    """The selection as arguments of the next call."""
    given = {field.name: getattr(selection, field.name) for field in msgspec.structs.fields(Selection)}
    return {name: value for name, value in given.items() if value}
