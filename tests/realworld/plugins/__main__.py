"""Compare all plugins, or those that are named, and with --write renew the page that says what was found."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.cases import all_cases
from tests.realworld.plugins.environment import environment
from tests.realworld.plugins.page import renewed
from tests.realworld.plugins.runner import compare, undeclared
from tests.realworld.suites import SUITES


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something differs that its case does not declare; nothing is written then."""
    parser = argparse.ArgumentParser(prog="python -m tests.realworld.plugins", description=__doc__)
    parser.add_argument("plugins", nargs="*", metavar="PLUGIN")
    parser.add_argument("--write", type=Path, metavar="PAGE")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    options = parser.parse_args(arguments)
    cases = [case for case in all_cases() if not options.plugins or case.name in options.plugins]
    with ThreadPoolExecutor(options.jobs) as pool:
        wrong = sum(_report(case, problems) for case, problems in zip(cases, pool.map(_problems, cases), strict=True))
    if wrong:
        return 1
    if options.write:
        page = options.write.read_text("utf-8")
        versions = {name.replace("_", "-"): version for name, version in environment().versions().items()}
        options.write.write_text(renewed(page, all_cases(), SUITES, versions), "utf-8")
    return 0


def _problems(case: Case) -> Mapping[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        return undeclared(case, compare(case, environment().python, Path(folder).resolve()))


def _report(case: Case, problems: Mapping[str, str]) -> bool:
    print(f"{case.name}: {'as declared' if not problems else f'{len(problems)} not as declared'}", flush=True)  # noqa: T201
    for title, shown in problems.items():
        print(f"--- {title}\n{shown}")  # noqa: T201
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
