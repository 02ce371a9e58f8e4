from __future__ import annotations

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference

CASE = Case(
    name="pytest-ruff",
    load=("ruff",),
    requires=["ruff"],
    uses="a check of each file, and its formatting",
    runs=[["--ruff", "--ruff-format"]],
    files={
        "shop.py": """
            import os


            def price(count):
                return count * 10
        """,
        "test_one.py": """
            from shop import price


            def test_price():
                assert price(2)==20
        """,
        "test_two.py": """
            def test_passes():
                pass
        """,
    },
    ignored=[".ruff_cache/*"],
    differs=dict.fromkeys(
        TRANSPORTS,
        Difference(
            shows={
                "section FAILURES": "pytest_ruff.RuffError: F401",
                "section short test summary info": "FAILED shop.py::ruff - pytest_ruff.RuffError: F401",
            },
            why="it shortens a failure in `pytest_exception_interact`, after the report has left the worker.",
        ),
    ),
)
