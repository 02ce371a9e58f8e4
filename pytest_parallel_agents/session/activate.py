"""The entry to `--agents`: reads the options, silences xdist's scheduler, registers our plugins."""

from __future__ import annotations

import pytest

from pytest_parallel_agents.agents.baseline import set_baseline
from pytest_parallel_agents.agents.kinds import known_agents
from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.compat.distribution import read_as_controller
from pytest_parallel_agents.model.plan import Policy
from pytest_parallel_agents.options import OPTIONS
from pytest_parallel_agents.reading_options import read_options
from pytest_parallel_agents.runtest.capture import bound_capture
from pytest_parallel_agents.runtest.judging import Judging
from pytest_parallel_agents.runtest.leak_detection import watch_leaks
from pytest_parallel_agents.runtest.lookup_cache import HookProxies, gather_keywords_at_once
from pytest_parallel_agents.session.garbage import end_without_collection
from pytest_parallel_agents.session.output_mode import choose_output
from pytest_parallel_agents.session.session_plugin import AgentsSession


def take_over(config: pytest.Config) -> None:
    """Makes this session one of ours, as controller or as spawned worker. Raises AgentsError for user mistakes."""
    agents = known_agents(config)
    options = read_options(config, agents)
    config.stash[OPTIONS] = options
    if options.earlier is not None:
        set_baseline(config, options.earlier.baseline(options.tolerances))
    watch = config.stash[BEFORE_FORK]
    if hasattr(config, "workerinput"):
        watch.end()
    else:
        read_as_controller(config, options.workers)
        watch.questions.watch_options()
    bound_capture(config)
    register = config.pluginmanager.register
    register(HookProxies(), "parallel-agents-proxies")
    gather_keywords_at_once(config)
    register(Judging(agents, watch_leaks(config, strict=options.policy is Policy.STRICT)), "parallel-agents-judgement")
    if options.commands:
        if not hasattr(config, "workerinput"):
            from pytest_parallel_agents.session.early import EarlyCommands

            register(EarlyCommands(options, list(agents)), "parallel-agents-early")
        from pytest_parallel_agents.collection.commands import ConfiguredCommands

        register(ConfiguredCommands(options), "parallel-agents-commands")
    if config.pluginmanager.hasplugin("benchmark") and hasattr(config.option, "benchmark_only"):
        from pytest_parallel_agents.compat.benchmark import Benchmarks

        register(Benchmarks(config), "parallel-agents-benchmarks")
    if not hasattr(config, "workerinput"):
        register(AgentsSession(config, options, agents), "parallel-agents-session")
        choose_output(config, options)
        if options.shard is not None:
            from pytest_parallel_agents.session.sharding import Sharding

            register(Sharding(options, options.shard, agents), "parallel-agents-sharding")
        end_without_collection(config)
