from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def item(item_of: Callable[[str], pytest.Item]) -> pytest.Item:
    """A fresh item that does not run."""
    return item_of("def test_it(): pass")
