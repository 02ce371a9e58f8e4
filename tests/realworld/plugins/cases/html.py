from __future__ import annotations

import html
import json
import re

from tests.realworld.plugins.case import TRANSPORTS, Case, Difference


def _results(page: str) -> str:
    """What the page is made of, and its title."""
    (results,) = re.findall(r'data-jsonblob="(.*?)"', page)
    (title,) = re.findall(r"<title.*?>(.*?)</title>", page, re.DOTALL)
    return json.dumps({"title": title.strip(), **json.loads(html.unescape(results))})


CASE = Case(
    name="pytest-html",
    load=("html", "html_fixtures", "metadata"),
    uses="a report in one file, with extras, extra columns, a title and captured output",
    runs=[["--html=report.html", "--self-contained-html"]],
    files={
        "conftest.py": """
            import pytest

            def pytest_html_report_title(report):
                report.title = "what the shop says"

            def pytest_html_results_table_header(cells):
                cells.insert(2, "<th>Kind</th>")

            def pytest_html_results_table_row(report, cells):
                cells.insert(2, f"<td>{getattr(report, 'kind', 'none')}</td>")

            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_makereport(item, call):
                report = yield
                report.kind = "unit"
                return report
        """,
        "test_report.py": """
            import pytest
            import pytest_html

            def test_extra(extras):
                extras.append(pytest_html.extras.text("a note"))
                extras.append(pytest_html.extras.url("https://example.org"))

            def test_fails():
                print("printed")
                assert {"a": 1} == {"a": 2}

            @pytest.mark.xfail(reason="known")
            def test_known():
                assert 0

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...

            @pytest.fixture
            def broken():
                raise RuntimeError("no set-up")

            def test_error(broken): ...
        """,
    },
    readers={"report.html": _results},
    differs=dict.fromkeys(
        TRANSPORTS,
        Difference(
            shows={"file report.html": '-    "log": "No log output captured.",'},
            why="the log of a test that passed holds the line by which pytest names the worker, as under xdist.",
        ),
    ),
)
