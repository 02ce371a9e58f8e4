"""The pytest11 entry point. Without `--agents` nothing else of the package is imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_parallel_agents import hookspecs

if TYPE_CHECKING:
    from pytest_parallel_agents.agents.findings import Findings
    from pytest_parallel_agents.convergence.view import Convergence
    from pytest_parallel_agents.profiling.profiler import Profiler

MARKER: Final = (
    "agent(kind, *, reads=(), writes=(), after=(), cpus=1, timeout=None, group=None, alone=False, retries=0): "
    "a check of this kind, run in parallel under --agents with every check that it has no declared conflict with."
)
NEED_AGENTS: Final = (
    *("--agents-independence", "--agents-wait", "--agents-timeout", "--agents-run-timeout"),
    *("--agents-shard", "--agents-durations", "--agents-output"),
    *("--agents-report", "--agents-baseline", "--agents-flamegraphs", "--agents-recheck", "--agents-root-cause"),
    "--agents-fresh",
)
"""Flags that have a meaning only beside `--agents`."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    _refuse_words_for_workers(pluginmanager)
    group = parser.getgroup("agents", "parallel agents")
    add = group.addoption
    add("--agents", action="store_true", help="Run checks of all kinds in parallel and merge what they find.")
    add("--agents-plan", action="store_true", help="Collect, verify, print the plan, run nothing. Implies --agents.")
    add(
        "--agents-independence",
        choices=["serialize", "strict"],
        help="What a conflict does: keep the two apart in time (default), or stop before anything runs.",
    )
    add(
        "--agents-wait",
        metavar="{all,any,N}",
        help="How many checks of the run must pass: all (default), any, or N. The rest is then cancelled.",
    )
    add("--agents-timeout", type=float, metavar="SECONDS", help="Default time limit of a check.")
    add("--agents-run-timeout", type=float, metavar="SECONDS", help="Time limit of all checks together.")
    add(
        "--agents-report",
        action="append",
        default=[],
        metavar="PATH",
        help="Write a report; the suffix picks the format (.json, .html, .md, .sarif, ...). Repeatable.",
    )
    add(
        "--agents-baseline",
        metavar="PATH",
        help="An earlier .json report: reviews fail only on findings that are new since, profiles on regressions.",
    )
    add(
        "--agents-output",
        choices=["auto", "human", "compact"],
        help="How the terminal shows the run: compact for coding assistants, which auto (default) recognizes by their "
        "environment variables.",
    )
    _add_options_of_machines(add)
    _add_costly_options(add)


def _add_options_of_machines(add: Callable[..., None]) -> None:
    """Options for runs that several machines divide among them."""
    add(
        "--agents-shard",
        metavar="I/N",
        help="Run the I-th of N parts of about equal duration. pytest-parallel-agents merge joins their reports.",
    )
    add(
        "--agents-durations",
        metavar="PATH",
        help="A .json report whose durations to plan with, instead of those of earlier runs on this machine.",
    )


def _add_costly_options(add: Callable[..., None]) -> None:
    """Options for what runs checks once more."""
    add(
        "--agents-flamegraphs",
        metavar="DIR",
        help="Run measured blocks once more and write flame graphs of them (.html, .speedscope.json) into DIR.",
    )
    add(
        "--agents-recheck",
        choices=["on", "off"],
        help="Whether a failed test is tried once more alone (default: on). Its outcome stays what it was.",
    )
    add(
        "--agents-fresh",
        action="store_true",
        default=None,
        help="Ask language models again whose answers to the same question are kept from earlier runs.",
    )
    add(
        "--agents-root-cause",
        choices=["auto", "always", "off"],
        help="When to record which lines tests execute: in a second pass over failed and some passing ones (auto, the "
        "default), in all of them as they run (always), or never (off).",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    known = early_config.known_args_namespace
    if known.agents or known.agents_plan:
        with _imported_without_rewriting(early_config):
            from pytest_parallel_agents import early_bound  # noqa: F401 - now: a conftest.py may replace the clock
            from pytest_parallel_agents.session.ahead import work_ahead
            from pytest_parallel_agents.transports.surroundings import remember_path

        remember_path(early_config)
        work_ahead(early_config)
        if getattr(known, "numprocesses", 0) is None:
            known.numprocesses = "auto"  # pytest-cov decides here whether the run is distributed
        _watch(early_config)
    yield


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    if _is_wanted(config):
        with _imported_without_rewriting(config):
            from pytest_parallel_agents.runtest.gc_pause import gc_paused
            from pytest_parallel_agents.session.activate import take_over

        with _usage_errors(), gc_paused():
            take_over(config)
    else:
        _refuse_idle_flags(config)
    return (yield)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Flags of `addopts` are for runs with `--agents` too, so they are only named."""
    idle = _idle_flags(config)
    return f"agents: without --agents these do nothing: {', '.join(idle)}" if idle else None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    if not _is_wanted(session.config):
        return (yield)
    with _usage_errors():
        return (yield)


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Findings:
    """Reports what a check found: `findings.add(message, path=, line=, rule=, level=)`.

    Errors make the check fail, and after `findings.fail_on(level)` findings of that level or graver.
    """
    from pytest_parallel_agents.agents.evidence import record_finding, set_fail_on
    from pytest_parallel_agents.agents.findings import Findings

    item = _judged(request)
    return Findings(
        name=request.function.__name__,
        root=request.config.rootpath,
        record=lambda found: record_finding(item, found),
        set_fail_on=lambda level: set_fail_on(item, level),
    )


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> Profiler:
    """Measures a `with` block: calls, CPU and wall seconds, peak bytes, hot spots."""
    from pytest_parallel_agents.profiling.fixture import profiler_of

    return profiler_of(_judged(request))


@pytest.fixture
def convergence(request: pytest.FixtureRequest) -> Convergence:
    """The results and causes of all other checks. A check that uses it runs after every other one."""
    session = request.config.pluginmanager.getplugin("parallel-agents-session")
    if session is None:
        pytest.skip("convergence needs --agents")
    result: Convergence = session.convergence()
    return result


def _watch(config: pytest.Config) -> None:
    with _imported_without_rewriting(config):
        from pytest_parallel_agents.compat.before_fork import BEFORE_FORK, BeforeFork

    config.stash[BEFORE_FORK] = watch = BeforeFork(config)
    watch.begin()


def _is_wanted(config: pytest.Config) -> bool:
    return bool(config.option.agents or config.option.agents_plan)


def _judged(request: pytest.FixtureRequest) -> pytest.Item:
    """The item that requests a fixture of ours, which an agent is going to judge."""
    item: pytest.Item = request.node
    if not request.config.pluginmanager.hasplugin("parallel-agents-judgement"):
        from pytest_parallel_agents.agents.plain import judge_after_call

        judge_after_call(item)
    return item


def _refuse_words_for_workers(manager: pytest.PytestPluginManager) -> None:
    """Refuses them before pytest parses the options, where xdist reports that "two" is no `parse_numprocesses`, and no
    remedy.
    """
    config: Any = manager.getplugin("pytestconfig")
    words = [str(word) for word in config.invocation_params.args]
    if "--agents" not in words and "--agents-plan" not in words:
        return
    import argparse

    from pytest_parallel_agents.errors import NUMBER_OF_WORKERS

    reader = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    reader.add_argument("-n", "--numprocesses", dest="workers", nargs="?")
    workers = reader.parse_known_args(words)[0].workers
    try:
        int(workers or 0)
    except ValueError:
        if workers not in ("auto", "logical"):
            raise pytest.UsageError(f"-n is {workers!r} ({NUMBER_OF_WORKERS})") from None


def _refuse_idle_flags(config: pytest.Config) -> None:
    """Refuses flags written for this very run that would do nothing: the user waits for a report or a gate that will
    not come.
    """
    written = {str(word).partition("=")[0] for word in config.invocation_params.args}
    idle = [flag for flag in _idle_flags(config) if flag in written]
    if idle:
        raise pytest.UsageError(*(f"{flag} does nothing without --agents (add --agents)" for flag in idle))


def _idle_flags(config: pytest.Config) -> list[str]:
    if _is_wanted(config):
        return []
    given = {flag: getattr(config.option, flag.lstrip("-").replace("-", "_")) for flag in NEED_AGENTS}
    return [flag for flag, value in given.items() if value not in (None, [])]


@contextmanager
def _imported_without_rewriting(config: pytest.Config) -> Generator[None]:
    """Keeps pytest from rewriting the assertions of our hundred modules, which have none: the search takes 20 ms.

    Later imports are not rewritten either.
    """
    hook: Any = config.pluginmanager.rewrite_hook
    getattr(hook, "_must_rewrite", set()).discard(hookspecs.__name__.partition(".")[0])
    place = sys.meta_path.index(hook) if hook in sys.meta_path else None
    if place is not None:
        sys.meta_path.remove(hook)
    try:
        yield
    finally:
        if place is not None:
            sys.meta_path.insert(place, hook)  # a finder of a conftest may stand before it


@contextmanager
def _usage_errors() -> Generator[None]:
    """User mistakes leave as pytest's own error: exit code 4, a line for each fault, no traceback."""
    from pytest_parallel_agents.errors import AgentsError
    from pytest_parallel_agents.printable import escape_lines

    try:
        yield
    except AgentsError as error:
        raise pytest.UsageError(*map(escape_lines, error.lines)) from None
