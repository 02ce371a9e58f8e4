from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-assume",
    load=("assume",),
    uses="several assumptions that fail in one test",
    files={
        "test_assume.py": """
            import pytest
            from pytest_assume.plugin import assume

            def test_several():
                assume(1 == 2)
                assume(True)
                with assume:
                    assert "a" == "b"

            def test_passes():
                assume(True)

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_more.py": """
            def test_one(): ...
        """,
    },
)
