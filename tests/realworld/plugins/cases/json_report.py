from __future__ import annotations

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference

CASE = Case(
    name="pytest-json-report",
    load=("pytest_jsonreport", "metadata"),
    uses="its file, with captured output and logs, metadata of tests, warnings and the summary; `json_metadata`",
    runs=[["--json-report", "--json-report-indent=1", "--metadata", "shop", "north"]],
    files={
        "conftest.py": """
            def pytest_json_runtest_metadata(item, call):
                return {"phase_" + call.when: True}

            def pytest_json_modifyreport(json_report):
                json_report["modified"] = True
        """,
        "test_report.py": """
            import logging, sys, warnings
            import pytest

            def test_output(json_metadata):
                json_metadata["colour"] = "green"
                print("to stdout")
                print("to stderr", file=sys.stderr)
                logging.getLogger("shop").warning("logged")

            def test_warns():
                warnings.warn("old", DeprecationWarning)

            def test_fails():
                assert [1, 2] == [1, 3]

            @pytest.mark.xfail(reason="known")
            def test_known():
                assert 0

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...

            @pytest.fixture
            def broken():
                yield
                raise RuntimeError("no tear-down")

            def test_error(broken): ...
        """,
    },
    volatile=[r'"(?:process|thread)": \d+'],
    differs=dict.fromkeys(
        TRANSPORTS,
        Difference(
            shows={"file .report.json": '+    "longrepr": "",'},
            why="`longrepr` of a test that passed holds the line by which pytest names the worker, as under xdist.",
        ),
    ),
)
