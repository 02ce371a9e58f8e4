from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="inline-snapshot",
    load=("inline_snapshot",),
    uses="values that are written into the tests, and files beside them",
    runs=[["--inline-snapshot=create", "-n0"], [], ["--inline-snapshot=fix,trim"]],
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
)
