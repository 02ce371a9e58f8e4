from __future__ import annotations

from tests.realworld.plugins.case import Case, Difference

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
        "fork": Difference(
            shows={
                "run 1: section test session starts": "asked for config.option.dist before workers were forked",
                "run 3: section test session starts": "asked for config.option.dist before workers were forked",
            },
            why="lines in the header report what forks share: it asks whether the run is distributed, and opens its"
            " database. Neither does harm.",
        )
    },
)
