"""A worker that is a fork of the collected controller."""

from __future__ import annotations

import socket
import sys
import warnings
from functools import partial
from typing import Any

import pytest

from pytest_parallel_agents.compat.no_trace import leave_no_trace
from pytest_parallel_agents.runtest.open_files import OpenFiles, flush_open_files
from pytest_parallel_agents.wire import messages, packing
from pytest_parallel_agents.wire.gateways import worker_side
from pytest_parallel_agents.wire.journal import Journal
from pytest_parallel_agents.wire.report_codec import Encoder
from pytest_parallel_agents.wire.run_folder import RunFolder, WorkerFiles
from pytest_parallel_agents.worker.exit_handlers import run_exit_handlers
from pytest_parallel_agents.worker.inherited_session import as_worker
from pytest_parallel_agents.worker.items import InheritedItems
from pytest_parallel_agents.worker.loop import Worker
from pytest_parallel_agents.worker.outbox import Outbox
from pytest_parallel_agents.worker.own_files import look_for_detached
from pytest_parallel_agents.worker.session_end import end_session
from pytest_parallel_agents.worker.shared_heap import frozen_until_searched


def main(session: pytest.Session, files: WorkerFiles, sock: socket.socket, inherited: OpenFiles) -> None:
    """Serves the controller over the other end of `sock`, from the first check to the last message.

    `inherited` files were open when this process was forked.
    """
    channel = worker_side.serve(sock, files.worker)
    with worker_side.serving(channel):
        workerinput: Any = packing.unpack(channel.receive())
        outbox = Outbox(channel, Journal(files.journal))
        look_for_detached(session.config, files, workerinput["testrunuid"])
        with as_worker(session, workerinput, files, partial(_complain, session.config, outbox, files)) as stacks:
            items = InheritedItems(session.items)
            worker = Worker(session, channel, outbox, items, stacks, leave_no_trace=leave_no_trace)
            with frozen_until_searched():
                worker.run()
        errors = end_session(session)
        outbox.send(messages.Closed(packing.pack(session.config.workeroutput), errors))  # type: ignore[attr-defined]
        outbox.flush()
    run_exit_handlers()
    flush_open_files(inherited)


def _complain(config: pytest.Config, outbox: Outbox, files: WorkerFiles, text: str) -> None:
    """Warns of something before the first check, unless another worker of the run already has."""
    if not RunFolder(files.folder).is_first_to_report(text):
        return
    warning = warnings.WarningMessage(pytest.PytestWarning(text), pytest.PytestWarning, __file__, 0)
    outbox.send(Encoder(config).warning(warning, "config", "", None))


def flush_streams() -> None:
    """Flushes the standard streams, or every fork would print their buffers again."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not stream.closed:
            stream.flush()
