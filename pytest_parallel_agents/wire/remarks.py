"""Remarks for users at the end of the run: values that could not come from a worker as they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

_REMARKS: Final = pytest.StashKey[dict[str, None]]()


def remark(config: pytest.Config, texts: Iterable[str]) -> None:
    """Adds each text to the remarks, once."""
    config.stash.setdefault(_REMARKS, {}).update(dict.fromkeys(texts))


def remarks(config: pytest.Config) -> Iterable[str]:
    """All remarks, in the order in which they were first made."""
    return config.stash.get(_REMARKS, {})
