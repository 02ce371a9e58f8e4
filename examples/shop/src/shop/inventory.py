"""What is in the warehouse. Goods arrive in batches and leave oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


class OutOfStock(Exception):
    def __init__(self, sku: str, missing: int) -> None:
        super().__init__(f"{missing} of {sku} missing")
        self.sku = sku
        self.missing = missing


@dataclass(slots=True)
class Batch:
    """Units of one product that arrived on one day. `left` goes down as they are picked."""

    number: int
    sku: str
    received: date
    left: int


@dataclass(frozen=True, slots=True)
class Pick:
    """Take so many units from this batch."""

    batch: int
    sku: str
    quantity: int


class Inventory:
    def __init__(self, batches: Iterable[Batch] = ()) -> None:
        self._batches = list(batches)

    def receive(self, sku: str, quantity: int, received: date) -> Batch:
        """Put newly arrived units on stock."""
        if quantity < 1:
            raise ValueError(f"cannot receive {quantity} of {sku}")
        batch = Batch(len(self._batches) + 1, sku, received, quantity)
        self._batches.append(batch)
        return batch

    def on_hand(self) -> Mapping[str, int]:
        """Units left, by product."""
        counts: Counter[str] = Counter()
        for batch in self._batches:
            counts[batch.sku] += batch.left
        return counts

    def pick(self, sku: str, quantity: int) -> list[Pick]:
        """Take units from the oldest batches first.

        Raises OutOfStock when there are not enough, and then takes none.
        """
        picks: list[Pick] = []
        while quantity > 0:
            by_age = sorted(self._batches, key=lambda batch: (batch.received, batch.number))
            oldest = next((batch for batch in by_age if batch.sku == sku and batch.left), None)
            taken = min(oldest.left, quantity)
            oldest.left -= taken
            quantity -= taken
            picks.append(Pick(oldest.number, sku, taken))
        return picks

    def put_back(self, picks: Iterable[Pick]) -> None:
        """Undo picks, for example of a cancelled order."""
        by_number = {batch.number: batch for batch in self._batches}
        for pick in picks:
            by_number[pick.batch].left += pick.quantity

    def batches(self) -> list[Batch]:
        return list(self._batches)
