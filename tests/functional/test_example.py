"""The example holds one fault, which checks of three kinds see, and the report puts its function first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.functional.runs import run_pytest

SHOP = Path(__file__).parents[2] / "examples" / "shop"
FAULT = """\
            by_age = sorted(self._batches, key=lambda batch: (batch.received, batch.number))
            oldest = next((batch for batch in by_age if batch.sku == sku and batch.left), None)
"""
REPAIR = """\
            oldest, left = None, 0
            for batch in self._batches:
                if batch.sku == sku and batch.left:
                    left += batch.left
                    if oldest is None or batch.received < oldest.received:
                        oldest = batch
            if oldest is None or left < quantity:
                raise OutOfStock(sku, quantity - left)
"""


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    shutil.copytree(SHOP, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    return pytester


def judge(shop: pytest.Pytester) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `pytest --agents`."""
    result = run_pytest(shop, "--agents", "-n2", "--agents-report=report.json")
    report: dict[str, Any] = json.loads((shop.path / "report.json").read_text("utf-8"))
    return int(result.ret), report


@pytest.mark.slow
def test_the_planted_function_comes_first_and_tests_that_share_a_store_stay_on_one_worker(
    shop: pytest.Pytester,
) -> None:
    exit_code, report = judge(shop)
    assert exit_code == 1
    first = report["causes"][0]
    assert (first["path"], first["function"]) == ("src/shop/inventory.py", "Inventory.pick")
    assert set(first["kinds"]) == {"review", "test", "profile"}
    assert {check["nodeid"] for check in report["checks"] if check["outcome"] != "passed"} == {
        "pyproject.toml::mypy",
        "tests/test_orders.py::test_an_order_that_cannot_be_filled_leaves_the_stock_alone",
        "tests/test_speed.py::test_a_busy_day_stays_in_budget",
    }
    of_storage = [check for check in report["checks"] if check["nodeid"].startswith("tests/test_storage.py")]
    assert len({check["worker"] for check in of_storage}) == 1


@pytest.mark.slow
def test_repairing_that_function_is_enough(shop: pytest.Pytester) -> None:
    inventory = shop.path / "src" / "shop" / "inventory.py"
    text = inventory.read_text("utf-8")
    assert FAULT in text
    inventory.write_text(text.replace(FAULT, REPAIR), "utf-8")
    exit_code, report = judge(shop)
    assert exit_code == 0
    assert report["causes"] == []
