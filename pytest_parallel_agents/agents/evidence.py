"""Evidence: what was recorded while an item ran, kept with the item, and its form on the wire. Secrets are masked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, cast

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.agents.bounds import MOST_NAME, bounded, bounded_measurement
from pytest_parallel_agents.agents.frames import traceback_frames
from pytest_parallel_agents.early_bound import builtins, os
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.model.results import Evidence, Finding, Frame, Level, Usage
from pytest_parallel_agents.secrets import mask_secrets, secrets_mask

__builtins__ = builtins


class _Record(msgspec.Struct):
    findings: list[Finding] = msgspec.field(default_factory=list)
    measurements: list[Measurement] = msgspec.field(default_factory=list)
    frames: tuple[Frame, ...] = ()
    exception: str = ""
    notes: list[str] = msgspec.field(default_factory=list)
    usage: Usage | None = None
    stamped: tuple[Finding, ...] = ()
    fail_on: Level = Level.ERROR


NOTHING = Evidence()
EVIDENCE: Final = "parallel_agents"
"""Name of the attribute that carries a check's evidence on its reports."""

REFUSED: Final = "tools that the model was not allowed to use: "
"""Beginning of the note that names them."""
_MOST_REFUSED: Final = 20

_RECORD = pytest.StashKey[_Record]()


def record_finding(item: pytest.Item, finding: Finding) -> None:
    record_evidence(item, Evidence(findings=(finding,)))


def record_measurement(item: pytest.Item, measurement: Measurement) -> None:
    record_evidence(item, Evidence(measurements=(measurement,)))


def record_evidence(item: pytest.Item, evidence: Evidence) -> None:
    """Adds all that a command found, measured and noted."""
    mask = secrets_mask(os.environ)
    _record(item).findings.extend(_masked(finding, mask, item.config.rootpath) for finding in evidence.findings)
    _record(item).measurements.extend(_masked_measurement(measured, mask) for measured in evidence.measurements)
    for note in evidence.notes:
        record_note(item, note)


def record_note(item: pytest.Item, note: str) -> None:
    _record(item).notes.append(cut(mask_secrets(note), MOST_NAME))


def record_usage(item: pytest.Item, usage: Usage) -> None:
    """Records what the attempt has used, with a note about tools that the model was not allowed to use."""
    mask = secrets_mask(os.environ)
    refused = tuple(cut(mask(name), MOST_NAME) for name in usage.refused[:_MOST_REFUSED])
    model, version = (cut(mask(text), MOST_NAME) for text in (usage.model, usage.version))
    _record(item).usage = replace(usage, model=model, version=version, refused=refused)
    if refused:
        record_note(item, f"{REFUSED}{', '.join(refused)}")


def set_fail_on(item: pytest.Item, level: Level) -> None:
    """Lets findings of the item from `level` upwards make it fail. By default errors do."""
    _record(item).fail_on = level


def record_failure(item: pytest.Item, error: BaseException) -> None:
    """Records where in the project's code the item failed, as far as the error and the file system show."""
    try:
        frames = traceback_frames(error, item.config.rootpath)
    except Exception:  # noqa: BLE001 - a test may have replaced what is called, or its error raises another one
        frames = ()
    record = _record(item)
    record.frames, record.exception = frames, type(error).__qualname__


def recorded(item: pytest.Item) -> Evidence:
    """All that was recorded since `forget`; findings carry the item's node id and their fingerprints."""
    record = item.stash.get(_RECORD, None)
    if record is None:
        return NOTHING
    if len(record.stamped) != len(record.findings):  # files are read and parsed for it: not at every call
        from pytest_parallel_agents.agents.fingerprints import fingerprinted

        findings = tuple(replace(finding, check=item.nodeid) for finding in record.findings)
        with contextlib.suppress(Exception):  # a test may have replaced what is called
            findings = fingerprinted(findings, item.config.rootpath)
        record.stamped = tuple(bounded(findings))
    return Evidence(
        findings=record.stamped,
        measurements=tuple(record.measurements),
        frames=record.frames,
        notes=tuple(record.notes),
        exception=record.exception,
        usage=record.usage,
        fail_on=record.fail_on,
    )


def forget(item: pytest.Item) -> None:
    """Drops what an earlier attempt recorded."""
    if _RECORD in item.stash:
        del item.stash[_RECORD]


def to_wire(evidence: Evidence) -> dict[str, object]:
    """Plain dictionaries, lists, strings and numbers."""
    return cast("dict[str, object]", msgspec.to_builtins(evidence))


def from_wire(wire: Mapping[str, object]) -> Evidence:
    """The inverse of `to_wire`. Raises msgspec.ValidationError when `wire` is something else."""
    return msgspec.convert(wire, Evidence)


def _masked(finding: Finding, mask: Callable[[str], str], root: Path) -> Finding:
    """A path that exists is the project's own, even if it contains a secret's text."""
    path = finding.path
    if path is not None and (shown := mask(path)) != path:
        path = path if os.path.exists(os.path.join(root, path)) else shown
    return replace(finding, rule=mask(finding.rule), message=mask(finding.message), path=path)


def _masked_measurement(measured: Measurement, mask: Callable[[str], str]) -> Measurement:
    spots = tuple(replace(spot, path=mask(spot.path), function=mask(spot.function)) for spot in measured.hot_spots)
    return bounded_measurement(replace(measured, name=mask(measured.name), hot_spots=spots))


def _record(item: pytest.Item) -> _Record:
    return item.stash.setdefault(_RECORD, _Record())
