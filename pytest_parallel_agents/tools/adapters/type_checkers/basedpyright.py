"""Basedpyright 1.36 and newer. Like the tool itself a check fails on warnings too.

It would rewrite its baseline file whenever findings have become fewer, while other checks run; older versions cannot be
kept from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.type_checkers.pyright import NOTHING, REFUSED, SPLIT, read_diagnostics
from pytest_parallel_agents.tools.writing import has_flag


def argv(paths: Sequence[str], args: Sequence[str], cache: Path) -> Sequence[str]:  # noqa: ARG001 - it caches nothing
    baseline = () if has_flag(_WRITING, args) else ("--baselinemode=discard",)
    return ["basedpyright", "--outputjson", *baseline, *args, *paths]  # it does not know "--"


read = partial(read_diagnostics, "basedpyright")

_WRITING = frozenset({"--writebaseline"})

BASEDPYRIGHT = Adapter(
    name="basedpyright",
    install='pip install "basedpyright>=1.36"',
    argv=argv,
    read=read,
    fail_on=Level.WARNING,
    types=("*.py", "*.pyi"),
    writing=_WRITING,
    refused=REFUSED | {"--gitlabcodequality"},
    split=SPLIT,
    nothing=NOTHING,
)
