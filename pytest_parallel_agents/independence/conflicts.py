"""Which checks conflict with each other, why, and how to resolve it.

Of all pairs that share a thing only as many are reported as it has users: each user with the earliest that it conflicts
with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pytest_parallel_agents.independence.claims import Claim, Claims
from pytest_parallel_agents.independence.lanes import fixture_users, together
from pytest_parallel_agents.independence.names import Names
from pytest_parallel_agents.independence.resources import TABLE, components
from pytest_parallel_agents.independence.sequence import UNORDERED
from pytest_parallel_agents.model.plan import Check, Conflict, Source


def describe(conflict: Conflict) -> str:
    """One line: both checks, the reason, and how to resolve it."""
    line = f"{conflict.left} and {conflict.right}: {conflict.reason}"
    return f"{line}; to resolve: {conflict.remedy}" if conflict.remedy else line


def by_fixture(checks: Iterable[Check]) -> Iterator[Conflict]:
    """Marked checks that share one instance of a fixture wider than a function."""
    for users in fixture_users(check for check in checks if check.marked).values():
        (first, fixture), *others = users
        for check, same in others:
            certain = fixture.certain and same.certain
            unnamed = "" if certain else ", by a name that is known only while they run"
            yield Conflict(
                left=first.nodeid,
                right=check.nodeid,
                resource=fixture.name,
                source=Source.FIXTURE,
                reason=f"both {'use' if certain else 'may use'} the {fixture.scope} fixture {fixture.name!r}{unnamed}",
                remedy=f'replicate = ["{fixture.name}"] if every worker may build its own, or a function scope',
            )


def by_resource(
    checks: Iterable[Check], claims: Claims, capacities: Mapping[str, int], per_host: Collection[str]
) -> Iterator[Conflict]:
    """Checks one of which writes what the other touches; so many writers as the capacity allows do not conflict."""
    users: dict[str, list[_User]] = defaultdict(list)
    for check in checks:
        for claim in claims.get(check.index, ()):
            users[claim.lock.name].append(_User(check, claim))
    for lock in sorted(users):
        capacity = capacities.get(lock, 1)
        for left, right in _clashes(users[lock], capacity):
            yield _resource_conflict(left, right, _sharing(lock, capacity, is_per_host=lock in per_host))


def by_order(checks: Sequence[Check], names: Names) -> Iterator[Conflict]:
    """Checks that an `after` or another plugin's order mark puts in sequence."""
    by_index = {check.index: check for check in checks}
    for check in checks:
        for name in check.after:
            if found := names.find(name, check):
                reason = f"{check.name!r} must run after {name!r}"
                remedy = f"drop after={name!r} from {check.name!r}"
                yield _order_conflict(by_index[found[0]], check, name, reason, remedy)
    for key, members in together(checks).items():
        if not key.startswith(UNORDERED):
            for check in members[1:]:
                yield _mark_conflict(members[0], check, key)
    for key, first, check in _staged(checks):
        yield _mark_conflict(first, check, key)


class _User(NamedTuple):
    check: Check
    claim: Claim


def _clashes(users: Sequence[_User], capacity: int) -> Iterator[tuple[_User, _User]]:
    """Pairs in collection order. Writers are alike and readers are alike, so the first two of each suffice."""
    first_two: dict[bool, list[_User]] = defaultdict(list)
    for user in users:
        alike = first_two[user.claim.lock.write]
        if len(alike) < 2:  # noqa: PLR2004
            alike.append(user)
    candidates = sorted((user for alike in first_two.values() for user in alike), key=_index)
    seen = set()
    for user in users:
        other = next((one for one in candidates if _clash(one, user, capacity)), None)
        if other is None:
            continue
        left, right = sorted((other, user), key=_index)
        if (_index(left), _index(right)) not in seen:
            seen.add((_index(left), _index(right)))
            yield left, right


def _clash(left: _User, right: _User, capacity: int) -> bool:
    writers = left.claim.lock.write + right.claim.lock.write
    return left.check is not right.check and (writers == 1 or writers > capacity)


def _resource_conflict(left: _User, right: _User, sharing: str) -> Conflict:
    names = left.claim.name, right.claim.name
    return Conflict(
        left=left.check.nodeid,
        right=right.check.nodeid,
        resource=max(names, key=lambda name: len(components(name))),
        source=Source.RESOURCE,
        reason=_clash_reason(left, right),
        remedy=_clash_remedy(left, right, sharing),
    )


def _clash_reason(left: _User, right: _User) -> str:
    left_verb, right_verb = ("writes" if user.claim.writes else "reads" for user in (left, right))
    same = left.claim.name == right.claim.name
    if same and left_verb == right_verb:
        return f"both write {left.claim.name!r}"
    left_object = "" if same else f" {left.claim.name!r}"
    return f"{left.check.name!r} {left_verb}{left_object} and {right.check.name!r} {right_verb} {right.claim.name!r}"


def _clash_remedy(left: _User, right: _User, sharing: str) -> str:
    writer = right if right.claim.writes else left
    drop = f"drop {writer.claim.name!r} from the writes of {writer.check.name!r}"
    return f"{sharing}, or {drop}" if sharing and left.claim.writes and right.claim.writes else drop


def _sharing(lock: str, capacity: int, *, is_per_host: bool) -> str:
    """How to let two write it at once; empty if nothing in the configuration does."""
    if lock.startswith(("env:", "tcp:", "path:")):
        return ""
    if not is_per_host:
        return f"{lock} = 2 under {TABLE} if two may write it at once"
    if not capacity:  # each host that has it declares how much
        return ""
    return f'{lock} = {{ capacity = 2, scope = "host" }} under {TABLE} if two may write it at once on a host'


def _staged(checks: Iterable[Check]) -> Iterator[tuple[str, Check, Check]]:
    """Each first or last check of a key with the earliest one of another stage."""
    earliest: dict[str, dict[int, Check]] = defaultdict(dict)
    for check in checks:
        for key, stage in check.stages:
            earliest[key].setdefault(stage, check)
    seen = set()
    for check in checks:
        for key, stage in check.stages:
            others = [other for reached, other in earliest[key].items() if reached != stage]
            if stage == 0 or not others:
                continue
            other = min(others, key=lambda one: one.index)
            pair = key, *sorted((other.index, check.index))
            if pair not in seen:
                seen.add(pair)
                yield key, other, check


def _mark_conflict(one: Check, other: Check, key: str) -> Conflict:
    plugin, _, what = key.partition(":")
    left, right = sorted((one, other), key=lambda check: check.index)
    reason = f"the {plugin} mark orders both ({what})"
    return _order_conflict(left, right, key, reason, f"drop the {plugin} mark from one of them")


def _order_conflict(left: Check, right: Check, resource: str, reason: str, remedy: str) -> Conflict:
    return Conflict(
        left=left.nodeid, right=right.nodeid, resource=resource, source=Source.ORDER, reason=reason, remedy=remedy
    )


def _index(user: _User) -> int:
    return user.check.index
