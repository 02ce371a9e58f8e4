from __future__ import annotations

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.files import PASSED_FAILED_SKIPPED

CASE = Case(
    name="pytest-split",
    load=("pytest-split",),
    uses="durations that are stored, and the tests of one of several groups",
    runs=[
        ["--store-durations"],
        ["--splits=2", "--group=1"],
        ["--splits=2", "--group=2", "--splitting-algorithm=least_duration"],
    ],
    files={
        ".test_durations": '{"test_one.py::test_number[0]": 5.0, "test_one.py::test_number[1]": 1.0}',
        **PASSED_FAILED_SKIPPED,
    },
    before={
        1: """
        import json
        with open(".test_durations") as file:
            stored = json.load(file)
        with open(".test_durations", "w") as file:
            json.dump(dict.fromkeys(sorted(stored), 1.0), file)
    """
    },
)
