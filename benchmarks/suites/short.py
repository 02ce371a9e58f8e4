"""Public projects with very short tests: how much of a run's time is not spent on them."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.page import Section, Table, cell
from benchmarks.projects import Project, prepare
from benchmarks.rounds import Competitor, Series, race
from benchmarks.suites.suite import (
    BOUND,
    MAKESPAN,
    OURS,
    REPORT,
    SERIAL,
    Setting,
    cpu_ratio,
    makespan_ratio,
    pytest_command,
    reported_times,
    wall_ratio,
)

NAME = "short"
PROJECTS: Mapping[str, tuple[str, ...]] = {
    "idna": ("hypothesis",),
    "h11": (),
    "wsproto": (),
    "marshmallow": (),
    "cachetools": (),
    "simplejson": (),
}
"""With what their tests need and the project does not declare."""
QUICK_PROJECTS = ("h11", "wsproto")

_TEXT = """\
The tests of public projects from PyPI whose tests take a millisecond and less. `makespan` and `lower bound` are seconds
from the JSON report of a run that knows the durations: from the first start of a test to the last end of one, and half
of what all tests took together, unless one of them took longer."""


def measure(setting: Setting) -> Section:
    results = {name: _race(name, setting) for name in (QUICK_PROJECTS if setting.quick else PROJECTS)}
    comparisons = []
    for project, series in results.items():
        suite = f"{NAME}: {project}"
        comparisons += [
            makespan_ratio(suite, series[OURS], OURS, at_most=1.11),
            wall_ratio(suite, series, OURS, SERIAL),
            cpu_ratio(suite, series, OURS, SERIAL),
        ]
    return Section(name=NAME, text=_TEXT, tables=(_table(results),), comparisons=tuple(comparisons))


def _race(name: str, setting: Setting) -> dict[str, Series]:
    project = prepare(name, setting.cache, extra_requirements=PROJECTS[name])
    return race([_serial(project), _ours(project)], rounds=setting.rounds)


def _serial(project: Project) -> Competitor:
    return Competitor(
        name=SERIAL,
        folder=project.source,
        commands=[pytest_command(project.environment, _cache(project, "serial"), "-p", "no:parallel_agents")],
        exit_codes=frozenset({0, 1}),  # some test of a release may fail on a newer Python or pytest
        prints=r"\d+ passed",
    )


def _ours(project: Project) -> Competitor:
    agents = ("--agents", "-n2", "--agents-report", REPORT)
    return Competitor(
        name=OURS,
        folder=project.source,
        commands=[pytest_command(project.environment, _cache(project, "agents"), *agents)],
        exit_codes=frozenset({0, 1}),
        prints=r"\d+ passed",
        figures=reported_times,
    )


def _cache(project: Project, name: str) -> str:
    return f"-ocache_dir={project.outputs / f'short-cache-{name}'}"


def _table(results: dict[str, dict[str, Series]]) -> Table:
    """Seconds by project."""
    rows = []
    for project, series in results.items():
        for name, each in series.items():
            times = [cell(each.figures[figure], 3) if figure in each.figures else "" for figure in (BOUND, MAKESPAN)]
            rows.append((project, name, cell(each.wall), cell(each.cpu), *times))
    return Table(header=("project", "competitor", "wall s", "CPU s", BOUND, MAKESPAN), rows=tuple(rows))
