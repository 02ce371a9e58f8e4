from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-order",
    load=("pytest_order",),
    uses="numbers, first and last, `before` and `after`, and the scope of a module",
    runs=[["--order-scope=module"], []],
    files={
        "test_one.py": """
            import pathlib
            import pytest

            @pytest.fixture(scope="module")
            def log():
                return []

            @pytest.mark.order("last")
            def test_last():
                assert (pathlib.Path(__file__).parent / "written.txt").read_text() == "x"

            @pytest.mark.order(2)
            def test_second(log):
                log.append("second")
                assert log == ["first", "second"]

            @pytest.mark.order(1)
            def test_first(log):
                log.append("first")
                (pathlib.Path(__file__).parent / "written.txt").write_text("x")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import pathlib
            import pytest

            @pytest.mark.order(after="test_writes")
            def test_reads():
                assert (pathlib.Path(__file__).parent / "other.txt").read_text() == "x"

            def test_writes():
                (pathlib.Path(__file__).parent / "other.txt").write_text("x")

            def test_fails(): assert 0
        """,
    },
)
