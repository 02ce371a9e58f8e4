from __future__ import annotations

from tests.realworld.plugins.case import Case, Difference

CASE = Case(
    name="pytest-retry",
    load=("pytest-retry",),
    uses="retries by option and mark, its report of them",
    runs=[["--retries=2"]],
    files={
        "test_flaky.py": """
            import pytest
            counts = {}

            def count(name):
                counts[name] = counts.get(name, 0) + 1
                return counts[name]

            def test_second_time():
                assert count("second") == 2

            def test_never():
                raise ValueError("never")

            @pytest.mark.flaky(retries=4, delay=0)
            def test_marked():
                assert count("marked") == 4

            def test_passes(): ...

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_more.py": """
            def test_one(): ...
            def test_two(): assert 0
        """,
    },
    differs={
        "fork": Difference(
            shows={"section test session starts": "asked for config.option.numprocesses before workers were forked"},
            why="a line in the header reports that it asks whether the run is distributed, which is harmless.",
        )
    },
)
