"""Orders in a SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from shop.inventory import Pick
from shop.orders import Item, Order, State
from shop.pricing import Quote

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY,
    customer TEXT NOT NULL,
    placed TEXT NOT NULL,
    state TEXT NOT NULL,
    items TEXT NOT NULL,
    quote TEXT NOT NULL,
    picks TEXT NOT NULL
)
"""


class OrderStore:
    """Every order ever placed. Saving an order again replaces it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connection() as connection:
            connection.execute(SCHEMA)

    def save(self, order: Order) -> None:
        with self._connection() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", _to_row(order)
            )

    def load(self, number: int) -> Order:
        """Raises KeyError for a number that was never saved."""
        with self._connection() as connection:
            row = connection.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        return _from_row(row)

    def of_customer(self, customer: str) -> list[Order]:
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT * FROM orders WHERE customer = ? ORDER BY number", (customer,)
            ).fetchall()
        return [_from_row(row) for row in rows]

    def next_number(self) -> int:
        with self._connection() as connection:
            (highest,) = connection.execute("SELECT MAX(number) FROM orders").fetchone()
        return (highest or 0) + 1

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            yield connection


def _to_row(order: Order) -> tuple[object, ...]:
    quote = order.quote
    amounts = [quote.subtotal, quote.discount, quote.shipping, quote.tax, quote.total]
    return (
        order.number,
        order.customer,
        order.placed.isoformat(),
        order.state.value,
        json.dumps([[item.sku, item.quantity] for item in order.items]),
        json.dumps([str(amount) for amount in amounts]),
        json.dumps([[pick.batch, pick.sku, pick.quantity] for pick in order.picks]),
    )


def _from_row(row: tuple[int, str, str, str, str, str, str]) -> Order:
    number, customer, placed, state, items, quote, picks = row
    return Order(
        number=number,
        customer=customer,
        placed=date.fromisoformat(placed),
        items=tuple(Item(*item) for item in json.loads(items)),
        quote=Quote(*(Decimal(amount) for amount in json.loads(quote))),
        picks=tuple(Pick(*pick) for pick in json.loads(picks)),
        state=State(state),
    )
