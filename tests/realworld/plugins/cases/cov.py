from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-cov",
    load=("pytest_cov",),
    uses="lines and branches, those of threads and child processes too, a limit that is not met, contexts",
    runs=[
        ["--cov=shop", "--cov-branch", "--cov-report=json", "--cov-report=term-missing", "--cov-report=xml"],
        ["--cov=shop", "--cov-report=term", "--cov-fail-under=99", "--cov-context=test"],
    ],
    files={
        "shop/__init__.py": "",
        "shop/prices.py": """
            import threading

            def price(count, member):
                if member:
                    return count * 8
                return count * 10

            def in_thread(results):
                thread = threading.Thread(target=lambda: results.append(price(1, True)))
                thread.start()
                thread.join()

            def never():
                return None
        """,
        "shop/child.py": """
            if __name__ == "__main__":
                print("in a child")
        """,
        ".coveragerc": """
            [run]
            patch = subprocess
        """,
        "test_prices.py": """
            import pytest
            from shop.prices import in_thread, price

            @pytest.mark.parametrize("count", range(4))
            def test_price(count):
                assert price(count, member=False) == count * 10

            def test_thread():
                results = []
                in_thread(results)
                assert results == [8]

            def test_fails():
                assert price(1, member=True) == 9

            @pytest.mark.skip(reason="not today")
            def test_skipped(): ...
        """,
        "test_child.py": """
            import subprocess, sys

            def test_child():
                done = subprocess.run([sys.executable, "-m", "shop.child"], capture_output=True, text=True)
                assert done.stdout == "in a child\\n", done.stderr
        """,
    },
    ignored=[".coverage"],
)
