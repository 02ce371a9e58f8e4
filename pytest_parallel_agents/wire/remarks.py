"""What users are told once, at the end of the run: what could not come from a worker as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest

_REMARKS: Final = pytest.StashKey[dict[str, None]]()


def remark(config: pytest.Config, texts: Iterable[str]) -> None:
    """Have each text told, once however often it is said."""
    config.stash.setdefault(_REMARKS, {}).update(dict.fromkeys(texts))


def remarks(config: pytest.Config) -> Iterable[str]:
    """All that is to be told, in the order in which it was said first."""
    return config.stash.get(_REMARKS, {})
