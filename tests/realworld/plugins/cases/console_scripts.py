from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-console-scripts",
    load=("console-scripts",),
    uses="scripts that run in the process of the tests, and in one of their own",
    runs=[["--script-launch-mode=both"]],
    files={
        "hello.py": """
            import os, sys
            print("hello", *sys.argv[1:])
            sys.exit(len(sys.argv) - 1)
        """,
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("words", [[], ["x"]])
            def test_script(script_runner, words):
                done = script_runner.run(["./hello.py", *words], shell=False)
                assert done.stdout == "hello" + "".join(" " + word for word in words) + "\\n"
                assert done.returncode == 0

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
