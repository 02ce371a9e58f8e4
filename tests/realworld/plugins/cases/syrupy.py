from __future__ import annotations

from tests.realworld.plugins.case import Case

_TEST = """
    import pytest

    @pytest.mark.parametrize("name", ["a", "b", "c"])
    def test_value(snapshot, name):
        assert {"name": name, "size": len(name)} == snapshot

    def test_twice(snapshot):
        assert [1, 2] == snapshot
        assert "text" == snapshot(name="named")

    @pytest.mark.skip(reason="no")
    def test_skipped(): ...
"""

CASE = Case(
    name="syrupy",
    load=("syrupy",),
    uses="snapshots: written, compared, one that no longer fits, updated, and those that nobody uses, which go",
    runs=[["--snapshot-update"], [], [], ["--snapshot-update"], ["--snapshot-details"]],
    before={
        2: """
        import pathlib
        path = pathlib.Path("test_one.py")
        path.write_text(path.read_text().replace('[1, 2]', '[1, 3]').replace('"a", "b", "c"', '"a", "b"'))
    """
    },
    files={
        "test_one.py": _TEST,
        "test_two.py": """
            from syrupy.extensions.json import JSONSnapshotExtension
            import pytest

            @pytest.fixture
            def snapshot_json(snapshot):
                return snapshot.use_extension(JSONSnapshotExtension)

            def test_json(snapshot_json):
                assert {"x": 1} == snapshot_json

            def test_passes(): ...
        """,
    },
)
