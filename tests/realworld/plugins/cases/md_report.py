from __future__ import annotations

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.files import EVERY_OUTCOME

CASE = Case(
    name="pytest-md-report",
    load=("pytest-md-report",),
    uses="its table of the outcomes by file",
    runs=[["--md-report", "--md-report-output=report.md", "--md-report-verbose=1", "--md-report-color=never"]],
    files=EVERY_OUTCOME,
)
