from __future__ import annotations

from pytest_parallel_agents.convergence.stuck import stuck_samples


def is_test(path: str) -> bool:
    return path.startswith("test")


TEST, LOOP, CALLED = ("test_a.py", 3), ("a.py", 10), ("b.py", 20)


def test_what_has_not_returned_counts_twice_what_it_calls_once() -> None:
    stacks = {(TEST, LOOP, CALLED): 8, (TEST, ("a.py", 11)): 1}
    assert stuck_samples(stacks, 2, is_test) == {"a.py": {10: 16, 11: 3}, "b.py": {20: 8}}


def test_tests_count_where_there_is_nothing_else() -> None:
    assert stuck_samples({(TEST,): 4}, 1, is_test) == {"test_a.py": {3: 12}}
    assert stuck_samples({(LOOP, TEST): 4}, 2, is_test) == {"a.py": {10: 12}}


def test_nothing_of_the_project_is_nothing() -> None:
    assert stuck_samples({(): 9}, 0, is_test) == {}
    assert stuck_samples({}, 0, is_test) == {}
