from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from pytest_parallel_agents.agents.evidence import (
    forget,
    from_wire,
    record_evidence,
    record_failure,
    record_finding,
    record_measurement,
    recorded,
    to_wire,
)
from pytest_parallel_agents.measurements import HotSpot, Measurement
from pytest_parallel_agents.model.results import Evidence, Finding, Frame, Level

FINDING = Finding(rule="R", level=Level.WARNING, message="m", path="a.py", line=1, end_line=2)
SPOT = HotSpot(path="a.py", line=1, function="f", calls=3, self_seconds=0.1, cumulative_seconds=0.2)
MEASUREMENT = Measurement(name="n", calls=3, cpu_seconds=0.5, wall_seconds=0.6, peak_bytes=None, hot_spots=(SPOT,))


def test_nothing_is_recorded_at_first(item: pytest.Item) -> None:
    assert recorded(item) == Evidence()


def test_findings_are_stamped_with_their_check_and_fingerprint(item: pytest.Item) -> None:
    record_finding(item, FINDING)
    record_measurement(item, MEASUREMENT)

    evidence = recorded(item)

    assert [finding.check for finding in evidence.findings] == [item.nodeid]
    assert evidence.findings[0].fingerprint.endswith(":1")
    assert evidence.measurements == (MEASUREMENT,)


def test_evidence_adds_up_until_it_is_forgotten(item: pytest.Item) -> None:
    record_finding(item, FINDING)
    record_evidence(item, Evidence(findings=(FINDING,), measurements=(MEASUREMENT,)))
    assert (len(recorded(item).findings), len(recorded(item).measurements)) == (2, 1)

    forget(item)

    assert recorded(item) == Evidence()


def test_a_failure_leaves_its_frames(pytester: pytest.Pytester) -> None:
    item = pytester.getitem("def test_it(): pass", "test_it")
    Path(pytester.path, "broken.py").write_text("def f():\n    raise LookupError\n")
    pytester.syspathinsert()
    import broken  # type: ignore[import-not-found]

    with pytest.raises(LookupError) as caught:
        broken.f()
    record_failure(item, caught.value)

    assert recorded(item).frames == (Frame("broken.py", 2),)


def test_the_wire_carries_everything_as_plain_values() -> None:
    evidence = Evidence(findings=(FINDING,), measurements=(MEASUREMENT,), frames=(Frame("a.py", 2),))

    wire = to_wire(evidence)

    assert from_wire(json.loads(json.dumps(wire))) == evidence
    assert type(wire["findings"][0]["level"]) is str  # type: ignore[index]


def test_another_shape_is_no_evidence() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_wire({"findings": [{"rule": 3}]})
