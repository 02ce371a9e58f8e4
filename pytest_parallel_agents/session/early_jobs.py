"""Which configured commands may begin while tests are collected."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, Final

import _pytest.main
import _pytest.mark
import msgspec
import pytest

from pytest_parallel_agents.collection.cache_folder import lasting_folder
from pytest_parallel_agents.collection.checks import collect_checks
from pytest_parallel_agents.collection.commands import CommandFile, CommandItem
from pytest_parallel_agents.errors import UsageFaults
from pytest_parallel_agents.independence.gate import verify
from pytest_parallel_agents.machine import available_cpus
from pytest_parallel_agents.model.plan import Check, Plan, Policy
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.session.durations import Durations
from pytest_parallel_agents.session.planning import known_durations, known_names
from pytest_parallel_agents.tools.early.launched import Job, Streams
from pytest_parallel_agents.tools.early.staleness import Staleness
from pytest_parallel_agents.tools.execution import begin
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.scratch import scratch_folder

_SELECTING: Final = ("lf", "failedfirst", "newfirst", "stepwise")
"""Options of pytest that select or order checks by what earlier runs have found."""


class Jobs(msgspec.Struct, frozen=True):
    """Those that may begin, in the order in which they should, and what they may use together."""

    jobs: Sequence[Job]
    cpus: int
    capacities: Mapping[str, int]


def may_begin_any(config: pytest.Config, options: Options) -> bool:
    """Whether any command may begin before it is known which tests there are.

    Not where nothing may run before all is known to be right, where this process runs all checks, where a shard or an
    earlier run selects them, and where the run is over as soon as enough checks have passed.
    """
    if options.file is None or not options.workers or options.specs != ("fork",):
        return False
    if all(spec.early is False for spec in options.commands):
        return False
    if options.interactive or options.plan_only or config.option.collectonly:
        return False
    if options.policy is Policy.STRICT or options.wait is not None or options.shard is not None:
        return False
    return not any(config.getoption(name, None) for name in _SELECTING)


def find_jobs(session: pytest.Session, options: Options, kinds: Sequence[str]) -> Jobs:
    """The commands that this run selects, that change nothing, and that wait for nothing.

    To be called in a copy of the controller's process: it makes items and selects among them, as the collection will.
    """
    cpus = min(options.cpus, available_cpus(session.config)) - 1
    items = _selected(session, options)
    plan = _plan(items, options, kinds)
    cache = lasting_folder(session.config)
    if plan is None or cache is None:
        return Jobs([], cpus, {})
    durations = known_durations(options, Durations.of(session.config).load())
    free = [check for check in plan.checks.values() if check.cpus <= cpus and _is_free(check, options)]
    free.sort(key=lambda check: -durations.get(check.nodeid, inf))
    staleness = Staleness(session.config.rootpath)
    early = [check for check in free if _may_be_early(items[check.index], options, staleness)]
    jobs = [_job(check, items[check.index], plan, cache, staleness) for check in early]
    return Jobs(jobs, cpus, plan.capacities)


def _selected(session: pytest.Session, options: Options) -> list[CommandItem]:
    config, path = session.config, options.file
    given = [config.invocation_params.dir / argument for argument in config.args]
    if path is None or not any(path == one or one in path.parents for one in given):
        return []
    file: CommandFile = CommandFile.from_parent(session, path=path)
    file.specs = options.commands
    items: list[Any] = list(file.collect())
    if config.option.keyword or config.option.markexpr:
        _pytest.mark.pytest_collection_modifyitems(items, config)
    if config.option.deselect:
        _pytest.main.pytest_collection_modifyitems(items, config)
    return items


def _plan(items: Sequence[CommandItem], options: Options, kinds: Sequence[str]) -> Plan | None:
    """The plan of the commands alone. None if they have a fault, which is reported after the collection."""
    collected, faults = collect_checks(items, options, kinds)
    known = known_names(items, options, kinds, complete=False)
    try:
        plan = verify(
            collected.parallel, resources=options.resources, policy=options.policy, known=known, where=_nowhere
        )
    except UsageFaults:
        return None
    return None if faults else plan


def _nowhere(_check: Check, _argument: str) -> str:
    return ""


def _is_free(check: Check, options: Options) -> bool:
    """Whether it writes nothing, which the collection could read, and need not run in an order or a race."""
    if check.writes or check.after or check.alone or check.stages or check.together:
        return False
    return options.groups.get(check.group or "") is None and options.agree(check.group) is None


def _may_be_early(item: CommandItem, options: Options, staleness: Staleness) -> bool:
    """Not a known program of a language model: whether it has an account is asked in its turn. Nor one that spends what
    others have of a budget, or whose answer may be kept from an earlier run. Unless the user wants it, none of which it
    is not known what it judges, since the collection may change that.
    """
    spec = item.spec
    if spec.review is not None or spec.keep or (spec.reports_usage and options.budget is not None):
        return False
    return staleness.is_declared(spec, item.chosen) if spec.early is None else spec.early


def _job(check: Check, item: CommandItem, plan: Plan, cache: Path, staleness: Staleness) -> Job:
    spec, chosen, root = item.spec, item.chosen, item.config.rootpath

    def start(scratch: Path, streams: Streams) -> tuple[subprocess.Popen[bytes], str]:
        staleness.look(spec, chosen)
        changes = spec.only_changed.read(root)
        invocation = Invocation(chosen=chosen, root=root, scratch=scratch, cache=cache, changes=changes)
        return begin(spec, invocation, streams)

    return Job(
        nodeid=check.nodeid,
        cpus=check.cpus,
        locks=plan.locks.get(check.index, ()),
        limit=check.timeout,
        scratch=scratch_folder,
        start=start,
        is_stale=partial(staleness.is_stale, spec, chosen),
    )
