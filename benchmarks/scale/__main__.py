"""Simulate up to a thousand workers and a million checks, and write what was found as a page.

    python -m benchmarks.scale --write docs/design/scale.md
    python -m benchmarks.scale --scale 0.01        # a hundredth of the checks
    python -m benchmarks.scale --found cases.json  # does not simulate again what is in this file, and adds to it

Takes a quarter of an hour and 3 GiB of memory.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Final

from benchmarks.machine import machine_facts
from benchmarks.scale.controller import cost_of_check
from benchmarks.scale.kept import Kept
from benchmarks.scale.page import MICROSECONDS, page
from benchmarks.scale.simulated import Case

SEED: Final = 15
SERVICE: Final = 100e-6
"""CPU seconds of the controller for a check, in virtual time."""

WORKERS: Final = (10, 100, 1_000)
CHECKS: Final = (10_000, 100_000, 1_000_000)
LATENCIES: Final = (0.001, 0.01, 0.1)
MEDIAN: Final = 0.1

SHORT_MEDIANS: Final = (0.1, 0.05, 0.02, 0.01, 0.005)
SHORT_CHECKS: Final = 50_000
CONTROLLERS: Final = (1, 2, 4, 8)


def main(argv: Sequence[str] | None = None) -> int:
    """Simulates all cases, then prints or writes the page. Returns the exit code."""
    options = _parser().parse_args(sys.argv[1:] if argv is None else list(argv))
    kept = Kept(options.found)
    wanted = (list(_scale_cases(options.scale)), list(_saturation_cases(options.scale)))
    scale, saturation = (
        [(case, kept.figures(case, SEED)) for case in cases if case in kept or not options.only_found]
        for cases in wanted
    )
    cost = cost_of_check() if options.cost is None else options.cost / MICROSECONDS
    missing = sum(map(len, wanted)) - len(scale) - len(saturation)
    text = page(scale, saturation, facts=machine_facts(), measured=cost, missing=missing)
    if options.write is None:
        print(text)
    else:
        options.write.write_text(text, "utf-8")
    return 0


def _scale_cases(scale: float) -> Iterator[Case]:
    for workers, checks, latency in product(WORKERS, CHECKS, LATENCIES):
        yield Case(workers=workers, checks=round(checks * scale), latency=latency, median=MEDIAN, service=SERVICE)


def _saturation_cases(scale: float) -> Iterator[Case]:
    for median, controllers in product(SHORT_MEDIANS, CONTROLLERS):
        yield Case(
            workers=WORKERS[-1],
            checks=round(SHORT_CHECKS * scale),
            latency=LATENCIES[1],
            median=median,
            service=SERVICE,
            controllers=controllers,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", type=Path, metavar="PAGE", help="where to write the page (default: print it)")
    parser.add_argument("--scale", type=float, default=1.0, help="the share of the checks to simulate (default: all)")
    parser.add_argument("--found", type=Path, metavar="FILE", help="what was found before, as lines of JSON")
    parser.add_argument("--only-found", action="store_true", help="simulate nothing, write what is in that file")
    parser.add_argument("--cost", type=float, metavar="US", help="microseconds of a controller, if measured before")
    return parser


if __name__ == "__main__":
    sys.exit(main())
