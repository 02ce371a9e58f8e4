from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-picked",
    load=("picked",),
    uses="only the tests of files that changed since the last commit, or those first",
    runs=[["--picked"], ["--picked=first"]],
    before={
        0: """
        import pathlib, subprocess
        def git(*words):
            subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], check=True)
        git("init", "--quiet")
        git("add", ".")
        git("commit", "--quiet", "--message=all")
        path = pathlib.Path("test_two.py")
        path.write_text(path.read_text() + "def test_new(): assert 0\\n")
    """
    },
    files={
        ".gitignore": "__pycache__\n.pytest_cache\n",
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number): ...

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
