from __future__ import annotations

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.files import DIFFERENCES

CASE = Case(
    name="pytest-icdiff",
    load=("icdiff",),
    uses="differences side by side",
    files=DIFFERENCES,
)
