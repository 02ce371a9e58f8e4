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
            shows={
                "section counts": "2 failed, 4 passed, 1 skipped, ",  # and a warning of each worker
                "section test session starts": "asked for config.option.numprocesses before workers were forked",
                "section warnings summary": "pytest-retry could not be configured as a forked worker's plugin",
                "section the following tests were retried": "only serially:",
                "section end of test retry report": "only serially:",
            },
            why="it learns how to send its report when it is configured, which works once in a process: there is"
            " none, and a warning says so. Without `--tx fork` fresh interpreters are used, which have it.",
        )
    },
)
