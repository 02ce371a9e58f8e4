from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-snapshot",
    load=("snapshot",),
    uses="snapshots in files: written, compared, and one that no longer fits",
    runs=[["--snapshot-update"], [], ["--snapshot-update", "--allow-snapshot-deletion"]],
    before={
        1: """
        import pathlib
        path = pathlib.Path("test_one.py")
        path.write_text(path.read_text().replace("second", "other"))
    """
    },
    files={
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("text", ["first", "second", "third"])
            def test_text(snapshot, text):
                snapshot.assert_match(text, "value.txt")

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_folder(snapshot):
                snapshot.snapshot_dir = "snapshots"
                snapshot.assert_match_dir({"a": "1", "b": {"c": "2"}}, "tree")
        """,
    },
)
