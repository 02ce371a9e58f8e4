from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.measurements import Measurement, Rounds
from pytest_parallel_agents.model.results import Evidence, Outcome, Result
from pytest_parallel_agents.reports.build import build
from pytest_parallel_agents.reports.causes import Located
from pytest_parallel_agents.reports.measurement_phrases import measurement_phrase
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.measurements import write_measurements
from tests.unit.reports.samples import FACTS, attempt, check, terminal

BLOCK = Measurement(name="test_0", calls=12_345, cpu_seconds=0.06, wall_seconds=0.12, peak_bytes=2_345_678)
ROUNDS = Rounds(count=1200, iterations=10, min=9e-7, max=0.0025, mean=2e-6, median=1.234e-6, stddev=1e-6)
BENCHMARK = Measurement(
    name="test_0", calls=None, cpu_seconds=None, wall_seconds=ROUNDS.median, peak_bytes=None, rounds=ROUNDS
)


def report(*measurements: Measurement, beside: int = 0) -> Report:
    results = [
        Result(check=check(index, f"t.py::test_{index}"), outcome=Outcome.PASSED, attempts=(attempt(0, 1),))
        for index in range(beside + 1)
    ]
    results[0] = replace(results[0], evidence=Evidence(measurements=measurements))
    return build(FACTS, None, results, Located())


def phrase(measurement: Measurement, *, beside: int = 0) -> str:
    return measurement_phrase(report(measurement, beside=beside).checks[0].measurements[0])


@pytest.mark.parametrize(
    ("measurement", "beside", "said"),
    [
        (BLOCK, 0, "12,345 calls, peak 2.3 MB, 120 ms alone"),
        (BLOCK, 1, "12,345 calls, peak 2.3 MB, 120 ms beside 1 check (CPU share 50%)"),
        (
            replace(BLOCK, calls=1, peak_bytes=None, involuntary_switches=1),
            2,
            "1 call, 120 ms beside 2 checks (CPU share 50%, 1 involuntary switch)",
        ),
        (replace(BLOCK, peak_bytes=17, wall_seconds=1234.5), 0, "12,345 calls, peak 17 B, 1,234.50 s alone"),
        (BENCHMARK, 0, "median 1.23 us, 900 ns to 2.5 ms, 1,200 rounds of 10 alone"),
        (BENCHMARK, 3, "median 1.23 us, 900 ns to 2.5 ms, 1,200 rounds of 10 beside 3 checks"),
    ],
)
def test_seconds_come_with_what_disturbed_them(measurement: Measurement, beside: int, said: str) -> None:
    assert phrase(measurement, beside=beside) == said


def test_a_block_with_a_name_of_its_own_keeps_it() -> None:
    writer, text = terminal(200)
    write_measurements(report(BLOCK, replace(BLOCK, name="parse"), replace(BLOCK, name="dump")), 2, writer)
    assert text.getvalue().splitlines() == [
        "measurements",
        "  t.py::test_0: 12,345 calls, peak 2.3 MB, 120 ms alone",
        "  t.py::test_0: parse: 12,345 calls, peak 2.3 MB, 120 ms alone",
        "  ... and 1 more (-v lists all)",
        "",
    ]


def test_nothing_measured_is_nothing_written() -> None:
    writer, text = terminal()
    write_measurements(report(), 10, writer)
    assert text.getvalue() == ""
