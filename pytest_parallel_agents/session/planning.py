"""Plans a session: checks, groups and plan, and whether workers are worth their cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.collection.budget import reserves
from pytest_parallel_agents.collection.checks import collect_checks
from pytest_parallel_agents.collection.commands import CommandItem
from pytest_parallel_agents.collection.groups import collect_groups
from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.compat.following import asks_what_follows
from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.independence.conflicts import describe
from pytest_parallel_agents.independence.gate import verify
from pytest_parallel_agents.independence.order import Known
from pytest_parallel_agents.marks import argument_place, parse_mark
from pytest_parallel_agents.model.hosts import Host
from pytest_parallel_agents.model.plan import Plan, Policy
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.scheduling.begun import Begun
from pytest_parallel_agents.scheduling.scheduler import Scheduler
from pytest_parallel_agents.session.durations import Durations
from pytest_parallel_agents.session.worker_hosts import hosts_of, kept_here
from pytest_parallel_agents.worker_specs import is_remote

WORKERS_COST_SECONDS = 0.1
"""Rough seconds to start workers, end them, and replay their reports for a handful of tests."""


class PlannedRun:
    """`seconds` is how long checks took in earlier runs, by node id, as `durations` has it. `placed` is the plan with
    what decides on which hosts checks may run.

    Raises UsageFaults with all faults of marks, groups and declarations.
    """

    def __init__(
        self,
        session: pytest.Session,
        options: Options,
        kinds: Sequence[str],
        known: Known,
    ) -> None:
        self.session = session
        self.options = options
        self.collected, faults = collect_checks(session.items, options, kinds)
        self.groups, unmeetable = collect_groups(self.collected.parallel, options, known)
        self.plan = self._verify(known, [*faults, *unmeetable])
        commands = {index for index in self.plan.checks if isinstance(session.items[index], CommandItem)}
        self.placed = kept_here(self.plan, commands, options)
        self.durations = Durations.of(session.config)
        self.seconds = self.durations.load()
        self.in_order = _keeps_order(session.config)
        known_seconds = {} if self.in_order else known_durations(options, self.seconds)
        self.estimates = {
            check.index: known_seconds[check.nodeid] for check in self.collected.checks if check.nodeid in known_seconds
        }

    @property
    def hosts(self) -> list[Host]:
        """Where workers may be started."""
        return hosts_of(self.options)

    @cached_property
    def is_told_ahead(self) -> bool:
        """Whether workers have to know what follows each check before they begin it."""
        return asks_what_follows(self.session.config)

    @property
    def is_beyond_limits(self) -> bool:
        """Whether there are time limits, and no workers that could be ended for them."""
        limited = any(check.timeout is not None for check in self.collected.checks)
        limited = limited or self.options.limits.run is not None
        return limited and not self.options.workers and not self.is_distributed

    @property
    def resources(self) -> frozenset[str]:
        """Those that checks use and that are counted per host."""
        return self.placed.per_host.intersection(lock.name for locks in self.placed.locks.values() for lock in locks)

    def scheduler(self, begun: Begun, joined: Iterable[Host]) -> Scheduler:
        """A scheduler of the plan. The work of the checks that have `begun` runs already or is over. `joined` are hosts
        beside those that were named.
        """
        return Scheduler(
            self.placed,
            estimates=self.estimates,
            hosts=[*self.hosts, *joined],
            groups=self.groups,
            in_order=self.in_order,
            ahead=self.is_told_ahead,
            begun=begun,
        )

    def refuse_conflicts(self) -> None:
        """Raises UsageFaults with every conflict when the policy allows none."""
        if self.options.policy is Policy.STRICT and self.plan.conflicts:
            raise UsageFaults(AgentsError(describe(conflict)) for conflict in self.plan.conflicts)

    @cached_property
    def is_distributed(self) -> bool:
        """Whether workers can save more than they cost.

        Only plain tests that are known to be short run here: a marked check may have a time limit, and is promised a
        worker. So is a plugin that has seen the number of workers.
        """
        if self.options.interactive or not self.plan.checks:
            return False
        decided = any(group.needed is not None or group.agree is not None for group in self.groups)
        if decided or self.plan.reserves:
            return True
        if not self.options.workers:
            return False
        if any(map(is_remote, self.options.specs)):  # the user wants checks to run there, however short they are
            return True
        asked = any(self.session.config.stash[BEFORE_FORK].questions.of_distribution())
        checks = self.plan.checks.values()
        if asked or any(
            check.marked or check.timeout is not None or check.index not in self.estimates for check in checks
        ):
            return True
        return sum(self.estimates[check.index] for check in checks) > WORKERS_COST_SECONDS

    def _verify(self, known: Known, faults: Sequence[AgentsError]) -> Plan:
        """The gate's plan. Raises UsageFaults with its faults and the `faults` that were found before."""
        options, items = self.options, self.session.items
        try:
            plan = verify(
                self.collected.parallel,
                resources=options.resources,
                per_host=options.per_host,
                policy=options.policy,
                known=known,
                where=lambda check, argument: argument_place(items[check.index], argument),
            )
        except UsageFaults as found:
            raise UsageFaults([*faults, *found.faults]) from None
        if faults:
            raise UsageFaults(faults)
        if options.budget is None:
            return plan
        spending = {index: most for index, most in reserves(items).items() if index in plan.checks}
        return replace(plan, budget=options.budget, reserves=spending)


def known_durations(options: Options, remembered: Mapping[str, float]) -> Mapping[str, float]:
    """Seconds by node id: those of a given report, or else of earlier runs."""
    return remembered if options.durations is None else options.durations


def collects_all(config: pytest.Config) -> bool:
    """Whether no file is left out that the user has not left out for good: by paths, also those of a plugin, by the
    folder in which pytest was started, by `--ignore` on the command line, or by `--lf`, which skips files without
    failures.
    """
    source, started = config.args_source, config.invocation_params
    is_here = started.dir == config.rootpath and str(started.dir) in config.args
    in_part = source is pytest.Config.ArgsSource.ARGS
    in_part = in_part or (source is pytest.Config.ArgsSource.INVOCATION_DIR and not is_here)
    ignores = any(str(word).startswith("--ignore") for word in started.args)
    return not (in_part or ignores or config.getoption("lf", default=False))


def known_names(items: Iterable[pytest.Item], options: Options, kinds: Iterable[str], *, complete: bool) -> Known:
    """What marks and tables may refer to. With `complete` there is nothing else.

    It reads the marks anew: plugins may have added some to the items.
    """
    items, commands = list(items), options.commands
    marks = [parse_mark(item, kinds=None)[0] for item in items]
    return Known(
        nodeids=frozenset([item.nodeid for item in items]),
        names=frozenset([item.name for item in items] + [spec.name for spec in commands]),
        kinds=frozenset(kinds) | {mark.kind for mark in marks},
        groups=Counter(mark.group or "" for mark in marks)
        | Counter(spec.group or "" for spec in commands for _ in spec.voters or (None,)),
        complete=complete,
    )


def _keeps_order(config: pytest.Config) -> bool:
    """Whether checks are to begin in the order of collection, however long they take: failed or new ones first."""
    return bool(config.getoption("failedfirst", None) or config.getoption("newfirst", None))
