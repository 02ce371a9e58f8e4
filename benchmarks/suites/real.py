"""Public projects' own tests, from their source distributions on PyPI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.byte_code import finding
from benchmarks.figures import Comparison, better, geometric_means, ratios
from benchmarks.page import Section, Table, cell
from benchmarks.projects import Project, prepare
from benchmarks.rounds import Competitor, Series, race
from benchmarks.suites.suite import OURS, SERIAL, WORKSTEAL, XDIST, Setting, cpu_ratio, pytest_command, wall_ratio

NAME = "real"
PROJECTS: Mapping[str, tuple[str, ...]] = {
    "attrs": ("--deselect=tests/test_converters.py::TestPipe::test_wrapped_annotation",),
    "jinja2": (),
    "boltons": (),
    "more-itertools": (),
    "packaging": ("--ignore=tests/test_version.py",),
}
"""Names on PyPI, with arguments for all competitors."""
QUICK_PROJECTS = ("jinja2", "boltons")

_EITHER = "better of `-n2` load and worksteal"
_TEXT = """\
The tests of public projects from PyPI. Every competitor has a cache folder of its own. The better of xdist's two
schedulers is chosen anew in every round. Of packaging `tests/test_version.py` is left out, whose 51,000 tests would
take longer than all the rest, and of attrs a test that fails on this Python: ours would look for its cause."""


def measure(setting: Setting) -> Section:
    names = QUICK_PROJECTS if setting.quick else tuple(PROJECTS)
    results = {name: _race(name, setting) for name in names}
    return Section(
        name=setting.named(NAME),
        text=_TEXT,
        tables=(_table(results),),
        comparisons=(*_of_all(results, setting), *_of_each(results, setting)),
    )


def _of_all(results: Mapping[str, dict[str, Series]], setting: Setting) -> Iterator[Comparison]:
    """Claims about all projects together."""
    against_xdist = geometric_means(map(_against_xdist, results.values()))
    against_serial = geometric_means(ratios(series[OURS].wall, series[SERIAL].wall) for series in results.values())
    for against, values, at_most in (
        (_EITHER, against_xdist, setting.at_most(warm=0.62, cold=0.55)),
        (SERIAL, against_serial, setting.at_most(cold=0.62)),
    ):
        yield Comparison(
            suite=setting.named(NAME),
            ours=OURS,
            against=against,
            what="wall, geometric mean",
            values=values,
            at_most=at_most,
        )


def _of_each(results: Mapping[str, dict[str, Series]], setting: Setting) -> Iterator[Comparison]:
    """Claims about one project."""
    for project, series in results.items():
        suite = setting.named(f"{NAME}: {project}")
        yield Comparison(
            suite=suite,
            ours=OURS,
            against=_EITHER,
            what="wall",
            values=_against_xdist(series),
            at_most=setting.at_most(warm=0.85),
        )
        yield wall_ratio(suite, series, OURS, SERIAL, at_most=setting.at_most(warm=1.02))
        yield cpu_ratio(suite, series, OURS, SERIAL)


def _race(name: str, setting: Setting) -> dict[str, Series]:
    project = prepare(name, setting.cache)
    return race(finding(setting.byte_code, _competitors(project, PROJECTS[name])), rounds=setting.rounds)


def _competitors(project: Project, arguments: Sequence[str]) -> list[Competitor]:
    plain = ("-p", "no:parallel_agents")
    choices = {
        SERIAL: plain,
        XDIST: (*plain, "-n2"),
        WORKSTEAL: (*plain, "-n2", "--dist", "worksteal"),
        OURS: ("--agents", "-n2"),
    }
    return [
        Competitor(
            name=name,
            folder=project.source,
            commands=[
                pytest_command(project.environment, f"-ocache_dir={_cache(project, number)}", *arguments, *options)
            ],
            exit_codes=frozenset({0, 1}),  # some test of a release may fail on a newer Python or pytest
            prints=r"\d+ passed",
        )
        for number, (name, options) in enumerate(choices.items())
    ]


def _cache(project: Project, number: int) -> Path:
    return project.outputs / f"benchmark-cache-{number}"


def _against_xdist(series: dict[str, Series]) -> tuple[float, ...]:
    return ratios(series[OURS].wall, better(series[XDIST].wall, series[WORKSTEAL].wall))


def _table(results: dict[str, dict[str, Series]]) -> Table:
    """Wall and CPU seconds by project."""
    rows = [
        (project, name, cell(each.wall), cell(each.cpu))
        for project, series in results.items()
        for name, each in series.items()
    ]
    return Table(header=("project", "competitor", "wall s", "CPU s"), rows=tuple(rows))
