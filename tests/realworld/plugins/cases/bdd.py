from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-bdd",
    load=("pytest-bdd",),
    uses="scenarios with outlines and backgrounds, its reports in Gherkin and JSON",
    runs=[["--cucumberjson=cucumber.json"], ["--gherkin-terminal-reporter", "-v"]],
    files={
        "shop.feature": """
            Feature: Prices

              Background:
                Given a shop

              Scenario: One
                When I buy 1
                Then I pay 10

              Scenario Outline: More
                When I buy <count>
                Then I pay <price>

                Examples:
                  | count | price |
                  | 2     | 20    |
                  | 3     | 31    |
        """,
        "test_shop.py": """
            import pytest
            from pytest_bdd import given, parsers, scenarios, then, when

            scenarios("shop.feature")

            @given("a shop", target_fixture="shop")
            def shop():
                return {}

            @when(parsers.parse("I buy {count:d}"))
            def buy(shop, count):
                shop["count"] = count

            @then(parsers.parse("I pay {price:d}"))
            def pay(shop, price):
                assert shop["count"] * 10 == price
        """,
        "test_plain.py": """
            import pytest

            def test_plain(): ...

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
    },
    volatile=[r'"duration": \d+'],
)
