from __future__ import annotations

import pytest


@pytest.fixture
def item(pytester: pytest.Pytester) -> pytest.Item:
    """A fresh item that does not run."""
    return pytester.getitem("def test_it(): pass", "test_it")
