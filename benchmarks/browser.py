"""A browser without a window, and how long it takes to open the HTML report of many checks.

python -m benchmarks.browser                  # 20,000 checks, five times
python -m benchmarks.browser --checks 50000
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.model.results import Level, Outcome
from pytest_parallel_agents.reports.entries_of_checks import AttemptEntry, CheckEntry, FailureEntry, FindingEntry
from pytest_parallel_agents.reports.formats.html import render
from pytest_parallel_agents.reports.report import Independence, Report, Run, Timing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WORKERS: Final = 16
_KINDS: Final = ("test",) * 30 + ("review", "profile", "load")
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a browser takes to open the HTML report of many checks.")
    parser.add_argument("--checks", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    begun = time.perf_counter()
    content = render(many_checks(arguments.checks))
    print(f"{len(content) / 1e6:.1f} MB, rendered in {time.perf_counter() - begun:.2f} s")
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        path = Path(folder) / "report.html"
        path.write_bytes(content)
        times = [_seconds_to_open(browser, path) for _ in range(arguments.rounds)]
    print(f"{arguments.checks:,} checks: opened in {median(times):.2f} s, at most {max(times):.2f} s")


def executable() -> str | None:
    """The path of Chromium or of what is made from it; None if there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def started() -> Iterator[Browser]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable())
        yield browser
        browser.close()


def _seconds_to_open(browser: Browser, path: Path) -> float:
    """Until what is in sight is drawn, the list of all checks filled."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    begun = time.perf_counter()
    page.goto(path.as_uri())
    page.locator("#checks [role=row]").nth(1).wait_for(state="attached")
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    taken = time.perf_counter() - begun
    page.close()
    return taken


def many_checks(number: int) -> Report:
    """A run on 16 workers in which one check of fifty fails, with a traceback each."""
    chance = random.Random(1)  # noqa: S311 - which checks fail is no secret
    free = [0.0] * WORKERS
    checks = []
    for index in range(number):
        worker = min(range(WORKERS), key=free.__getitem__)
        start, free[worker] = free[worker], free[worker] + chance.expovariate(2)
        outcome = Outcome.FAILED if chance.random() < 1 / 50 else Outcome.PASSED
        attempt = AttemptEntry(outcome=outcome, worker=f"gw{worker}", start=start, stop=free[worker], message="")
        checks.append(_check(index, chance.choice(_KINDS), attempt))
    return _report(tuple(checks), max(free))


def _check(index: int, kind: str, attempt: AttemptEntry) -> CheckEntry:
    nodeid = f"tests/part_{index % 97}/test_module_{index % 1200}.py::TestClass::test_number_{index}[value-{index % 7}]"
    check = CheckEntry(
        nodeid=nodeid,
        kind=kind,
        name=nodeid.rpartition("::")[2],
        outcome=attempt.outcome,
        duration=attempt.stop - attempt.start,
        worker=attempt.worker,
        start=attempt.start,
        stop=attempt.stop,
        attempts=(attempt,),
        group=None,
        message="",
        notes=(),
        measurements=(),
        findings=(),
    )
    if not attempt.outcome.bad:
        return check
    traceback = "\n".join(
        f"src/part_{line}.py:{line}: in function_{line}\n    one = another[{line}]" for line in range(30)
    )
    found = FindingEntry(
        rule="rule", level=Level.ERROR, message="is wrong", path="src/part_1.py", line=index, end_line=None,
        fingerprint=str(index), check=nodeid,
    )  # fmt: skip
    failure = FailureEntry(text=f"{traceback}\nE   AssertionError: {index}", sections=())
    return replace(check, message=f"AssertionError: {index}", failure=failure, findings=(found,) if index % 2 else ())


def _report(checks: tuple[CheckEntry, ...], seconds: float) -> Report:
    work = sum(check.duration for check in checks)
    return Report(
        schema="pytest-parallel-agents/report/1",
        run=Run(
            started="2025-01-02T03:04:05Z", seconds=seconds, workers=WORKERS, cpus=WORKERS, exit_code=1,
            python="3.11.9", platform="linux", root="/home/me/large", shard=None,
        ),
        timing=Timing(
            sequential=work, makespan=seconds, speedup=work / seconds, lower_bound=work / WORKERS,
            efficiency=work / WORKERS / seconds, start_skew=0.0,
            critical_path=tuple(check.nodeid for check in checks[:3]),
        ),
        independence=Independence(policy=Policy.SERIALIZE, verified=True, conflicts=()),
        checks=checks,
        groups=(),
        causes=(),
        evidence=None,
        baseline=None,
        unexplained=(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
