"""Time limits: of a check, a kind of check, the whole run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.tables import Table, nearest

GRACE_SECONDS = 5.0
SLOW_SECONDS = 60.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """All in seconds. `check` and `kinds` limit a check, `run` all of them together; None is no limit.

    `grace` is the time for a check to clean up once it was asked to end. A check that runs longer than `slow` is
    reported, and again after each further such period.
    """

    check: float | None = None
    kinds: Mapping[str, float] = msgspec.field(default_factory=dict)
    run: float | None = None
    grace: float = GRACE_SECONDS
    slow: float = SLOW_SECONDS

    def of(self, kind: str, own: float | None) -> float | None:
        """The limit of a check of this kind whose mark or table has `own`."""
        return own if own is not None else self.kinds.get(kind, self.check)


def read_limits(
    table: Table, kinds: Collection[str], given: Mapping[str, float | None], faults: list[AgentsError]
) -> Limits:
    """The limits in the configuration, and those `given` on the command line, by flag, which come first."""
    for flag, seconds in given.items():
        if seconds is not None and not seconds > 0:
            faults.append(AgentsError(f"{flag} is {seconds:g}", hint="give seconds, more than 0"))
    check, run = given.get("--agents-timeout"), given.get("--agents-run-timeout")
    configured, configured_run = table.number("timeout"), table.number("run-timeout")
    return Limits(
        check=configured if check is None else check,
        kinds=_by_kind(table.table("kinds"), kinds),
        run=configured_run if run is None else run,
        grace=table.number("grace") or GRACE_SECONDS,
        slow=table.number("slow") or SLOW_SECONDS,
    )


def _by_kind(table: Table, kinds: Collection[str]) -> dict[str, float]:
    limits = {}
    for kind, settings in table.tables():
        if kind not in kinds:
            table.fault(kind, "is no kind", hint=nearest(kind, sorted(kinds)))
        seconds = settings.number("timeout")
        settings.done()
        if seconds is not None:
            limits[kind] = seconds
    return limits
