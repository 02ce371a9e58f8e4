"""Lets configured commands begin while tests are collected."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import NoReturn

import pytest

from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.early_bound import socket, time
from pytest_parallel_agents.options import Options
from pytest_parallel_agents.process_tree import fork, own_group
from pytest_parallel_agents.runtest.own_process import OwnProcess
from pytest_parallel_agents.scheduling.begun import Begun, Work, fitting
from pytest_parallel_agents.session.early_jobs import find_jobs, may_begin_any
from pytest_parallel_agents.session.planning import PlannedRun
from pytest_parallel_agents.tools.early.client import EARLY, Early
from pytest_parallel_agents.wire.run_folder import RunFolder, made_run_folder


class EarlyCommands:
    """The plugin that starts and ends them, in the controller."""

    def __init__(self, options: Options, kinds: Sequence[str]) -> None:
        self._options = options
        self._kinds = kinds
        self._process = OwnProcess()
        self._opened = ExitStack()

    @pytest.hookimpl
    def pytest_collection(self, session: pytest.Session) -> None:
        """Comes after the hook that adds the commands' file to the paths, and before the collection itself."""
        config = session.config
        if may_begin_any(config, self._options) and not config.stash[BEFORE_FORK].reasons():
            with suppress(OSError):  # then nothing begins early
                self._launch(session)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The launcher looks at files while the controller plans. A conftest may write some in this hook."""
        if EARLY in session.config.stash:
            session.config.stash[EARLY].begin_to_settle()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Ends what runs still: the session has ended before the turn of its check came."""
        if self._process.is_current():
            self._opened.close()

    def _launch(self, session: pytest.Session) -> None:
        folder = self._opened.enter_context(made_run_folder())
        with ExitStack() as opened:
            listener = opened.enter_context(socket.socket(socket.AF_UNIX))
            address = str(folder.path / "early")
            listener.bind(address)
            listener.listen(socket.SOMAXCONN)
            ours, theirs = socket.socketpair()
            opened.enter_context(theirs)
            pid = fork()
            if pid == 0:
                ours.close()
                self._serve(session, folder, listener, theirs)
        early = session.config.stash[EARLY] = Early(address, pid, ours, self._options.limits.grace)
        self._opened.callback(early.close)

    def _serve(
        self, session: pytest.Session, folder: RunFolder, listener: socket.socket, alive: socket.socket
    ) -> NoReturn:
        from pytest_parallel_agents.tools.early.launcher import Launcher

        try:
            own_group()
            _be_silent()
            found = find_jobs(session, self._options, self._kinds)
            Launcher(
                found.jobs,
                cpus=found.cpus,
                capacities=found.capacities,
                folder=folder.path,
                grace=self._options.limits.grace,
                listener=listener,
                alive=alive,
            ).serve()
        finally:
            os._exit(0)  # the controller's exit handlers and its session's end are not ours


def settle(planned: PlannedRun) -> tuple[Begun, float]:
    """The checks of the plan whose commands have begun, and seconds since the first one did.

    All other commands that have begun are ended. From now on none begins early.
    """
    config = planned.session.config
    early = config.stash.get(EARLY, None)
    if early is None:
        return Begun(), 0.0
    states = {state.nodeid: state for state in early.settle()}
    now = time.monotonic()
    work = {
        check.index: Work((state.until or now) - state.since, is_over=state.until is not None)
        for check in planned.plan.checks.values()
        if (state := states.get(check.nodeid)) is not None
    }
    forks = planned.options.specs == ("fork",)
    begun = fitting(planned.plan, work, cpus=planned.options.cpus) if forks else Begun()
    kept = {planned.plan.checks[index].nodeid for index in begun.checks}
    early.keep(kept)
    return begun, now - min((states[nodeid].since for nodeid in kept), default=now)


def end_early(config: pytest.Config) -> None:
    """Ends all commands that have begun early."""
    if EARLY in config.stash:
        config.stash[EARLY].close()


def _be_silent() -> None:
    """What is printed here must not get into the captured output of the controller."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
