"""Describes a check that is in the set-up of a wide fixture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pytest_parallel_agents.wire.run_folder import RunFolder
from pytest_parallel_agents.wire.setups import FixtureState, WideFixture, read_setups

_MOST_NAMED: Final = 3


def describe_setup(run_folder: RunFolder, worker: str, others: Iterable[str], *, waits: bool) -> str:
    """The fixture in whose set-up `worker` is, as a phrase, empty if in none.

    `others` are the other live workers. When one of them has the same fixture or sets it up, too, the phrase names it,
    and the remedy if there can be only one. Else, for a set-up that `waits` and may do so for another fixture, it names
    those that the others have.
    """
    under_way = read_setups(run_folder.of(worker).setups).under_way
    if not under_way:
        return ""
    fixture = under_way[-1]
    found = {other: read_setups(run_folder.of(other).setups) for other in sorted(others) if other != worker}
    having = [f"{other} {_how(fixture, setups)}" for other, setups in found.items() if _concerns(fixture, setups)]
    phrase = f"in the set-up of {fixture}"
    if not having:
        holding = [f"{other} has {_listed(setups)}" for other, setups in found.items() if setups.there]
        return f"{phrase}, while {', '.join(holding)}" if holding and waits else phrase
    return (
        f"{phrase}, which {' and '.join(having)}; if there can be only one, keep the tests that use it on one "
        f'worker with @pytest.mark.xdist_group("{fixture.name}"), or have each worker make its own by its worker_id'
    )


def _listed(setups: FixtureState) -> str:
    names = sorted(map(str, setups.there))
    rest = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    return " and ".join([*names[:_MOST_NAMED], *rest])


def _concerns(fixture: WideFixture, setups: FixtureState) -> bool:
    return fixture in setups.there or fixture in setups.under_way


def _how(fixture: WideFixture, setups: FixtureState) -> str:
    return "has too" if fixture in setups.there else "sets up too"
