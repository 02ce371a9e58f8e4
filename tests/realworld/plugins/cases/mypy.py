from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-mypy",
    load=("mypy",),
    uses="a check of the types of each file, and one of all",
    runs=[["--mypy"]],
    files={
        "shop.py": """
            def price(count: int) -> int:
                return count * 10
        """,
        "test_one.py": """
            from shop import price

            def test_price() -> None:
                assert price(2) == 20
        """,
        "test_two.py": """
            from shop import price

            def test_wrong() -> None:
                price("x")
        """,
    },
    ignored=[".mypy_cache/*"],
)
