"""Where a worker finds the pytest items of checks: inherited by a fork, collected on demand by a spawned process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.workers.messages import Address


class InheritedItems:
    """A forked worker's items: the controller's own."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self._items = items

    def describe(self, addresses: tuple[Address, ...]) -> None:  # noqa: ARG002
        raise TypeError("a forked worker knows its checks already")

    def find(self, check: int) -> pytest.Item:
        return self._items[check]


class CollectedItems:
    """A spawned worker's items. Each file is collected once, when the first of its checks is asked for.

    One tree of collectors serves the whole session: pytest ties a conftest's fixtures to the directory node that
    collected it, so a second tree would not see them.
    """

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._addresses: dict[int, Address] = {}
        self._children: dict[pytest.Collector, Sequence[Any]] = {}
        self._roots: dict[Path, Sequence[Any]] = {}
        self._files: dict[tuple[str, ...], dict[tuple[str, int], pytest.Item]] = {}
        self._failure = ""
        session.config.pluginmanager.register(self, "parallel-agents-collected")

    def describe(self, addresses: tuple[Address, ...]) -> None:
        self._addresses.update({address.check: address for address in addresses})

    def find(self, check: int) -> pytest.Item:
        address = self._addresses[check]
        if address.chain not in self._files:
            self._failure = ""
            self._files[address.chain] = self._collect_file(address.chain)
        try:
            return self._files[address.chain][address.nodeid, address.occurrence]
        except KeyError:
            why = self._failure or "it was collected by the controller, but not here: is its parametrization random?"
            raise LookupError(f"{address.nodeid} could not be collected by this worker\n{why}") from None

    @pytest.hookimpl
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failure = report.longreprtext

    def _collect_file(self, chain: tuple[str, ...]) -> dict[tuple[str, int], pytest.Item]:
        nodes: Iterable[Any] = self._root(Path(chain[0]))
        for path in map(Path, chain[1:]):
            nodes = [child for node in nodes for child in self._collect(node) if getattr(child, "path", None) == path]
        items = [item for node in nodes for item in self._session.genitems(node)]
        found = _by_occurrence(items)  # before hooks that deselect: the controller has chosen already
        self._session.items = items
        self._session.config.hook.pytest_collection_modifyitems(
            session=self._session, config=self._session.config, items=items
        )
        return found

    def _root(self, path: Path) -> Sequence[Any]:
        if path not in self._roots:
            proxy = self._session.gethookproxy(path.parent if path.is_dir() else path)
            if path.is_dir():
                collector = proxy.pytest_collect_directory(path=path, parent=self._session)
                self._roots[path] = [collector] if collector is not None else []
            else:
                self._roots[path] = proxy.pytest_collect_file(file_path=path, parent=self._session)
        return self._roots[path]

    def _collect(self, node: pytest.Collector) -> Sequence[Any]:
        if not isinstance(node, pytest.Collector):
            return []
        if node not in self._children:
            node.ihook.pytest_collectstart(collector=node)
            report = node.ihook.pytest_make_collect_report(collector=node)
            if not report.passed:
                self._failure = report.longreprtext
            self._children[node] = report.result or []
        return self._children[node]


def addresses(items: Sequence[pytest.Item]) -> list[Address]:
    """How a worker that has not inherited `items` finds each of them."""
    seen: dict[tuple[str, ...], dict[str, int]] = {}
    found = []
    for index, item in enumerate(items):
        chain = tuple(str(node.path) for node in item.listchain() if isinstance(node, pytest.Directory | pytest.File))
        counts = seen.setdefault(chain, {})
        occurrence = counts.get(item.nodeid, 0)
        counts[item.nodeid] = occurrence + 1
        found.append(Address(index, item.nodeid, occurrence, chain))
    return found


def _by_occurrence(items: Sequence[pytest.Item]) -> dict[tuple[str, int], pytest.Item]:
    counts: dict[str, int] = {}
    found = {}
    for item in items:
        occurrence = counts.get(item.nodeid, 0)
        counts[item.nodeid] = occurrence + 1
        found[item.nodeid, occurrence] = item
    return found
