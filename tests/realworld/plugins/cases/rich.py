from __future__ import annotations

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.files import PASSED_FAILED_SKIPPED

CASE = Case(
    name="pytest-rich",
    load=("rich",),
    uses="its progress, tracebacks and summary",
    runs=[["--rich"]],
    files=PASSED_FAILED_SKIPPED,
    tty=True,
    shown=r"^│.*$|^FAILED.*$",
)
