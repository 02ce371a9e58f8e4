"""The summary at the end of a run fits a screen of 80 columns and 40 lines, whatever pytest prints before it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.functional.runs import run_pytest

ROWS = 40
SHOP = Path(__file__).parents[2] / "examples" / "shop"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def last_screen(pytester: pytest.Pytester) -> str:
    lines = run_pytest(pytester, "--agents", "-n2").stdout.lines
    return "\n".join(lines[-ROWS:])


def test_of_the_example(pytester: pytest.Pytester) -> None:
    shutil.copytree(SHOP, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    screen = last_screen(pytester)
    assert "look here first\n  1. src/shop/" in screen
    assert "measurements" in screen
    assert "\n      pytest --agents --lf\n" in screen


def test_of_300_failures_of_two_causes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        goods="""
        def price(number):
            rate = number - number
            return number / rate

        def stock(number):
            return {}["missing"]

        def name(number):
            return str(number)
        """,
        test_goods="""
        import goods
        import pytest

        @pytest.mark.parametrize("number", range(150))
        class TestGoods:
            def test_price(self, number): assert goods.price(number)
            def test_stock(self, number): assert goods.stock(number)
            def test_name(self, number): assert goods.name(number)
        """,
    )
    screen = last_screen(pytester)
    assert "goods.py:3 price  [test]  150 failures" in screen
    assert "goods.py:6 stock  [test]  150 failures" in screen
    assert "\n      pytest --agents --lf\n" in screen
    assert "300 failed, 150 passed" in screen
