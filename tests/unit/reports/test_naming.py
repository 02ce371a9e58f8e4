from __future__ import annotations

import msgspec
import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.reports.entries_of_checks import CheckEntry
from pytest_parallel_agents.reports.naming import named

from .samples import shop_report

REPORT = shop_report()
TOTAL = "tests/test_cart.py::test_total"


@pytest.mark.parametrize(
    ("what", "nodeid"),
    [
        (TOTAL, TOTAL),
        ("test_speed", "tests/test_cart.py::test_speed"),
        ("pyproject.toml::mypy", "pyproject.toml::mypy"),
        ("mypy", "pyproject.toml::mypy"),
    ],
)
def test_a_check_has_a_node_id_and_a_name(what: str, nodeid: str) -> None:
    found = named(REPORT, what)

    assert isinstance(found, CheckEntry)
    assert found.nodeid == nodeid


@pytest.mark.parametrize(
    "what",
    ["1", "src/shop/cart.py:40", "src/shop/cart.py:42", "./src/shop/cart.py:41", "total", "src/shop/cart.py::total"],
)
def test_a_cause_has_a_number_a_place_and_a_function(what: str) -> None:
    assert named(REPORT, what) == REPORT.causes[0]


def test_a_method_can_be_called_by_its_last_name() -> None:
    method = msgspec.structs.replace(REPORT.causes[0], function="Cart.total_of")
    report = msgspec.structs.replace(REPORT, causes=(method,))

    assert named(report, "total_of") == method
    assert named(report, "Cart.total_of") == method


@pytest.mark.parametrize(
    ("what", "message", "hint"),
    [
        ("0", "there is no cause 0", "the causes are 1 to "),
        ("99", "there is no cause 99", "the causes are 1 to "),
        ("test_tutal", "the last report has no check and no cause test_tutal", f"did you mean {TOTAL}?"),
        ("test_cart", "no check and no cause test_cart", f"did you mean {TOTAL}, tests/test_cart.py::test_speed?"),
        ("\x1b[2J", r"no check and no cause \x1b[2J", "see the report"),
        ("src/shop/cart.py:4000", "no check and no cause src/shop/cart.py:4000", "see the report"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_similar(what: str, message: str, hint: str) -> None:
    with pytest.raises(AgentsError) as refused:
        named(REPORT, what)

    assert message in refused.value.message
    assert refused.value.hint.startswith(hint)


def test_a_name_of_several_is_refused_with_all_of_them() -> None:
    first, second, third = REPORT.checks
    twin = msgspec.structs.replace(third, nodeid="tests/test_shop.py::test_total")

    with pytest.raises(AgentsError) as refused:
        named(msgspec.structs.replace(REPORT, checks=(first, second, twin)), "test_total")

    assert str(refused.value) == f"test_total can be 2 things (name one: {TOTAL}, tests/test_shop.py::test_total)"


def test_without_causes_no_number_means_anything() -> None:
    with pytest.raises(AgentsError, match="there is no cause 1"):
        named(msgspec.structs.replace(REPORT, causes=()), "1")
