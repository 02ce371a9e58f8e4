"""Command line over environment over configuration file → the options of a run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from pytest_parallel_agents.assistants import in_assistant
from pytest_parallel_agents.configuration import find_table, where_in
from pytest_parallel_agents.convergence.regressions import TOLERANCES
from pytest_parallel_agents.errors import AgentsError, UsageFaults
from pytest_parallel_agents.group_settings import GroupSettings, read_groups
from pytest_parallel_agents.limits import read_limits
from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.reports.formats.suffixes import format_for
from pytest_parallel_agents.several_runs.keeping import read_keeping
from pytest_parallel_agents.shard import asked_shard, refuse_waiting
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.worker_specs import asked_workers, is_interactive

if TYPE_CHECKING:
    from pytest_parallel_agents.reports.earlier import Earlier
    from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.options import Dist, Options, RootCause, Scope, Unmarked

STRATEGIES: Final[Mapping[str, int | None]] = {"all": None, "any": 1}


def read_options(config: pytest.Config, kinds: Collection[str]) -> Options:
    """Options of this run; `kinds` are the registered ones.

    Raises UsageFaults with every fault of the command line and the configuration file.
    """
    faults: list[AgentsError] = []
    _refuse_stray_paths(config, faults)
    file, values, source = find_table(config, faults)
    table = Table(values, where=where_in(config, file), faults=faults)
    options = _options(config, table, kinds, file=file, source=source)
    options = msgspec.structs.replace(options, configuration=_digest(values))
    refuse_waiting(options.shard, options.wait, faults)
    table.done()
    if faults:
        raise UsageFaults(faults)
    return options


def _options(config: pytest.Config, table: Table, kinds: Collection[str], *, file: Path | None, source: str) -> Options:
    faults = table.faults
    policy = _policy(config, table)
    commands, groups = _commands(config, table, kinds, source)
    specs, count = asked_workers(config, table.whole_or("workers", {"auto": None}, minimum=0), faults)
    declared = table.table("resources")
    resources = {name: _resource(declared, name) for name in declared}
    return Options(
        workers=count,
        specs=specs,
        specs_given=bool(config.getoption("tx", None)),
        plan_only=config.option.agents_plan,
        policy=policy,
        unmarked=table.choice("unmarked", Unmarked, _default_for(policy)),
        replicate=table.texts("replicate"),
        resources={name: capacity for name, (capacity, _) in resources.items()},
        per_host=frozenset(name for name, (_, scope) in resources.items() if scope is Scope.HOST),
        commands=commands,
        limits=read_limits(table, kinds, _given_limits(config), faults),
        wait=_wait(config, table.whole_or("wait", STRATEGIES, minimum=1), faults),
        groups=groups.waits,
        panels=groups.panels,
        budget=table.number("budget"),
        reports=_reports(config, faults),
        file=file,
        where=table.where,
        interactive=is_interactive(config),
        flame_graphs=_flame_graphs(config, faults),
        earlier=_earlier(config, "--agents-baseline", config.option.agents_baseline, faults),
        tolerances=_tolerances(table.table("tolerance")),
        recheck=config.option.agents_recheck != "off",
        root_cause=RootCause(config.option.agents_root_cause or RootCause.AUTO),
        dist=_dist(config, faults),
        shard=asked_shard(config, faults),
        durations=_durations(config, faults),
        undecided="agents" not in table,
        compact=_is_compact(config),
        keeping=read_keeping(table),
    )


def _is_compact(config: pytest.Config) -> bool:
    output: str = config.option.agents_output or "auto"
    return output == "compact" or (output == "auto" and in_assistant(os.environ))


def _policy(config: pytest.Config, table: Table) -> Policy:
    configured = table.choice("independence", Policy, Policy.SERIALIZE)
    return Policy(config.option.agents_independence or configured)


def _default_for(policy: Policy) -> Unmarked:
    """What to do with tests without a mark, unless the user has set that."""
    return Unmarked.AFTER if policy is Policy.STRICT else Unmarked.PARALLEL


def _dist(config: pytest.Config, faults: list[AgentsError]) -> Dist:
    given = config.getoption("dist", "no")
    if given == "each":
        fault = "--dist each runs every check on every worker, and --agents runs every check once"
        faults.append(AgentsError(fault, hint=f"use {', '.join(Dist)}, or drop --dist"))
    return Dist(given) if given in tuple(Dist) else Dist.LOAD


def _durations(config: pytest.Config, faults: list[AgentsError]) -> Mapping[str, float] | None:
    earlier = _earlier(config, "--agents-durations", config.option.agents_durations, faults)
    return None if earlier is None else earlier.durations


def _digest(values: Mapping[str, object]) -> str:
    """Equal for equal configurations."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _commands(
    config: pytest.Config, table: Table, kinds: Collection[str], source: str
) -> tuple[tuple[CommandSpec, ...], GroupSettings]:
    """The configured commands, and the groups with the panels of those that have voters."""
    groups, agents = read_groups(table.table("groups"), STRATEGIES), table.named("agents")
    if not any(agents) and not any(groups.agents.values()):
        return (), groups
    from pytest_parallel_agents.tools.adapters.registry import known_adapters
    from pytest_parallel_agents.tools.configured import parse_agents
    from pytest_parallel_agents.tools.panels import joined

    commands = parse_agents(agents, known_adapters(config), kinds=kinds, root=config.rootpath, source=source)
    return joined(commands, groups)


def _resource(table: Table, name: str) -> tuple[int, Scope]:
    """How many checks may write it at once, and where they are counted."""
    given = table.given_table(name)
    if given is None:
        return table.whole(name, 1, minimum=1), Scope.GLOBAL
    scope = given.choice("scope", Scope, Scope.GLOBAL)
    capacity = given.whole("capacity", 1, minimum=0 if scope is Scope.HOST else 1)  # hosts may have their own
    given.done()
    return capacity, scope


def _given_limits(config: pytest.Config) -> dict[str, float | None]:
    given = config.option
    return {"--agents-timeout": given.agents_timeout, "--agents-run-timeout": given.agents_run_timeout}


def _wait(config: pytest.Config, configured: int | None, faults: list[AgentsError]) -> int | None:
    given: str | None = config.option.agents_wait
    if given is None:
        return configured
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    if given not in STRATEGIES:
        faults.append(
            AgentsError(f"--agents-wait is {given!r}", hint="give all, any, or a number of checks, 1 or more")
        )
    return STRATEGIES.get(given)


def _reports(config: pytest.Config, faults: list[AgentsError]) -> tuple[Path, ...]:
    paths = tuple(config.invocation_params.dir / path for path in config.option.agents_report)
    for path in paths:
        try:
            format_for(path)
        except AgentsError as fault:
            faults.append(fault)
    return paths


def _flame_graphs(config: pytest.Config, faults: list[AgentsError]) -> Path | None:
    if config.option.agents_flamegraphs is None:
        return None
    from pytest_parallel_agents.profiling.flamegraphs import flame_graph_folder

    try:
        return flame_graph_folder(config.invocation_params.dir / config.option.agents_flamegraphs)
    except AgentsError as fault:
        faults.append(fault)
        return None


_PATH_FLAGS: Final = ("--agents-report", "--agents-baseline", "--agents-durations", "--agents-flamegraphs")


def _refuse_stray_paths(config: pytest.Config, faults: list[AgentsError]) -> None:
    """Pytest looks for its configuration before it knows these flags, and takes what follows one after a space for a
    test path. An existing path elsewhere would move the root there, and no check of this project would be found.
    """
    here = config.invocation_params.dir.resolve()
    for flag, path in pairwise(map(str, config.invocation_params.args)):
        place = (here / path).resolve()
        if flag in _PATH_FLAGS and place.exists() and not place.is_relative_to(here):
            faults.append(
                AgentsError(f"{flag} {path}: pytest takes it for a test path too", hint=f"write {flag}={path}")
            )


def _earlier(config: pytest.Config, flag: str, given: str | None, faults: list[AgentsError]) -> Earlier | None:
    if given is None or hasattr(config, "workerinput"):  # a worker gets what it needs of it
        return None
    from pytest_parallel_agents.reports.earlier import read_earlier

    try:
        return read_earlier(config.invocation_params.dir / given, flag)
    except AgentsError as fault:
        faults.append(fault)
        return None


def _tolerances(table: Table) -> dict[str, float]:
    found = {what: table.share(what.replace("_", "-"), default) for what, default in TOLERANCES.items()}
    table.done()
    return found
