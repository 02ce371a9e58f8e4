from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.convergence.evidence import Measured
from pytest_parallel_agents.convergence.gathering import gather
from pytest_parallel_agents.convergence.ranking import explain
from pytest_parallel_agents.model.results import Evidence, Finding, Frame, Level, Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.evidence import evidence_entry, evidence_from_report, read_evidence
from pytest_parallel_agents.reports.formats.suffixes import write_report
from tests.unit.reports.samples import FACTS, SOURCES, check, plan, shop_results

CART = "src/shop/cart.py"
HUNG = "tests/test_cart.py::test_hung"
TOTAL = "tests/test_cart.py::test_total"

MEASURED = Measured(
    spectra={TOTAL: {CART: (41, 42)}, "tests/test_cart.py::test_tax": {CART: (41, 45), "src/shop/io.py": (1,)}},
    samples={HUNG: {CART: {41: 3, 45: 1}}},
    imports={"tests/test_cart.py": (CART,)},
    missing="",
    seconds=1.5,
)


def results() -> list[Result]:
    return [
        *shop_results(),
        Result(check=check(3, "tests/test_cart.py::test_tax"), outcome=Outcome.PASSED),
        Result(check=check(4, HUNG), outcome=Outcome.TIMED_OUT, evidence=Evidence(frames=(Frame(CART, 45),))),
        Result(
            check=check(5, "tests/test_gate.py::test_gate"),
            outcome=Outcome.FAILED,
            evidence=Evidence(
                frames=(Frame("tests/test_gate.py", 1),),
                findings=(Finding(rule="r", level=Level.ERROR, message="m", path=CART, line=1, fingerprint="known"),),
            ),
        ),
    ]


def test_a_report_ranks_equal_to_the_run_that_it_is_of(tmp_path: Path) -> None:
    run = gather(results(), SOURCES, MEASURED, gates={"tests/test_gate.py::test_gate"}, known={"known"})
    run = msgspec.structs.replace(run, ages={CART: {41: 3.5}}, changed={CART: frozenset({45})})
    ranking = explain(run)
    write_report(
        build(FACTS, plan(results()), results(), Located(ranking=ranking, evidence=run)), tmp_path / "report.json"
    )

    assert ranking.causes
    assert explain(read_evidence(tmp_path / "report.json")) == ranking


def test_what_is_read_again_writes_the_same() -> None:
    run = gather(results(), SOURCES, MEASURED)
    report = build(FACTS, None, results(), Located(ranking=explain(run), evidence=run))

    assert evidence_entry(evidence_from_report(report)) == report.evidence
    assert report.evidence is not None
    assert report.evidence.measured_seconds == MEASURED.seconds


def test_what_no_failing_check_executed_is_left_out() -> None:
    entry = evidence_entry(gather(results(), SOURCES, MEASURED))

    assert entry.spectra == {TOTAL: {CART: (41, 42)}, "tests/test_cart.py::test_tax": {CART: (41,)}}


def test_a_report_without_evidence_ranks_nothing() -> None:
    assert explain(evidence_from_report(build(FACTS, None, [], Located()))).causes == ()


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("{}")

    with pytest.raises(msgspec.ValidationError):
        read_evidence(path)
