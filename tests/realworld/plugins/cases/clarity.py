from __future__ import annotations

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.files import DIFFERENCES

CASE = Case(
    name="pytest-clarity",
    load=("clarity",),
    uses="differences in its own form",
    runs=[["-vv", "--diff-symbols"]],
    files=DIFFERENCES,
)
