from __future__ import annotations

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference

CASE = Case(
    name="inline-snapshot",
    load=("inline_snapshot",),
    uses="values that are written into the tests, and files beside them",
    runs=[["--inline-snapshot=create", "-n0"], [], ["--inline-snapshot=fix,trim", "-n0"]],
    before={
        1: """
        import pathlib
        path = pathlib.Path("test_one.py")
        path.write_text(path.read_text().replace("1 + 1", "1 + 2"))
    """
    },
    files={
        "test_one.py": """
            from inline_snapshot import external, snapshot

            def test_sum():
                assert 1 + 1 == snapshot()

            def test_list():
                assert [1, "a"] == snapshot()
        """,
        "test_two.py": """
            import pytest
            from inline_snapshot import snapshot

            def test_limit():
                assert 5 <= snapshot(8)

            @pytest.mark.skip(reason="no")
            def test_skipped():
                assert 5 == snapshot()

            def test_fails():
                assert 0
        """,
    },
    differs=dict.fromkeys(
        TRANSPORTS,
        Difference(
            shows={
                "run 2: tests": "outcome of test_one::test_sum: serial error and failure, candidate failure",
                "run 2: section ERRORS": "only serially:",
                "run 2: section counts": "+2 failed, 2 passed, 1 skipped in <duration>",
                "run 2: section short test summary info": "-ERROR test_one.py::test_sum",
                "run 2: section test session starts": "INFO: inline-snapshot was disabled because you used xdist.",
            },
            why="it is off where tests are distributed, and what it would change is not shown; it refuses to write"
            " there. With `-n 0` all is as serially.",
        ),
    ),
)
