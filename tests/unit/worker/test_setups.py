from __future__ import annotations

import pytest
from _pytest.nodes import Node

from pytest_parallel_agents.worker.setups import GuessingSetupState


@pytest.fixture
def items(pytester: pytest.Pytester) -> list[pytest.Item]:
    pytester.makepyfile(test_one="def test_it(): pass", test_two="def test_it(): pass")
    return pytester.inline_genitems("-p", "no:cacheprovider")[0]


def ended(setups: GuessingSetupState, *nodes: Node) -> list[str]:
    """Note when these nodes are torn down."""
    names: list[str] = []
    for node in nodes:
        setups.addfinalizer(lambda name=node.name: names.append(name), node)  # type: ignore[misc]
    return names


def test_what_any_check_may_use_stays_when_the_next_one_is_a_guess(items: list[pytest.Item]) -> None:
    one, two = items
    session, file = one.session, one.parent
    assert file is not None
    setups = GuessingSetupState(session)
    setups.setup(one)
    names = ended(setups, session, file)
    setups.guess(two, session)

    setups.teardown_exact(two)
    assert (names, list(setups.stack)) == ([file.name], [session])

    setups.guess(None)
    setups.setup(two)
    setups.teardown_exact(None)
    assert (names, list(setups.stack)) == ([file.name, session.name], [])
