"""The `agent` mark: a check's own declarations."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.benchmarks import is_benchmark
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.project_paths import place

MARK: Final = "agent"


class AgentMark(msgspec.Struct, frozen=True, kw_only=True):
    """The mark's arguments. Resources and names are as the user wrote them; `timeout` is in seconds."""

    kind: str = "test"
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()
    cpus: int = 1
    timeout: float | None = None
    group: str | None = None
    alone: bool = False
    retries: int = 0
    marked: bool = True


UNMARKED: Final = AgentMark(marked=False)
_PARSED = pytest.StashKey[AgentMark]()
_TABLE = pytest.StashKey[str]()


def agent_mark(item: pytest.Item) -> AgentMark:
    """The closest mark of `item`; defaults for an unmarked one. Faulty arguments count as absent.

    A benchmark is alone whatever its mark is: beside others it would time those as well.
    """
    mark = item.stash.get(_PARSED, None)
    if mark is None:
        mark, _ = parse_mark(item, kinds=None)
    return mark


def parse_mark(item: pytest.Item, kinds: Iterable[str] | None) -> tuple[AgentMark, list[AgentsError]]:
    """The item's mark and every fault in it. `kinds` are the registered ones, None to accept any."""
    written = item.get_closest_marker(MARK)
    faults: list[AgentsError] = []
    mark = UNMARKED if written is None else _parse(written, item, kinds, faults)
    if is_benchmark(item):
        mark = replace(mark, alone=True)
    item.stash[_PARSED] = mark
    return mark, faults


def set_table(item: pytest.Item, where: str) -> None:
    """Declares that the mark represents a table of the configuration, which `where` names."""
    item.stash[_TABLE] = where


def is_command(item: pytest.Item) -> bool:
    """Whether the item is a configured command, whose mark represents its table."""
    return _TABLE in item.stash


def argument_place(item: pytest.Item, argument: str) -> str:
    """Where the user has written an argument of the item's mark: a key of a table, or file and line of the mark."""
    table = item.stash.get(_TABLE, None)
    if table is not None:
        return f"{table}.{argument}"
    where, owner = _mark_place(item)
    return f"{where}: {argument} in the agent mark of {owner}"


def _mark_place(item: pytest.Item) -> tuple[str, str]:
    """File and line of the mark's owner, decorators included, and its name; of a module that of `pytestmark`."""
    node = next(node for node, _ in item.iter_markers_with_node(MARK))
    path, line, _ = getattr(node, "reportinfo", item.reportinfo)()
    if isinstance(node, pytest.Module):
        line = _pytestmark_line(node.path)
    elif line is None or line < 0:  # Python does not find it
        path, line = node.path, 0
    name = getattr(node, "originalname", None) or node.name
    return f"{place(Path(path), item.config.rootpath)}:{line + 1}", name


def _pytestmark_line(path: Path) -> int:
    """The line of the module's marks, counted from 0; the first if they are not written out."""
    with suppress(OSError, SyntaxError, ValueError):
        for statement in ast.parse(path.read_bytes()).body:
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets):
                return statement.lineno - 1
    return 0


def _parse(
    written: pytest.Mark, item: pytest.Item, kinds: Iterable[str] | None, faults: list[AgentsError]
) -> AgentMark:
    def fault(what: str, hint: str) -> None:
        where, owner = _mark_place(item)
        faults.append(AgentsError(f"{where}: the agent mark of {owner} {what}", hint=hint))

    values: dict[str, Any] = {}
    given = dict(written.kwargs)
    if written.args:
        given.setdefault("kind", written.args[0])
    if len(written.args) + ("kind" in written.kwargs) != 1:
        fault("takes one positional argument, the kind", 'write @pytest.mark.agent("review", ...)')
    for name, value in given.items():
        if name not in _READERS:
            near = difflib.get_close_matches(name, _READERS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(_READERS)}"
            fault(f"has no argument {name!r}", hint)
            continue
        try:
            values[name] = _READERS[name](value)
        except (TypeError, ValueError) as error:
            fault(f"has {name}={value!r}", str(error))
    kind = values.get("kind")
    if kinds is not None and kind is not None and kind not in set(kinds):
        fault(f"names the unknown kind {kind!r}", _nearest(kind, kinds))
        del values["kind"]
    return AgentMark(**values)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"did you mean {near[0]!r}?" if near else f"known kinds are {', '.join(sorted(known))}"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("give a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple | set | frozenset) or not all(isinstance(v, str) and v for v in values):
        raise TypeError("give a list of texts")
    return tuple(values)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("give a whole number, 0 or more")
    return value


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise TypeError("give seconds, more than 0, or None")
    return float(value)


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("give True or False")
    return value


_READERS: Final[dict[str, Callable[[object], object]]] = {
    "kind": _text,
    "reads": lambda value: frozenset(_texts(value)),
    "writes": lambda value: frozenset(_texts(value)),
    "after": _texts,
    "cpus": _whole,
    "timeout": _seconds,
    "group": _optional_text,
    "alone": _flag,
    "retries": _whole,
}
