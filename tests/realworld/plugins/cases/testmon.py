from __future__ import annotations

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference

CASE = Case(
    name="pytest-testmon",
    load=("pytest-testmon",),
    uses="only the tests that what has changed concerns",
    runs=[["--testmon"], ["--testmon"], ["--testmon"]],
    before={
        2: """
        import pathlib
        path = pathlib.Path("prices.py")
        path.write_text(path.read_text().replace("* 10", "* 11"))
    """
    },
    files={
        "prices.py": """
            def price(count):
                return count * 10
        """,
        "names.py": """
            def name(text):
                return text.title()
        """,
        "test_one.py": """
            import pytest
            from prices import price

            @pytest.mark.parametrize("number", range(3))
            def test_price(number):
                assert price(number) == number * 10

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            from names import name

            def test_name():
                assert name("a") == "A"
        """,
    },
    ignored=[".testmondata*"],
    differs={
        transport: Difference(
            shows={
                **(
                    {"run 1: section test session starts": "asked for config.option.dist before workers were forked"}
                    if transport == "fork"
                    else {}
                ),
                **{f"run {number}: tests": "serial absent, candidate passed" for number in (2, 3)},
                **{f"run {number}: section counts": "passed, 1 skipped in" for number in (2, 3)},
                **{f"run {number}: section test session starts": "+collected 5 items" for number in (2, 3)},
            },
            why="it hands over what it has recorded with the last test of a process, and a worker never knows that a"
            " test is its last: nothing is recorded, so all tests run again. Record with `-n 0`.",
        )
        for transport in TRANSPORTS
    },
)
