"""When a failed attempt of a check is followed by another, and how soon."""

from __future__ import annotations

from typing import Final

import msgspec
import pytest

LONGEST_PAUSE: Final = 60.0
"""Seconds, unless the first one is longer."""

LONGEST_NAMED_PAUSE: Final = 300.0
"""Seconds. A service that is to be asked again tomorrow does not hold a run up until then."""

_MOST_DOUBLINGS: Final = 30


class Retrying(msgspec.Struct, frozen=True, kw_only=True):
    """`pause` is the time before the second attempt, in seconds; before each further one it is twice as long.

    `named` is the pause that a service has asked for, None if it has not; it counts instead. With `broken_only` only an
    attempt whose set-up failed is followed by another.
    """

    pause: float = 0.0
    named: float | None = None
    broken_only: bool = False

    def concerns(self, failed: pytest.TestReport) -> bool:
        """Whether another attempt may follow one with this report."""
        return failed.when == "setup" or not self.broken_only

    def pause_after(self, attempts: int) -> float:
        """Seconds between so many attempts and the next."""
        if self.named is not None:
            return min(self.named, LONGEST_NAMED_PAUSE)
        doublings = min(attempts - 1, _MOST_DOUBLINGS)
        return min(self.pause * 2.0**doublings, max(self.pause, LONGEST_PAUSE))


_RETRYING = pytest.StashKey[Retrying]()
_AT_ONCE = Retrying()


def set_retrying(item: pytest.Item, retrying: Retrying) -> None:
    """Sets it. By default every failure of the item is retried at once."""
    item.stash[_RETRYING] = retrying


def retrying_of(item: pytest.Item) -> Retrying:
    """The setting of the item."""
    return item.stash.get(_RETRYING, _AT_ONCE)
