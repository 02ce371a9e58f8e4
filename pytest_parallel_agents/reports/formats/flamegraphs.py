"""The flame graphs that were written, joined with their measurements."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pytest_parallel_agents.profiling.flamegraphs import flame_graph_files
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, MeasurementEntry
from pytest_parallel_agents.reports.report import Report


def with_flame_graphs(report: Report, folder: Path, root: Path) -> Report:
    """The report with the files in `folder` added to its measurements."""

    def named(check: CheckEntry, measurement: MeasurementEntry) -> MeasurementEntry:
        files = flame_graph_files(folder, check.nodeid, measurement.name)
        written = tuple(place(file, root) for file in files if file.is_file())
        return msgspec.structs.replace(measurement, flame_graphs=written)

    checks = tuple(
        msgspec.structs.replace(check, measurements=tuple(named(check, each) for each in check.measurements))
        for check in report.checks
    )
    return msgspec.structs.replace(report, checks=checks)
