from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-repeat",
    load=("repeat",),
    uses="a number of rounds by option and mark, in both orders",
    runs=[["--count=3"], ["--count=2", "--repeat-scope=session"]],
    files={
        "test_one.py": """
            import pytest

            def test_passes(): ...

            @pytest.mark.repeat(4)
            def test_marked(): ...

            def test_fails(): assert 0

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import unittest

            class TestOld(unittest.TestCase):
                def test_it(self): ...
        """,
    },
)
