"""Many files that import heavy packages: what it costs that every worker collects everything, or that only one does."""

from __future__ import annotations

from pathlib import Path

from benchmarks.byte_code import finding
from benchmarks.page import Section, series_table
from benchmarks.rounds import race
from benchmarks.suites.suite import (
    OURS,
    SERIAL,
    WORKSTEAL,
    XDIST,
    Setting,
    copies,
    cpu_ratio,
    pytest_command,
    wall_ratio,
)

NAME = "imports"
FILES = 40
TESTS_PER_FILE = 10
PACKAGES = ("pandas", "sympy", "sqlalchemy", "networkx")

_TEXT = f"""\
{FILES} files with {TESTS_PER_FILE} small tests each. Every file imports {", ".join(PACKAGES)}.
Every test uses one of them."""

_USES = (
    "pandas.Series([1, 2]).sum() == 3",
    "sympy.expand((sympy.Symbol('x') + 1) ** 2).coeff(sympy.Symbol('x')) == 2",
    "str(sqlalchemy.select(sqlalchemy.column('a'))) == 'SELECT a'",
    "networkx.path_graph(4).number_of_edges() == 3",
)


def measure(setting: Setting) -> Section:
    commands = {
        SERIAL: pytest_command(setting.bare),
        XDIST: pytest_command(setting.bare, "-n2"),
        WORKSTEAL: pytest_command(setting.bare, "-n2", "--dist", "worksteal"),
        OURS: pytest_command(setting.ours, "--agents", "-n2"),
    }
    competitors = copies(setting.folder / NAME, write, commands, prints=f"{FILES * TESTS_PER_FILE} passed")
    series = race(finding(setting.byte_code, competitors), rounds=setting.rounds, memory=setting.is_warm)
    name = setting.named(NAME)
    return Section(
        name=name,
        text=_TEXT,
        tables=(series_table(series),),
        comparisons=(
            wall_ratio(name, series, OURS, XDIST, at_most=setting.at_most(warm=0.60)),
            wall_ratio(name, series, OURS, WORKSTEAL),
            wall_ratio(name, series, OURS, SERIAL),
            cpu_ratio(name, series, OURS, XDIST),
            cpu_ratio(name, series, OURS, SERIAL),
        ),
    )


def write(folder: Path) -> None:
    """Put the files into a folder."""
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    (folder / "tests").mkdir()
    for file in range(FILES):
        lines = [f"import {package}" for package in sorted(PACKAGES)]
        for test in range(TESTS_PER_FILE):
            lines += ["", "", f"def test_{test}():", f"    assert {_USES[(file + test) % len(_USES)]}"]
        (folder / "tests" / f"test_file_{file:02}.py").write_text("\n".join(lines) + "\n")
