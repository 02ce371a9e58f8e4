"""Requirements of `--dist` and the marks of pytest-order, pytest-dependency and xdist: an order, or one worker.

Tests that these plugins put in order usually pass state to each other inside the process, and pytest-dependency keeps
its results there. So such tests form a lane: one worker, in collection order, which the plugins have already arranged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import pytest

from pytest_parallel_agents.collection.nodes import file_nodeid, has_marks
from pytest_parallel_agents.marks import is_command
from pytest_parallel_agents.options import Dist

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_REVERSED_ORDINALS = ("last", "second_to_last", "third_to_last", "fourth_to_last", "fifth_to_last", "sixth_to_last")


class Requirement(msgspec.Struct):
    """Lane keys and stages of one item, as in `Check.together` and `Check.stages`."""

    together: list[str] = msgspec.field(default_factory=list)
    stages: list[tuple[str, int]] = msgspec.field(default_factory=list)


def requirements(items: Sequence[pytest.Item], dist: Dist = Dist.LOAD) -> dict[pytest.Item, Requirement]:
    """The requirements of every item that has any."""
    found: dict[pytest.Item, Requirement] = defaultdict(Requirement)
    _scopes(items, dist, found)
    marked = [item for item in items if has_marks(item)]
    _xdist_groups(marked, found)
    _orders(marked, items, found)
    _dependencies(marked, items, found)
    return dict(found)


def _scopes(items: Iterable[pytest.Item], dist: Dist, found: dict[pytest.Item, Requirement]) -> None:
    """Configured commands are in one file and have nothing else in common."""
    if dist not in (Dist.LOADFILE, Dist.LOADSCOPE):
        return
    for item in items:
        cls = item.getparent(pytest.Class) if dist is Dist.LOADSCOPE else None
        scope = file_nodeid(item) if cls is None else cls.nodeid
        if scope and not is_command(item):
            found[item].together.append(f"dist:{scope}")


def _xdist_groups(marked: Iterable[pytest.Item], found: dict[pytest.Item, Requirement]) -> None:
    for item in marked:
        for mark in item.iter_markers("xdist_group"):
            name = mark.args[0] if mark.args else mark.kwargs.get("name", "default")
            found[item].together.append(f"xdist_group:{name}")


def _orders(marked: Iterable[pytest.Item], items: Sequence[pytest.Item], found: dict[pytest.Item, Requirement]) -> None:
    by_scope: dict[str, dict[pytest.Item, int]] = defaultdict(dict)
    for item in marked:
        for mark in item.iter_markers("order"):
            stage = _stage(mark)
            if stage:
                by_scope[_order_scope(item)][item] = stage
            _relate(item, mark, items, found)
    for item in items if by_scope else ():
        key = _order_scope(item)
        if key in by_scope:
            stage = by_scope[key].get(item, 0)
            found[item].stages.append((key, stage))
            if stage:
                found[item].together.append(key)


def _order_scope(item: pytest.Item) -> str:
    scope = item.config.getoption("order_scope", "session") or "session"
    if scope == "module":
        return f"order:{file_nodeid(item)}"
    cls = item.getparent(pytest.Class) if scope == "class" else None
    return f"order:{cls.nodeid}" if cls is not None else "order:session"


def _stage(mark: pytest.Mark) -> int:
    """-1 for what must come before all unordered tests, 1 for what must come after them, 0 for neither."""
    index = mark.args[0] if mark.args else mark.kwargs.get("index")
    if isinstance(index, str):
        index = 0 if index in _ORDINALS else -1 if index in _REVERSED_ORDINALS else None
    if not isinstance(index, int):
        return 0
    return 1 if index < 0 else -1


def _relate(
    item: pytest.Item, mark: pytest.Mark, items: Sequence[pytest.Item], found: dict[pytest.Item, Requirement]
) -> None:
    for side in ("before", "after"):
        names = mark.kwargs.get(side, ())
        for name in [names] if isinstance(names, str) else names:
            key = f"order:{item.nodeid}"
            found[item].together.append(key)
            for other in items:
                if other is not item and _is_named(other, str(name)):
                    found[other].together.append(key)


def _is_named(item: pytest.Item, name: str) -> bool:
    label = name.replace(".", "::") if "::" not in name and "/" not in name else name
    plain = item.nodeid.partition("[")[0]
    return plain == name or plain.endswith((f"::{label}", f"/{label}")) or item.name == name


def _dependencies(
    marked: Iterable[pytest.Item], items: Sequence[pytest.Item], found: dict[pytest.Item, Requirement]
) -> None:
    marks = {item: mark for item in marked if (mark := item.get_closest_marker("dependency")) is not None}
    if not marks:
        return
    wide = any(mark.kwargs.get("scope", "module") in ("session", "package") for mark in marks.values())
    modules = {file_nodeid(item) for item, mark in marks.items() if mark.kwargs.get("depends")}
    for item in items:
        module = file_nodeid(item)
        if (module in modules and (item in marks or _automarked(item.config))) or (wide and item in marks):
            found[item].together.append("dependency:session" if wide else f"dependency:{module}")


def _automarked(config: pytest.Config) -> bool:
    try:
        return bool(config.getini("automark_dependency"))
    except (KeyError, ValueError):
        return False
