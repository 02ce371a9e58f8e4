from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-metadata",
    load=("metadata",),
    uses="what it shows of the environment: its line in the header, its properties in JUnit, its hook and fixture",
    runs=[["--metadata", "shop", "north", "-v"]],
    files={
        "conftest.py": """
            import json

            def pytest_metadata(metadata):
                metadata["branch"] = "main"

            def pytest_sessionfinish(session):
                from pytest_metadata.plugin import metadata_key
                if not hasattr(session.config, "workerinput"):
                    with open("metadata.json", "w") as file:
                        json.dump({name: session.config.stash[metadata_key][name] for name in ("shop", "branch")}, file)
        """,
        "test_one.py": """
            import pytest

            @pytest.mark.parametrize("number", range(4))
            def test_number(number, metadata):
                assert metadata["shop"] == "north" and metadata["branch"] == "main"
                assert number != 3

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            def test_fixture(include_metadata_in_junit_xml): ...
        """,
    },
)
