from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="flaky",
    load=("flaky",),
    uses="runs of a test until enough passed, and its report",
    runs=[["--force-flaky", "--max-runs=2"], ["--no-success-flaky-report"]],
    files={
        "test_flaky.py": """
            import pytest
            from flaky import flaky
            counts = {}

            def count(name):
                counts[name] = counts.get(name, 0) + 1
                return counts[name]

            @flaky
            def test_second_time():
                assert count("second") == 2

            @flaky(max_runs=3, min_passes=2)
            def test_twice():
                assert count("twice") >= 2

            @flaky
            def test_never():
                raise ValueError("never")

            def test_unmarked():
                assert count("unmarked") == 2

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_more.py": """
            def test_one(): ...
            def test_two(): ...
        """,
    },
    volatile=[r"\[<TracebackEntry .*\]"],
)
