from __future__ import annotations

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.files import EVERY_OUTCOME

CASE = Case(
    name="pytest-sugar",
    load=("sugar",),
    uses="its progress, its marks of outcomes and its summary",
    runs=[["--force-sugar"]],
    files=EVERY_OUTCOME,
    tty=True,
    shown=r"^(?:Results|     +\d+ \w+|         - .*|E  .*|.*FAILED.*|.*ERROR.*)$",
)
