from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="freezegun",
    load=("freezer",),
    requires=["pytest-freezer"],
    uses="a frozen clock in functions, classes and the fixture `freezer`, which moves and ticks",
    files={
        "test_one.py": """
            import datetime, time
            import freezegun
            import pytest

            @freezegun.freeze_time("2001-02-03")
            @pytest.mark.parametrize("number", range(3))
            def test_day(number):
                assert datetime.date.today() == datetime.date(2001, 2, 3)
                assert time.time() == 981158400.0

            @pytest.mark.freeze_time("1970-01-01")
            def test_epoch():
                assert time.time() == 0

            def test_move(freezer):
                freezer.move_to("2030-01-01")
                assert datetime.date.today().year == 2030

            @freezegun.freeze_time("2001-02-03", auto_tick_seconds=3600)
            def test_ticks():
                assert time.time() < time.time()

            @freezegun.freeze_time("2001-02-03")
            def test_fails():
                assert datetime.date.today().year == 2002

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import time
            def test_now():
                assert time.time() > 1_700_000_000
        """,
    },
)
