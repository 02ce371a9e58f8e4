from __future__ import annotations

import pytest

from pytest_parallel_agents.collection.checks import Collected, collect_checks, drop_unmarked
from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.limits import Limits
from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.options import Options, Unmarked

KINDS = ("review", "test", "profile")
SOURCE = """
import pytest

def test_plain(): ...

@pytest.mark.agent("review", reads=["src/"], timeout=3)
@pytest.mark.parametrize("n", [1, 2])
def test_marked(n): ...

def test_gate(convergence): ...
"""


def options(*, unmarked: Unmarked = Unmarked.PARALLEL, timeout: float | None = None) -> Options:
    return Options(
        workers=2,
        specs=("fork",),
        plan_only=False,
        policy=Policy.SERIALIZE,
        unmarked=unmarked,
        limits=Limits(check=timeout),
    )


def items_of(pytester: pytest.Pytester, source: str = SOURCE) -> list[pytest.Item]:
    items, _ = pytester.inline_genitems(pytester.makepyfile(test_it=source))
    return items


def collected(pytester: pytest.Pytester, wanted: Options) -> Collected:
    found, faults = collect_checks(items_of(pytester), wanted, KINDS)
    assert faults == ()
    return found


def test_a_check_for_each_item_in_its_place(pytester: pytest.Pytester) -> None:
    checks = collected(pytester, options()).checks
    assert [check.index for check in checks] == [0, 1, 2, 3]
    assert [check.name for check in checks] == ["test_plain", "test_marked[1]", "test_marked[2]", "test_gate"]
    assert [check.kind for check in checks] == ["test", "review", "review", "test"]
    assert [check.marked for check in checks] == [False, True, True, False]
    assert checks[1].nodeid == "test_it.py::test_marked[1]"
    assert checks[1].reads == {"src/"}


def test_the_default_time_limit_is_for_those_without_their_own(pytester: pytest.Pytester) -> None:
    checks = collected(pytester, options(timeout=9.0)).checks
    assert [check.timeout for check in checks] == [9.0, 3.0, 3.0, 9.0]


@pytest.mark.parametrize(("unmarked", "closing"), [(Unmarked.PARALLEL, {3}), (Unmarked.AFTER, {0, 3})])
def test_checks_that_wait_until_the_others_are_done(
    pytester: pytest.Pytester, unmarked: Unmarked, closing: set[int]
) -> None:
    found = collected(pytester, options(unmarked=unmarked))
    assert found.closing == closing
    assert {check.index for check in found.parallel} == {0, 1, 2, 3} - closing


def test_parameter_sets_report_a_fault_of_their_mark_once(pytester: pytest.Pytester) -> None:
    items = items_of(pytester, SOURCE.replace('"review"', '"reviw"').replace("timeout=3", "timeout=-3"))
    found, faults = collect_checks(items, options(timeout=9.0), KINDS)
    assert [str(fault).partition(" (")[0] for fault in UsageFaults(faults).faults] == [
        "test_it.py:5: the agent mark of test_marked has timeout=-3",
        "test_it.py:5: the agent mark of test_marked names the unknown kind 'reviw'",
    ]
    assert {(check.kind, check.timeout) for check in found.checks} == {("test", 9.0)}


def test_dropping_plain_tests_counts_them_as_deselected(pytester: pytest.Pytester) -> None:
    items = items_of(pytester)
    dropped: list[pytest.Item] = []

    class Watcher:
        def pytest_deselected(self, items: list[pytest.Item]) -> None:
            dropped.extend(items)

    config = items[0].config
    config.pluginmanager.register(Watcher())
    drop_unmarked(config, items)
    assert [item.name for item in items] == ["test_marked[1]", "test_marked[2]"]
    assert [item.name for item in dropped] == ["test_plain", "test_gate"]
