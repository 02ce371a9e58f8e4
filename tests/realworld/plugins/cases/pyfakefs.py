from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pyfakefs",
    load=("fakefs",),
    uses="a file system in memory, for a function and a module, with real folders in it, and files that are left open",
    files={
        "test_one.py": """
            import os, pathlib, shutil, tempfile
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_write(fs, number):
                path = pathlib.Path("/data/x.txt")
                path.parent.mkdir()
                path.write_text(str(number))
                assert os.listdir("/data") == ["x.txt"]

            def test_real(fs):
                fs.add_real_file(__file__)
                assert "add_real_file" in pathlib.Path(__file__).read_text()

            def test_full(fs):
                fs.set_disk_usage(10)
                with pytest.raises(OSError):
                    fs.create_file("/x", contents="y" * 100)

            def test_rmtree(fs):
                shutil.rmtree("/")

            def test_fails(fs):
                print("printed")
                open("/no-such-file")

            def test_temporary(fs):
                with tempfile.TemporaryDirectory() as folder:
                    assert os.path.isdir(folder)

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import pathlib

            def test_module(fs_module):
                pathlib.Path("/kept").write_text("x")

            def test_still(fs_module):
                assert pathlib.Path("/kept").exists()

            def test_warned(fs):
                import warnings
                warnings.warn("in a fake file system")
        """,
        "test_three.py": """
            import pathlib

            def test_real_again():
                assert pathlib.Path(__file__).exists()
        """,
    },
)
