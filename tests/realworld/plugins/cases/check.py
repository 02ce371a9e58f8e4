from __future__ import annotations

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference

CASE = Case(
    name="pytest-check",
    load=("check",),
    uses="several failures in one test, as functions, a fixture and a context, with and without a limit",
    runs=[[], ["--check-max-fail=1"]],
    files={
        "test_check.py": """
            import pytest
            import pytest_check

            def test_several(check):
                check.equal(1, 2)
                check.is_in(3, [4])
                with check:
                    assert "a" == "b"

            def test_function():
                pytest_check.greater(1, 2, "one is not")

            def test_both(check):
                check.equal(1, 2)
                assert 0

            def test_passes(check):
                check.equal(1, 1)

            @pytest.mark.xfail(reason="known")
            def test_known(check):
                check.equal(1, 2)

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_more.py": """
            def test_one(): ...
        """,
    },
    differs=dict.fromkeys(
        TRANSPORTS,
        Difference(
            shows={
                f"run {number}: {aspect}": "FAILURE: check 1 == 2"
                for number in (1, 2)
                for aspect in ("tests", "section short test summary info")
            }
            | {f"run {number}: section FAILURES": "-test_check.py::test_both:0: check 1 == 2" for number in (1, 2)},
            why="in a worker, xdist's too, it reports a failure as text, without the line where it failed.",
        ),
    ),
)
