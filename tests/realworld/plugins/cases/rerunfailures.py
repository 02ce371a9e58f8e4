from __future__ import annotations

from tests.realworld.plugins.case import Case, Difference

CASE = Case(
    name="pytest-rerunfailures",
    load=("rerunfailures",),
    uses="reruns by option and mark, only for some errors, fixtures built anew, the `R` lines of `-rR`",
    runs=[["--reruns=2", "-rR"], ["--reruns=1", "--only-rerun=ValueError", "-rR"]],
    files={
        "test_flaky.py": """
            import pytest
            counts = {}

            def count(name):
                counts[name] = counts.get(name, 0) + 1
                return counts[name]

            @pytest.fixture
            def built():
                return count("fixture")

            def test_second_time():
                assert count("second") == 2

            def test_never():
                raise ValueError("never")

            @pytest.mark.flaky(reruns=3)
            def test_fixture(built):
                assert built >= 3

            @pytest.mark.flaky(reruns=1, condition=False)
            def test_not_tried():
                assert False

            def test_passes(): ...

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_setup.py": """
            import pytest
            tries = []

            @pytest.fixture
            def breaks():
                tries.append(1)
                if len(tries) < 2:
                    raise RuntimeError("not ready")

            def test_set_up(breaks): ...
        """,
    },
    differs={
        "fork": Difference(
            shows={f"run {number}: section test session starts": "+agents: forking while" for number in (1, 2)},
            why="a line in the header reports that a thread of it runs while workers are forked, which is harmless.",
        )
    },
)
