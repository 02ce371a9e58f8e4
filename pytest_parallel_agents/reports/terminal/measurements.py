"""The list of measurements in the terminal."""

from __future__ import annotations

from pytest_parallel_agents.printable import escape
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry, MeasurementEntry
from pytest_parallel_agents.reports.measurement_phrases import measurement_phrase
from pytest_parallel_agents.reports.report import Report
from pytest_parallel_agents.reports.terminal.text import Terminal, write_hanging, write_more


def write_measurements(report: Report, most: int, terminal: Terminal) -> None:
    """A line for each of the first `most` measurements."""
    measured = [(check, measurement) for check in report.checks for measurement in check.measurements]
    if not measured:
        return
    terminal.line("measurements", bold=True)
    for check, measurement in measured[:most]:
        write_hanging(terminal, "  ", f"{_name(check, measurement)}: {measurement_phrase(measurement)}")
        for file in measurement.flame_graphs:
            terminal.line(f"    {escape(file)}")
    write_more(max(0, len(measured) - most), terminal)


def _name(check: CheckEntry, measurement: MeasurementEntry) -> str:
    own = measurement.name not in {"", check.name}
    return f"{check.nodeid}: {measurement.name}" if own else check.nodeid
