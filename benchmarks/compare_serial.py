"""Compare what a test suite says under `pytest --agents` with what it says under plain serial `pytest`.

    python -m benchmarks.compare_serial attrs jinja2==3.1.6 --transport fork --transport popen

Each source distribution is downloaded, installed and run: twice serially, so that what does not agree with itself
is set aside, then once for each candidate. Compared are every test's outcome, message and captured output,
the JUnit counts, the number of warnings, the exit code and, with --cov, the executed lines. Exit code 0: no difference.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import executed, junit
from benchmarks.environments import DEFAULT_CACHE
from benchmarks.processes import RunFailed
from benchmarks.projects import Project, prepare
from benchmarks.runs import Run, run_pytest

SHOWN_DIFFERENCES = 20
SHOWN_NAMES = 400
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Two serial runs: candidates are compared with the first, the second shows what is not stable.

    `set_aside` are tests of which that is known from elsewhere; a `*` at the end of a name stands for any text. With
    `outcomes_only` no messages and no output are compared.
    """

    first: Run
    second: Run
    set_aside: frozenset[str] = frozenset()
    outcomes_only: bool = False

    @property
    def unstable_tests(self) -> frozenset[str]:
        return junit.unstable(self.first.suite, self.second.suite) | self.set_aside_of(self.first, self.second)

    @property
    def unstable_texts(self) -> frozenset[str]:
        return junit.unstable_texts(self.first.suite, self.second.suite) - self.unstable_tests

    def set_aside_of(self, *runs: Run) -> frozenset[str]:
        """The names in these runs that are set aside."""
        names = {name for run in runs for name in run.suite.cases}
        starts = tuple(name.removesuffix("*") for name in self.set_aside if name.endswith("*"))
        return frozenset(name for name in names if name in self.set_aside or name.startswith(starts))

    @property
    def unstable_lines(self) -> executed.Lines:
        return executed.unstable(self.first.lines, self.second.lines)

    @property
    def texts_ignored(self) -> frozenset[str]:
        return frozenset(self.first.suite.cases) if self.outcomes_only else self.unstable_texts

    def differences(self, candidate: Run) -> Iterator[str]:
        """One readable text for each way in which the candidate's run is not what serial pytest does."""
        if self.first.exit_code == self.second.exit_code != candidate.exit_code:
            yield f"exit code: serial {self.first.exit_code}, candidate {candidate.exit_code}"
        if self.first.warnings == self.second.warnings != candidate.warnings:
            yield f"warnings: serial {self.first.warnings}, candidate {candidate.warnings}"
        ignored = self.unstable_tests | self.set_aside_of(candidate)
        yield from junit.differences(
            self.first.suite, candidate.suite, ignored=ignored, texts_ignored=self.texts_ignored
        )
        yield from executed.differences(self.first.lines, candidate.lines, ignored=self.unstable_lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Compare every named project and print what differs. Returns the exit code."""
    options = _parser().parse_args(argv)
    same = True
    for requirement in options.projects:
        project = prepare(requirement, options.cache, extra_requirements=options.extra_requirements)
        same &= compare(
            project,
            _candidates(options),
            arguments=shlex.split(options.arguments),
            cov=options.cov,
            set_aside=options.set_aside,
            outcomes_only=options.outcomes_only,
        )
    return 0 if same else 1


def compare(
    project: Project,
    candidates: Sequence[Sequence[str]],
    *,
    cov: bool,
    arguments: Sequence[str] = (),
    set_aside: Iterable[str] = (),
    outcomes_only: bool = False,
) -> bool:
    """Run the project serially and with each candidate's pytest arguments, and print what differs.

    `arguments` are for all runs. Returns whether nothing differs. Raises RunFailed when not even the serial runs can be
    used.
    """
    first, second = (run_pytest(project, arguments, cov=cov) for _ in range(2))
    baseline = Baseline(first=first, second=second, set_aside=frozenset(set_aside), outcomes_only=outcomes_only)
    _print_baseline(project, baseline)
    same = True
    for candidate in candidates:
        verdict, differences = _run_candidate(project, [*arguments, *candidate], baseline, cov=cov)
        _print_candidate(f"pytest {shlex.join(candidate)} ({verdict})", differences)
        same &= not differences
    return same


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("projects", nargs="+", metavar="NAME[==VERSION]", help="source distributions on PyPI")
    add("--transport", action="append", default=[], help="fork (default) or popen; repeatable")
    add("--workers", type=int, default=2, help="number of workers (default %(default)s)")
    add("--candidate", action="append", default=[], metavar="ARGS", help='other pytest arguments, such as "-n 2"')
    add("--arguments", default="", metavar="ARGS", help="pytest arguments of all runs, such as folders with the tests")
    add("--cov", action="store_true", help="compare the executed lines too")
    add("--with", action="append", default=[], dest="extra_requirements", metavar="REQUIREMENT", help="also install")
    add(
        "--set-aside",
        action="append",
        default=[],
        metavar="TEST",
        help="a test that is not compared; repeatable, and a * at the end stands for any text",
    )
    add("--outcomes-only", action="store_true", help="compare no messages and no captured output")
    add("--cache", type=Path, default=DEFAULT_CACHE, help="where environments and the last outputs are kept")
    return parser


def _candidates(options: argparse.Namespace) -> list[list[str]]:
    transports = options.transport or ([] if options.candidate else ["fork"])
    ours = [["--agents", "-n", str(options.workers), "--tx", transport] for transport in transports]
    return ours + [shlex.split(arguments) for arguments in options.candidate]


def _run_candidate(
    project: Project, arguments: Sequence[str], baseline: Baseline, *, cov: bool
) -> tuple[str, list[str]]:
    try:
        run = run_pytest(project, arguments, cov=cov)
    except RunFailed as failure:
        return "failed", [str(failure)]
    return f"{run.seconds:.1f} s", list(baseline.differences(run))


def _print_baseline(project: Project, baseline: Baseline) -> None:
    tests = baseline.first.suite.counts["tests"]
    print(
        f"{project.name}: {tests} tests, exit code {baseline.first.exit_code}, serially {baseline.first.seconds:.1f} s"
    )
    known = baseline.set_aside_of(baseline.first, baseline.second)
    for name in sorted(baseline.unstable_tests):
        print(f"  not compared, {'set aside' if name in known else 'unstable even serially'}: {name}")
    if texts := sorted(baseline.unstable_texts):
        named = textwrap.shorten(", ".join(texts), SHOWN_NAMES, placeholder=" ...")
        print(f"  only the outcome compared, texts unstable even serially: {len(texts)} tests, {named}")
    for path, lines in sorted(baseline.unstable_lines.items()):
        print(f"  not compared, executed by one of two serial runs: {len(lines)} lines of {path}")


def _print_candidate(title: str, differences: Sequence[str]) -> None:
    print(f"  {title}: {len(differences) or 'no'} difference{'' if len(differences) == 1 else 's'}", flush=True)
    for difference in differences[:SHOWN_DIFFERENCES]:
        print(textwrap.indent(difference, "    "))
    if len(differences) > SHOWN_DIFFERENCES:
        print(f"    ... and {len(differences) - SHOWN_DIFFERENCES} more")


if __name__ == "__main__":
    sys.exit(main())
