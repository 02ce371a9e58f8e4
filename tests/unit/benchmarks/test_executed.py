from __future__ import annotations

from benchmarks import executed

NONE: executed.Lines = {}


def lines(**files: set[int]) -> executed.Lines:
    return {path: frozenset(numbers) for path, numbers in files.items()}


def test_a_report_is_read_by_file() -> None:
    report = '{"meta": {}, "files": {"a.py": {"executed_lines": [1, 3], "missing_lines": [2]}}}'
    assert executed.parse(report) == {"a.py": frozenset({1, 3})}


def test_files_outside_the_folder_of_the_run_do_not_count() -> None:
    report = '{"files": {"a.py": {"executed_lines": [1]}, "/lib/b.py": {"executed_lines": [2]}}}'
    assert executed.parse(report) == {"a.py": frozenset({1})}


def test_equal_runs_have_no_differences() -> None:
    assert executed.differences(lines(a={1, 2}), lines(a={1, 2}), ignored=NONE) == []


def test_lines_of_either_side_are_told_as_ranges() -> None:
    assert executed.differences(lines(a={1, 2, 3, 7}, b={5}), lines(a={8}, b={5}, c={1}), ignored=NONE) == [
        "lines of a executed serially only: 1-3, 7",
        "lines of a executed by the candidate only: 8",
        "lines of c executed by the candidate only: 1",
    ]


def test_unstable_lines_are_ignored() -> None:
    unstable = executed.unstable(lines(a={1, 2}), lines(a={1, 3}))
    assert unstable == lines(a={2, 3})
    assert executed.differences(lines(a={1, 2}), lines(a={1}), ignored=unstable) == []
    assert executed.differences(lines(a={1, 2}), lines(a={2}), ignored=unstable) == [
        "lines of a executed serially only: 1"
    ]
