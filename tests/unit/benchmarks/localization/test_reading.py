from __future__ import annotations

import json

import pytest

from benchmarks.localization.reading import failing_tests, hung, judged, second_pass
from benchmarks.localization.trials import Status


def report(*checks: tuple[str, str, float], exit_code: int = 1, measured: float = 0.0) -> bytes:
    entries = [dict(zip(("nodeid", "outcome", "duration"), each, strict=True)) for each in checks]
    evidence = {"measured_seconds": measured}
    return json.dumps({"run": {"exit_code": exit_code}, "checks": entries, "evidence": evidence}).encode()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (report(("a.py::x", "passed", 1), exit_code=0), Status.PASSED),
        (report(("a.py::x", "failed", 1)), Status.FAILED),
        (report(("a.py::x", "failed", 1), ("b.py", "error", 0)), Status.BROKEN),
        (report(("a.py::x", "failed", 1), exit_code=2), Status.BROKEN),
    ],
)
def test_what_could_not_be_collected_is_no_failure_of_a_test(text: bytes, status: Status) -> None:
    assert judged(text) == status


def test_the_second_pass_is_compared_with_the_files_of_failing_tests() -> None:
    text = report(
        ("a.py::x", "failed", 1),
        ("a.py::y", "passed", 2),
        ("b.py::z", "passed", 4),
        ("b.py::w", "skipped", 0),
        measured=2,
    )
    found = second_pass(text)
    assert (found.seconds, found.files_seconds) == (2, 3)
    assert failing_tests(text) == {"a.py::x"}


def test_a_fault_hangs_when_most_failing_tests_do() -> None:
    assert hung(report(("a.py::x", "timed_out", 1), ("a.py::y", "passed", 1)))
    assert hung(report(("a.py::x", "timed_out", 1), ("a.py::y", "timed_out", 1), ("a.py::z", "crashed", 1)))
    assert not hung(report(("a.py::x", "timed_out", 1), ("a.py::y", "failed", 1)))
