"""The store is opened once for the module, so these tests stay together on one worker."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from shop.inventory import Pick
from shop.orders import Item, Order, State
from shop.pricing import Quote
from shop.storage import OrderStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> OrderStore:
    return OrderStore(tmp_path_factory.mktemp("store") / "orders.sqlite")


def order(number: int, customer: str, state: State = State.PLACED) -> Order:
    amount = Decimal("8.50")
    return Order(
        number=number,
        customer=customer,
        placed=date(2025, 8, 1),
        items=(Item("MUG", 1),),
        quote=Quote(amount, Decimal(0), Decimal("2.90"), Decimal("1.82"), Decimal("11.40")),
        picks=(Pick(3, "MUG", 1),),
        state=state,
    )


def test_an_order_comes_back_as_it_was_saved(store: OrderStore) -> None:
    store.save(order(1, "Ada"))
    assert store.load(1) == order(1, "Ada")


def test_saving_again_replaces(store: OrderStore) -> None:
    store.save(order(2, "Ada"))
    store.save(order(2, "Ada", State.SHIPPED))
    assert store.load(2).state is State.SHIPPED


def test_orders_are_listed_by_customer(store: OrderStore) -> None:
    for number in (12, 11):
        store.save(order(number, "Grace"))
    assert [found.number for found in store.of_customer("Grace")] == [11, 12]


def test_an_unknown_number_is_a_key_error(store: OrderStore) -> None:
    with pytest.raises(KeyError):
        store.load(99)


def test_numbers_go_on_after_the_highest(store: OrderStore) -> None:
    store.save(order(40, "Alan"))
    assert store.next_number() == 41
