from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-subprocess",
    load=("pytest-subprocess",),
    uses="processes that only seem to run, and those that nobody registered",
    files={
        "test_one.py": """
            import subprocess
            import pytest

            @pytest.mark.parametrize("number", range(3))
            def test_run(fp, number):
                fp.register(["git", "branch"], stdout=[f"branch {number}"], returncode=number)
                done = subprocess.run(["git", "branch"], capture_output=True, text=True)
                assert (done.returncode, done.stdout) == (number, f"branch {number}\\n")

            def test_not_registered(fp):
                subprocess.run(["git", "branch"])

            def test_counted(fp):
                fp.register(["ls"])
                assert fp.call_count(["ls"]) == 1

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import subprocess, sys
            def test_real():
                assert subprocess.run([sys.executable, "-c", ""]).returncode == 0
        """,
    },
)
