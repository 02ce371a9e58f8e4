"""An item's place in pytest's tree."""

from __future__ import annotations

import pytest


def file_of(item: pytest.Item) -> pytest.File | None:
    """The file that an item was collected from."""
    return item.getparent(pytest.File)  # type: ignore[type-abstract]


def has_marks(item: pytest.Item) -> bool:
    """Whether the item, or a collector that it is in, has any mark."""
    return any(node.own_markers for node in item.iter_parents())


def file_nodeid(item: pytest.Item) -> str:
    """The node id of the item's file; empty for an item of no file."""
    file = file_of(item)
    return file.nodeid if file is not None else ""
