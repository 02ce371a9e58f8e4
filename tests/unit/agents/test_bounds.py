from __future__ import annotations

from pytest_parallel_agents.agents.bounds import MOST_MESSAGE, MOST_NAME, MOST_OF_CHECK, bounded, bounded_measurement
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.results import Finding, Level

LONG = "é" * 10_000_000


def finding(message: str, *, rule: str = "rule", path: str | None = None) -> Finding:
    return Finding(rule=rule, level=Level.ERROR, message=message, path=path)


def test_what_is_not_too_long_stays_as_it_is() -> None:
    found = [finding("m" * MOST_MESSAGE, rule="r" * MOST_NAME, path="a/b.py"), finding("")]

    assert list(bounded(found)) == found


def test_each_field_marks_what_was_cut() -> None:
    (found,) = bounded([finding(LONG, rule=LONG, path=LONG)])

    assert found.message == "é" * MOST_MESSAGE + " ... 9,991,808 characters left out"
    assert found.rule == "é" * MOST_NAME + " ... 9,999,500 characters left out"
    assert found.path == found.message


def test_many_long_messages_are_cut_more_and_none_is_dropped() -> None:
    number = 2 * MOST_OF_CHECK // MOST_MESSAGE

    found = list(bounded([finding("m" * MOST_MESSAGE)] * number))

    assert len(found) == number
    assert sum(len(each.message) for each in found) < MOST_OF_CHECK + number * (MOST_NAME + 100)
    assert found[-1].message.endswith(" characters left out")


def test_names_of_what_was_measured_are_cut() -> None:
    spot = HotSpot(path=LONG, line=1, function=LONG, calls=1, self_seconds=1.0, cumulative_seconds=1.0)
    measured = bounded_measurement(
        Measurement(name=LONG, calls=1, cpu_seconds=1.0, wall_seconds=1.0, peak_bytes=None, hot_spots=(spot,))
    )

    assert max(map(len, (measured.name, measured.hot_spots[0].function))) < MOST_NAME + 100
    assert len(measured.hot_spots[0].path) < MOST_MESSAGE + 100
