from __future__ import annotations

import msgspec

from pytest_parallel_agents.causes import Basis
from pytest_parallel_agents.model.results import Outcome
from pytest_parallel_agents.reports.entries_of_causes import CauseEntry, CauseLineEntry, UnexplainedEntry
from pytest_parallel_agents.reports.first_causes import first_causes
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.look_first import (
    MOST_UNEXPLAINED,
    write_causes,
    write_unexplained,
)
from tests.unit.reports.samples import shop_report, terminal

FAILED = "tests/test_cart.py::test_total"


def caused(*scores: float, clusters: tuple[int, ...] = ()) -> Report:
    """The shop's report with causes of these scores, of cluster 1 unless given."""
    report = shop_report()
    [first, *_] = report.causes
    numbers = clusters or (1,) * len(scores)
    causes = [
        msgspec.structs.replace(first, score=score, cluster=cluster, function=f"f{number}")
        for number, (score, cluster) in enumerate(zip(scores, numbers, strict=True))
    ]
    return msgspec.structs.replace(report, causes=tuple(causes))


def shown(report: Report) -> list[str]:
    return [cause.function for cause in first_causes(report)]


def line(number: int, score: float) -> CauseLineEntry:
    return CauseLineEntry(line=number, end_line=number, score=score, rank_group=1, text=f"text {number}")


def written(cause: CauseEntry, *, verbose: bool = False) -> str:
    writer, text = terminal()
    write_causes([cause], writer, verbose=verbose)
    return text.getvalue()


def test_what_is_far_below_the_first_of_its_cluster_is_not_worth_a_look() -> None:
    assert shown(caused(2.0, 0.5, 0.4)) == ["f0", "f1"]
    assert shown(caused(2.0, 0.4, clusters=(1, 2))) == ["f0", "f1"]


def test_findings_have_a_scale_of_their_own() -> None:
    report = caused(2.0, 0.1)
    of_findings = msgspec.structs.replace(report.causes[1], basis=Basis.FINDINGS, cluster=0)

    assert shown(msgspec.structs.replace(report, causes=(report.causes[0], of_findings))) == ["f0", "f1"]


def test_nothing_is_to_mend_where_nothing_failed() -> None:
    report = caused(1.0)
    passed = tuple(msgspec.structs.replace(each, outcome=Outcome.PASSED) for each in report.checks)

    assert shown(msgspec.structs.replace(report, checks=passed)) == []


def test_the_likeliest_statement_is_marked_among_others() -> None:
    [cause] = caused(1.0).causes
    several = msgspec.structs.replace(cause, lines=(line(12, 2.0), line(7, 1.0)))

    assert "       7 | text 7\n     > 12 | text 12\n".replace("  7 |", "   7 |") in written(several)
    assert "       12 | text 12\n" in written(msgspec.structs.replace(cause, lines=(line(12, 2.0),)))


def test_failures_without_a_cause_are_listed_with_the_reason() -> None:
    entries = [UnexplainedEntry(checks=(f"t.py::t{number}", "t.py::u"), why="why") for number in range(7)]
    writer, text = terminal()
    write_unexplained(entries, writer, verbose=False)

    lines = text.getvalue().splitlines()
    assert lines[:2] == ["no cause known", "  t.py::t0 and 1 other: why"]
    assert lines[MOST_UNEXPLAINED + 1] == "  ... and 2 more (-v lists all)"

    writer, text = terminal()
    write_unexplained(entries, writer, verbose=True)
    assert len(text.getvalue().splitlines()) == 1 + len(entries) + 1
