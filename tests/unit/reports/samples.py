"""One run with a bit of everything, for the tests of all renderers."""

from __future__ import annotations

import io

from _pytest._io import TerminalWriter

from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.convergence.gathering import gather
from pytest_parallel_agents.convergence.ranking import explain
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.plan import Action, Check, Conflict, Plan, Policy, Source
from pytest_parallel_agents.model.results import Attempt, Evidence, Finding, Frame, Level, Outcome, Result
from pytest_parallel_agents.reports.build import RunFacts, build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.report import Report

FACTS = RunFacts(
    started="2025-01-02T03:04:05Z",
    seconds=15.5,
    workers=3,
    cpus=3,
    exit_code=1,
    python="3.11.9",
    platform="linux",
    root="/home/me/shop",
    policy=Policy.SERIALIZE,
)

SOURCES = {
    "src/shop/cart.py": "\n" * 39
    + "def total(items):\n    rate = 0\n    return sum(items) / rate\n\ndef tax():\n    pass\n",
    "src/shop/io.py": "import os\n",
}


def check(index: int, nodeid: str, kind: str = "test", **options: object) -> Check:
    return Check(index=index, nodeid=nodeid, kind=kind, name=nodeid.rpartition("::")[2], **options)  # type: ignore[arg-type]


def attempt(start: float, stop: float, worker: str = "gw0", outcome: Outcome = Outcome.PASSED) -> Attempt:
    return Attempt(outcome=outcome, worker=worker, start=start, stop=stop)


def terminal(width: int = 80, *, markup: bool = False) -> tuple[TerminalWriter, io.StringIO]:
    """Pytest's own writer, and where its text ends up."""
    text = io.StringIO()
    writer = TerminalWriter(text)
    writer.hasmarkup = markup
    writer.fullwidth = width
    return writer, text


def plan(results: list[Result], *conflicts: Conflict) -> Plan:
    checks = {result.check.index: result.check for result in results}
    return Plan(checks=checks, lanes=tuple((index,) for index in checks), conflicts=conflicts)


def conflict(left: str, right: str, action: Action = Action.SERIALIZED) -> Conflict:
    return Conflict(
        left=left,
        right=right,
        resource="db",
        source=Source.RESOURCE,
        reason="both write db",
        remedy="give each its own database",
        action=action,
    )


def shop_results() -> list[Result]:
    """Three checks of 10, 15 and 8 seconds on three workers, all of which point at `total`."""
    return [_review(), _test(), _profile()]


def shop_report() -> Report:
    results = shop_results()
    known = conflict("pyproject.toml::mypy", "tests/test_cart.py::test_total")
    return build(FACTS, plan(results, known), results, located(results))


def located(results: list[Result]) -> Located:
    """Where to look first of them, in `SOURCES`."""
    run = gather(results, SOURCES, Measured())
    return Located(ranking=explain(run), evidence=run, sources=SOURCES)


def _review() -> Result:
    mypy = check(0, "pyproject.toml::mypy", "review")
    findings = (
        finding("attr-defined", Level.ERROR, '"int" has no attribute "rate"; maybe "rates"?', "src/shop/cart.py", 41),
        finding("F401", Level.WARNING, "`os` imported but unused", "src/shop/io.py", 1),
        finding("S101", Level.NOTE, "Use of assert detected", "src/shop/io.py", None),
        finding("stale", Level.NOTE, "configuration has unused section", None, None),
    )
    return Result(
        check=mypy,
        outcome=Outcome.FAILED,
        attempts=(attempt(0.0, 10.0, "gw0", Outcome.FAILED),),
        message="2 errors",
        evidence=Evidence(findings=findings),
    )


def finding(rule: str, level: Level, message: str, path: str | None, line: int | None) -> Finding:
    return Finding(
        rule=rule, level=level, message=message, path=path, line=line, fingerprint="0f", check="pyproject.toml::mypy"
    )


def _test() -> Result:
    return Result(
        check=check(1, "tests/test_cart.py::test_total", group="cart"),
        outcome=Outcome.FAILED,
        attempts=(attempt(10.0, 15.0, "gw1", Outcome.FAILED),),
        message="ZeroDivisionError: division by zero",
        evidence=Evidence(frames=(Frame("tests/test_cart.py", 7), Frame("src/shop/cart.py", 42))),
    )


def _profile() -> Result:
    spots = (
        HotSpot(path="src/shop/cart.py", line=40, function="total", calls=9, self_seconds=3, cumulative_seconds=3),
        HotSpot(path="src/shop/cart.py", line=44, function="tax", calls=1, self_seconds=7, cumulative_seconds=10),
    )
    measured = Measurement(name="", calls=10, cpu_seconds=9, wall_seconds=9, peak_bytes=1024, hot_spots=spots)
    return Result(
        check=check(2, "tests/test_cart.py::test_speed", "profile"),
        outcome=Outcome.PASSED,
        attempts=(attempt(0.5, 8.5, "gw2"),),
        evidence=Evidence(measurements=(measured,)),
    )
