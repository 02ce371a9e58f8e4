"""Measure how well a run's causes point at known faults, and write what was found as a page.

    python -m benchmarks.localization --write docs/design/localization.md
    python -m benchmarks.localization --faults 40 --pairs 4
    python -m benchmarks.localization --recipes bugs.toml --faults 0
    python -m benchmarks.localization --seconds 0      # only ranks what was measured before

Needs Linux and PyPI. What has run is kept in the cache, so that a measurement can be broken off and taken up again.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.environments import DEFAULT_CACHE
from benchmarks.localization.measuring import Laboratory, pairs, single_faults
from benchmarks.localization.packages import PACKAGES, Originals, prepared
from benchmarks.localization.page import Findings, all_met, page
from benchmarks.localization.reading import failing_tests
from benchmarks.localization.recipes import read_recipes
from benchmarks.localization.results import both_found, result
from benchmarks.localization.trials import Status, Store, Trial, Tried
from benchmarks.machine import commit, machine_facts

SEED = 13


def main(argv: Sequence[str] | None = None) -> int:
    """Run what has to run, then print or write the page. Returns the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments)
    version = commit() if options.seconds > 0 else None
    chosen = PACKAGES if options.faults else ()
    packages = {each.name: Originals(each, prepared(each, options.cache, version)) for each in chosen}
    home = options.cache / "localization"
    laboratory = Laboratory(
        Store(home / "trials"),
        home / "workspaces",
        version=version or "",
        seconds=options.seconds,
        again=options.again,
        note=_note,
    )
    singles = single_faults(list(packages.values()), laboratory, wanted=options.faults, seed=SEED)
    ended = laboratory.ended.copy()  # of single faults
    twos = pairs(singles, packages, laboratory, wanted=options.pairs, seed=SEED)
    with ProcessPoolExecutor() as pool:
        found = Findings(
            ended=ended,
            mutants=list(pool.map(result, *_columns((each.trial, each.tried) for each in singles))),
            pairs=list(pool.map(both_found, *_columns((each.trial, each.tried) for each in twos))),
            recipes=list(pool.map(result, *_columns(_tried(options.recipes, laboratory)))),
        )
    text = page(
        found, facts=machine_facts(), command=shlex.join(["python", "-m", "benchmarks.localization", *arguments])
    )
    if options.write:
        options.write.write_text(text, "utf-8")
    else:
        print(text)
    return 0 if all_met(found) else 1


def _columns(trials: Iterable[tuple[Trial, Tried]]) -> tuple[list[Trial], list[Tried]]:
    pairs_of_both = list(trials)
    return [trial for trial, _ in pairs_of_both], [tried for _, tried in pairs_of_both]


def _tried(recipes: Iterable[Path], laboratory: Laboratory) -> Iterator[tuple[Trial, Tried]]:
    """The bugs of recipes that fail as these say."""
    for file in recipes:
        for trial in read_recipes(file):
            tried = laboratory.tried(trial)
            if tried is not None and tried.status == Status.FAILED and trial.fails_in(failing_tests(tried.report)):
                yield trial, tried
            else:
                _note(f"{trial.fault.name}: none of its tests fails; not counted")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--faults", type=int, default=324, help="mutants that fail a test (default %(default)s)")
    add("--pairs", type=int, default=50, help="trees with two of these (default %(default)s)")
    add("--recipes", type=Path, action="append", default=[], metavar="PATH", help="bugs in a TOML or JSON file")
    add("--seconds", type=float, default=float("inf"), help="start no run after these; 0 runs and installs nothing")
    add("--again", action="store_true", help="measure failures anew that another version of this project had")
    add("--write", type=Path, metavar="PATH", help="write the page there instead of printing it")
    add("--cache", type=Path, default=DEFAULT_CACHE, help="where environments and reports are kept")
    return parser


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
