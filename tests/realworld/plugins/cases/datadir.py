from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-datadir",
    load=("pytest-datadir",),
    uses="folders of data beside a test, copied for each test, and one for all",
    files={
        "test_one/hello.txt": "hello",
        "data/shared.txt": "shared",
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_own(datadir, number):
                path = datadir / "hello.txt"
                assert path.read_text() == "hello"
                path.write_text(str(number))

            def test_shared(shared_datadir):
                assert (shared_datadir / "shared.txt").read_text() == "shared"

            def test_missing(datadir):
                assert (datadir / "no-such-file").exists()

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_shared(shared_datadir):
                assert [path.name for path in shared_datadir.iterdir()] == ["shared.txt"]
        """,
    },
)
