from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="allure-pytest",
    load=("allure_pytest",),
    uses="its files: results with steps, labels, parameters and attachments, and those of fixtures",
    runs=[["--alluredir=results"]],
    files={
        "test_allure.py": """
            import allure
            import pytest

            @pytest.fixture(scope="module")
            def shop():
                with allure.step("open"):
                    yield "shop"

            @allure.feature("prices")
            @allure.severity(allure.severity_level.CRITICAL)
            @pytest.mark.parametrize("count", [1, 2])
            def test_price(shop, count):
                with allure.step("look"):
                    allure.attach("a price", name="note", attachment_type=allure.attachment_type.TEXT)
                allure.dynamic.title(f"price of {count}")
                assert count == 1

            def test_plain():
                print("printed")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...

            @pytest.fixture
            def broken():
                raise RuntimeError("no set-up")

            def test_error(broken): ...
        """,
        "test_more.py": """
            def test_one(): ...
            def test_two(): ...
        """,
    },
    volatile=[r"\d+-MainThread", r'"trace": ".*"'],
)
