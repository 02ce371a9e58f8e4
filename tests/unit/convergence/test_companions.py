from __future__ import annotations

from pytest_parallel_agents.convergence.companions import Candidate, fitting, most_telling, words


def candidate(check: int, nodeid: str, seconds: float = 1.0) -> Candidate:
    return Candidate(check=check, nodeid=nodeid, path=nodeid.partition("::")[0], seconds=seconds)


def test_the_files_of_failures_come_first_then_what_meets_the_suspects() -> None:
    candidates = [
        candidate(0, "tests/test_far.py::test_x"),
        candidate(1, "tests/test_cart.py::test_total"),
        candidate(2, "tests/test_all.py::test_x"),
        candidate(3, "tests/test_rare.py::test_x"),
        candidate(4, "tests/test_failing.py::test_x"),
    ]
    imports = {
        "tests/test_all.py": ["shop/common.py"],
        "tests/test_far.py": [],
        "tests/test_cart.py": [],
        "tests/test_rare.py": ["shop/cart.py", "shop/common.py"],
        "tests/test_failing.py": ["shop/cart.py", "shop/common.py"],
    }
    ranked = most_telling(
        candidates,
        failing=["tests/test_failing.py::test_sum"],
        suspects=["shop/cart.py", "shop/common.py"],
        imports=imports,
    )
    assert [each.check for each in ranked] == [4, 3, 1, 2, 0]


def test_nothing_to_go_by_leaves_the_order_of_collection() -> None:
    candidates = [candidate(number, f"test_{number}.py::test_it") for number in (2, 0, 1)]
    assert [each.check for each in most_telling(candidates, failing=[], suspects=[], imports={})] == [0, 1, 2]


def test_words_of_names() -> None:
    assert words("tests/test_HTTPServer.py::TestParseURL::test_read_line[a-bcd]") == {
        *("http", "server", "parse", "url", "read", "line")
    }


def test_what_fits_is_taken_from_the_front() -> None:
    ranked = [candidate(0, "a", 2.0), candidate(1, "b", 9.0), candidate(2, "c", 2.0), candidate(3, "d", 2.0)]
    assert [each.check for each in fitting(ranked, 5.0, each=0.5, most=9)] == [0, 2]
    assert [each.check for each in fitting(ranked, 99.0, each=0.5, most=2)] == [0, 1]
    assert fitting(ranked, -1.0, each=0.5, most=9) == ()
