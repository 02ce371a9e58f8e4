"""Measure pytest-parallel-agents beside what people use instead, and write what was found as a page.

    python -m benchmarks --write docs/benchmarks.md
    python -m benchmarks --suite trivial --suite skewed --quick
    python -m benchmarks --suite trivial --suite real --suite mixed --byte-code cold

Suites whose tests are imported in every run are measured three times: with the project's byte code, without it before
every run (cold), and where none may be written either.

Needs Linux and PyPI. The first start takes some minutes longer: it makes the virtual environments.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.byte_code import ByteCode
from benchmarks.environments import (
    DEFAULT_CACHE,
    dependencies,
    environment_with_this_project,
    ready_environment,
)
from benchmarks.machine import machine_facts, version_facts
from benchmarks.page import Section, page, verdict
from benchmarks.suites import absent, imports, memory, mixed, real, short, simulated, skewed, trivial, wire
from benchmarks.suites.suite import Setting, Suite

SUITES: Mapping[str, Suite] = {
    suite.NAME: suite.measure
    for suite in (trivial, skewed, short, imports, real, mixed, simulated, absent, memory, wire)
}
WITH_BYTE_CODE = frozenset({trivial.NAME, imports.NAME, real.NAME, mixed.NAME})
"""Suites that are measured for each kind of byte code."""
DEFAULT_ROUNDS = 5

_TOOLS = ("ruff", "mypy", "bandit[sarif]")
_HEAVY = ("pandas", "sympy", "sqlalchemy", "networkx")
_SHOWN_VERSIONS = (
    "pytest-parallel-agents",
    "pytest",
    "pytest-xdist",
    "execnet",
    "pytest-fast",
    "ruff",
    "mypy",
    "bandit",
    *_HEAVY,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the suites, then print or write the page. Returns the exit code: 1 when a target was missed."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments)
    facts = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        setting = _setting(options, Path(folder))
        sections = [section for name in options.suite or SUITES for section in _measure_all(name, setting, options)]
    environments = {"versions": setting.ours, "versions beside pytest-fast": setting.fast}
    facts |= version_facts(environments, _SHOWN_VERSIONS) | {"rounds": _thoroughness(setting)}
    text = page(sections, facts=facts, command=shlex.join(["python", "-m", "benchmarks", *arguments]))
    if options.write:
        options.write.write_text(text, "utf-8")
    else:
        print(text)
    return 0 if all(comparison.met is not False for section in sections for comparison in section.comparisons) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--suite", action="append", choices=list(SUITES), help="only this one; repeatable")
    kinds = [kind.value for kind in ByteCode]
    add("--byte-code", action="append", choices=kinds, help="only what runs find of it; repeatable")
    add("--rounds", type=int, default=DEFAULT_ROUNDS, help="counted rounds (default %(default)s)")
    add("--quick", action="store_true", help="suites of a tenth: to see that all runs, not for figures")
    add("--write", type=Path, metavar="PATH", help="write the page there instead of printing it")
    add("--cache", type=Path, default=DEFAULT_CACHE, help="where environments are kept")
    return parser


def _setting(options: argparse.Namespace, folder: Path) -> Setting:
    return Setting(
        bare=ready_environment("bare", options.cache, [*dependencies(), *_TOOLS, *_HEAVY]),
        ours=environment_with_this_project(options.cache, [*_TOOLS, *_HEAVY]),
        fast=ready_environment("fast", options.cache, ["pytest", "pytest-fast"]),
        cache=options.cache,
        folder=folder,
        rounds=options.rounds,
        quick=options.quick,
    )


def _thoroughness(setting: Setting) -> str:
    return f"{setting.rounds}" + (" of suites of a tenth: **no figures to rely on**" if setting.quick else "")


def _measure_all(name: str, setting: Setting, options: argparse.Namespace) -> Iterator[Section]:
    """The suite, for each kind of byte code if that makes a difference."""
    if name not in WITH_BYTE_CODE:
        yield _measure(name, setting)
        return
    for byte_code in map(ByteCode, options.byte_code or ByteCode):
        folder = setting.folder / byte_code.value
        yield _measure(name, replace(setting, byte_code=byte_code, folder=folder))


def _measure(name: str, setting: Setting) -> Section:
    _tell(f"{setting.named(name)} ...")
    started = time.monotonic()
    section = SUITES[name](setting)
    _tell(f"{section.name}: {time.monotonic() - started:.0f} s")
    for comparison in section.comparisons:
        claim = ", ".join(filter(None, (comparison.suite, comparison.ours, comparison.against, comparison.what)))
        _tell(f"  {claim}: {verdict(comparison) or 'no target'}")
    return section


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
