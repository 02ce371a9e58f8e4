from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-regressions",
    load=("regressions", "pytest-datadir"),
    requires=["numpy", "pandas"],
    uses="data, text, numbers and files that are compared with those of an earlier run; `--force-regen`",
    runs=[["--force-regen"], [], []],
    before={
        2: """
        import pathlib
        path = pathlib.Path("test_one.py")
        path.write_text(path.read_text().replace("[1, 2]", "[1, 3]"))
    """
    },
    files={
        "test_one.py": """
            import pytest

            def test_data(data_regression):
                data_regression.check({"x": [1, 2]})

            def test_numbers(num_regression):
                num_regression.check({"y": [0.5, 1.5]})

            @pytest.mark.parametrize("name", ["a", "b"])
            def test_text(file_regression, name):
                file_regression.check(name * 3)

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_passes(): ...
        """,
    },
)
