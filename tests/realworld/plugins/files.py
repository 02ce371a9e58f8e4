"""Suites that show what several plugins are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EVERY_OUTCOME: Final[Mapping[str, str]] = {
    "test_one.py": """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_number(number):
            assert number != 3

        @pytest.mark.skip(reason="no")
        def test_skipped(): ...

        @pytest.mark.xfail(reason="known")
        def test_known(): assert 0
    """,
    "test_two.py": """
        import pytest

        @pytest.fixture
        def broken():
            raise RuntimeError("no set-up")

        def test_error(broken): ...

        def test_passes(): ...
    """,
}

PASSED_FAILED_SKIPPED: Final[Mapping[str, str]] = {
    "test_one.py": """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_number(number):
            assert number != 3

        @pytest.mark.skip(reason="no")
        def test_skipped(): ...
    """,
    "test_two.py": """
        def test_passes(): ...
    """,
}

DIFFERENCES: Final[Mapping[str, str]] = {
    "test_one.py": """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_number(number):
            assert {"a": [1, 2, number], "b": "text" * 9} == {"a": [1, 2, 2], "b": "text" * 9}

        @pytest.mark.skip(reason="no")
        def test_skipped(): ...
    """,
    "test_two.py": """
        def test_passes(): ...
    """,
}
"""Between values that a test compares."""
