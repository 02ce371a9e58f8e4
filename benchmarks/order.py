"""Count how often outcomes differ from those of a serial run where tests rely on each other, and what it costs.

    python -m benchmarks.order --write docs/design/order.md
    python -m benchmarks.order --seeds 1 --size tiny

Runs the pytest, pytest-xdist and pytest-parallel-agents of the Python that it is started with. Exit code 0: with forked
workers fewer runs differ than with xdist's `--dist loadfile`.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import junit
from benchmarks.figures import spread
from benchmarks.machine import machine_facts
from benchmarks.order_suites import SIZES, OrderSuite, draw_suites
from benchmarks.page import Table, markdown
from benchmarks.processes import RunFailed, log_tail, measure

SERIAL = "serial"
FIRST = "`--agents -n2`, first run"
SECOND = "`--agents -n2`, second run"
LOADFILE = "`-n2 --dist loadfile`"

COMPETITORS: Mapping[str, tuple[str, ...]] = {
    FIRST: ("--agents", "-n2", "--tx=fork"),
    SECOND: ("--agents", "-n2", "--tx=fork"),
    "`--agents -n2 --tx popen`": ("--agents", "-n2", "--tx=popen"),
    "`-n2 --dist load`": ("-n2", "--dist=load"),
    LOADFILE: ("-n2", "--dist=loadfile"),
    "`-n2 --dist worksteal`": ("-n2", "--dist=worksteal"),
}

_TEXT = """\
Order-dependent tests that have been published keep their dependence in a module's global, a registry, the environment,
the working directory and so on. Each of these patterns is a suite in each size here, with pairs of tests in one file or
in neighbouring files. Half of the pairs need the first test before the second, half need the second one not before the
first. Serial runs pass. A run differs when the outcome of any test is another one. The first run knows nothing of the
tests; the second has seen the first. Seconds are whole processes, medians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run. `outcomes` by test; `wall` in seconds."""

    outcomes: Mapping[str, tuple[str, ...]]
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Of one competitor in one size: the runs, how many differ from the serial one, and their seconds."""

    runs: int
    different: int
    walls: tuple[float, ...]


Results = Mapping[str, Mapping[str, Sequence[Measured]]]
"""Runs by size and competitor, in the same order for all; the serial ones are among them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run all suites, then print or write the page. Returns the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments)
    suites = [
        suite
        for seed in range(options.seeds)
        for suite in draw_suites(seed)
        if not options.size or suite.size.name in options.size
    ]
    results = run_suites(suites, tell=lambda text: print(text, file=sys.stderr, flush=True))
    text = page(results, command=shlex.join(["python", "-m", "benchmarks.order", *arguments]))
    if options.write:
        options.write.write_text(text, "utf-8")
    else:
        print(text)
    return 0 if fewer_than_by_file(results) else 1


def run_suites(suites: Sequence[OrderSuite], tell: Callable[[str], None]) -> Results:
    """Every suite with all competitors by turns. Raises RunFailed when one leaves no outcomes or a serial one fails."""
    results: dict[str, dict[str, list[Measured]]] = {}
    for number, suite in enumerate(suites, 1):
        of_size = results.setdefault(suite.size.name, {name: [] for name in (SERIAL, *COMPETITORS)})
        with tempfile.TemporaryDirectory() as folder:
            for name, each in of_size.items():
                each.append(_run(suite, Path(folder), COMPETITORS.get(name, ()), keep=name == SECOND))
        serial, *others = (of_size[name][-1].outcomes for name in (SERIAL, *COMPETITORS))
        if {outcome for each in serial.values() for outcome in each} != {"passed"}:
            raise RunFailed(f"{suite.pattern.name}, {suite.size.name}, {suite.where}: the serial run fails")
        marks = "".join("-+"[other == serial] for other in others)
        tell(f"{number}/{len(suites)} {marks} {suite.size.name}, {suite.pattern.name}, {suite.where}")
    return results


def count(runs: Sequence[Measured], serial: Sequence[Measured]) -> Count:
    """How many runs do not end as the serial run of the same suite."""
    different = sum(one.outcomes != other.outcomes for one, other in zip(runs, serial, strict=True))
    return Count(runs=len(runs), different=different, walls=tuple(run.wall for run in runs))


def fewer_than_by_file(results: Results) -> bool:
    """Whether forked workers differ less often than xdist's that run whole files."""

    def different(*names: str) -> float:
        counts = [count(of_size[name], of_size[SERIAL]) for of_size in results.values() for name in names]
        return sum(each.different for each in counts) / sum(each.runs for each in counts)

    return different(FIRST, SECOND) <= different(LOADFILE)


def page(results: Results, *, command: str) -> str:
    """The whole page."""
    sizes = list(results)
    rows = [_row(name, [results[size] for size in sizes]) for name in (SERIAL, *COMPETITORS)]
    header = ("competitor", *(f"differ, {size}" for size in sizes), *(f"s, {size}" for size in sizes))
    shapes = ", ".join(f"{size.name}: {size.files} files" for size in SIZES if size.name in sizes)
    parts = [
        "# Order",
        f"Written by `{command}`; do not edit.",
        _TEXT,
        markdown(Table(header=("", ""), rows=(*machine_facts().items(), ("sizes", shapes)))),
        markdown(Table(header=header, rows=tuple(rows))),
    ]
    return "\n\n".join(parts) + "\n"


def _row(name: str, of_sizes: Iterable[Mapping[str, Sequence[Measured]]]) -> tuple[str, ...]:
    counts = [count(of_size[name], of_size[SERIAL]) for of_size in of_sizes]
    differ = (f"{each.different} of {each.runs}" for each in counts)
    return (name, *differ, *(f"{spread(each.walls).median:.2f}" for each in counts))


def _run(suite: OrderSuite, folder: Path, arguments: Sequence[str], *, keep: bool) -> Measured:
    """In a fresh copy, since tests leave files behind. `keep` the history of the run before."""
    copy, cache = folder / "suite", folder / "cache"
    shutil.rmtree(copy, ignore_errors=True)
    if not keep:
        shutil.rmtree(cache, ignore_errors=True)
    copy.mkdir()
    suite.write(copy)
    written, log = folder / "junit.xml", folder / "log.txt"
    written.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={written}", "-o", f"cache_dir={cache}", *arguments]
    usage = measure(command, cwd=copy, log=log)
    if not written.exists():
        raise RunFailed(f"{shlex.join(command)} left no outcomes; its output ended:\n{log_tail(log)}")
    cases = junit.parse(written.read_text("utf-8")).cases
    outcomes = {name: tuple(case.outcome for case in of_name) for name, of_name in cases.items()}
    return Measured(outcomes=outcomes, wall=usage.wall)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--seeds", type=int, default=3, help="how often each pattern is drawn in each size (default %(default)s)")
    add("--size", action="append", choices=[size.name for size in SIZES], help="only this one; repeatable")
    add("--write", type=Path, metavar="PATH", help="write the page there instead of printing it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
