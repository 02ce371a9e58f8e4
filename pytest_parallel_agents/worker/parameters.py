"""Whether the workers of a run have collected the same parameters under the same node ids.

Each fresh interpreter makes its own. When they come from a set, a shuffled list or the order of a folder, `test[city0]`
is another test in each worker, and one of the values may run nowhere. The first worker to have collected writes digests
of its parameters into the run's folder, the others compare theirs. A value that only one of them has, a time or a
temporary folder, is as good as any other: only one that is under another id counts. Functions that a loop makes of such
values, with its numbers as their names, are compared in the same way.
"""

from __future__ import annotations

import shutil
import types
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import pytest

from pytest_parallel_agents.worker.digests import Digests

Parameters: TypeAlias = dict[int, dict[str, bytes]]
"""Digests by the number of the check and the name of the argument."""


_FILE: Final = "digests"
_MISPLACED: Final = "one of the values might never run (hint: parametrize in a fixed order, or name the values)"
_FUNCTION: Final = ""
"""In the place of an argument's name: the values in a check's function."""


class Collected(msgspec.Struct, frozen=True):
    """The parameters that a worker has collected."""

    worker: str
    parameters: Parameters


def unlike_others(
    worker: str, items: Sequence[pytest.Item | None], nodeids: Sequence[str], path: Path
) -> dict[int, str]:
    """The checks that `worker` must not run, with the reasons: it has collected other parameters under their ids than
    the first worker that wrote its own to the folder `path`.

    `items` are those of the checks with these `nodeids`, None where this worker has none.
    """
    own = Collected(worker, _parameters(items))
    first = _first_collected(path, own)
    return {
        check: f"{worker} collected {nodeids[check]} with {_described(name)} than {first.worker}, which has it "
        f"under another id\n{_MISPLACED}"
        for check, name in misplaced(own.parameters, first.parameters, nodeids).items()
    }


def misplaced(own: Parameters, first: Parameters, nodeids: Sequence[str]) -> dict[int, str]:
    """The argument of each check that differs in `first`, and is there under another id.

    So is one whose value in `first` is here under another id.
    """
    if own == first:
        return {}
    here, there = _places(own, nodeids), _places(first, nodeids)
    return {
        check: name
        for check, name, mine, theirs in _differences(own, first)
        if mine in there[_scope(nodeids[check], name), name] or theirs in here[_scope(nodeids[check], name), name]
    }


def _parameters(items: Sequence[pytest.Item | None]) -> Parameters:
    digests = Digests()
    found = {number: dict(_digests(item, digests)) for number, item in enumerate(items) if item is not None}
    return {number: values for number, values in found.items() if values}


def _digests(item: pytest.Item, digests: Digests) -> Iterator[tuple[str, bytes]]:
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        for name, value in callspec.params.items():
            yield name, digests.of(value)
    made = vars(item).get("_obj")  # `obj` would make the instance of a class
    function = made.__func__ if isinstance(made, types.MethodType) else made
    if isinstance(function, types.FunctionType):
        digest = digests.of_function(function)
        if digest is not None:
            yield _FUNCTION, digest


def _first_collected(path: Path, own: Collected) -> Collected:
    draft = path.with_name(f"{path.name}.{own.worker}")
    draft.mkdir()
    (draft / _FILE).write_bytes(msgspec.msgpack.encode(own))
    try:
        draft.rename(path)  # a rename never replaces a folder that has content
    except OSError:
        shutil.rmtree(draft)
    return msgspec.msgpack.decode((path / _FILE).read_bytes(), type=Collected)


def _differences(own: Parameters, first: Parameters) -> Iterator[tuple[int, str, bytes, bytes]]:
    for check in own.keys() & first.keys():
        for name in own[check].keys() & first[check].keys():
            if own[check][name] != first[check][name]:
                yield check, name, own[check][name], first[check][name]


def _places(parameters: Parameters, nodeids: Sequence[str]) -> Mapping[tuple[str, str], set[bytes]]:
    """All values of each argument of each test, and of all functions of each file."""
    found: defaultdict[tuple[str, str], set[bytes]] = defaultdict(set)
    for check, values in parameters.items():
        for name, value in values.items():
            found[_scope(nodeids[check], name), name].add(value)
    return found


def _scope(nodeid: str, name: str) -> str:
    """Where values belong together."""
    return nodeid.partition("[" if name else "::")[0]


def _described(name: str) -> str:
    return f"another parameter {name!r}" if name else "other values in its function"
