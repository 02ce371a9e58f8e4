from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="time-machine",
    load=("time_machine",),
    uses="another time for a function, a class, a coroutine, and by the fixture, which moves and shifts",
    files={
        "test_one.py": """
            import datetime, time
            import pytest
            import time_machine

            @time_machine.travel("2001-02-03 00:00 +0000", tick=False)
            @pytest.mark.parametrize("number", range(3))
            def test_day(number):
                assert time.time() == 981158400.0

            @time_machine.travel(0)
            def test_epoch():
                assert time.time() < 60

            def test_shift(time_machine):
                time_machine.move_to(datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc), tick=False)
                time_machine.shift(10)
                assert datetime.datetime.now().year in (2029, 2030)

            @pytest.mark.time_machine(datetime.datetime(2031, 1, 1))
            def test_mark():
                assert datetime.date.today().year in (2030, 2031)

            @time_machine.travel("2001-02-03 00:00 +0000")
            def test_fails():
                assert datetime.date.today().year == 1999

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
