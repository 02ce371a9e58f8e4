"""Dask's own client, connected to a scheduler."""

from __future__ import annotations

import importlib
import logging
import threading
import time
import warnings
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from pytest_parallel_agents.dask_spec import DaskSpec
from pytest_parallel_agents.errors import AgentsError

CONNECT_SECONDS: Final = 15.0
"""How long the scheduler may take to answer."""

_LATE_SECONDS: Final = 1.0
"""How long the client may then take to report why it has not connected."""

_LOOK_SECONDS: Final = 0.05
_CONNECTIONS: Final = 1 << 13
_LOUD: Final = ("distributed", "distributed.client")


def connected(spec: DaskSpec, cancelled: threading.Event) -> Any:  # hardly anything of Dask's has types
    """Raises AgentsError if there is no scheduler, or once `cancelled` is set.

    The client is made in a thread that may be left behind: it waits without end for what accepts a connection and is no
    scheduler, and cannot be interrupted.
    """
    if spec.is_file and not Path(spec.scheduler).is_file():
        raise AgentsError(f"--tx dask={spec.scheduler}: there is no such scheduler file", hint="give tcp://HOST:PORT")
    distributed = _distributed()
    making: Future[Any] = Future()
    threading.Thread(target=_make, args=(making, distributed, spec), name="dask-connect", daemon=True).start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages whose versions differ: what matters is compared elsewhere
        fault = _wait(making, cancelled)
    if fault:
        making.add_done_callback(_close)
        raise _unreachable(spec, fault)
    try:
        return making.result()
    except Exception as error:  # noqa: BLE001 - ssl, sockets and Dask have their own
        raise _unreachable(spec, words_of(error)) from None


def quieted() -> dict[str, int]:
    """Keeps Dask's log, which it writes to standard error, from the terminal. Returns the levels of before."""
    levels = {name: logging.getLogger(name).level for name in _LOUD}
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return levels


def words_of(error: BaseException) -> str:
    """What an error came from, in one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(f"{type(error).__name__}: {error}".rstrip(": ").split())


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        hint = "pip install 'pytest-parallel-agents[dask]'"
        raise AgentsError(f"--tx dask needs the package distributed: {error}", hint=hint) from None


def _make(making: Future[Any], distributed: Any, spec: DaskSpec) -> None:
    where = {"scheduler_file" if spec.is_file else "address": spec.scheduler}
    try:
        client = distributed.Client(
            **where,
            security=_security(spec, distributed.Security),
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            connection_limit=_CONNECTIONS,
            name="pytest-parallel-agents",
        )
    except BaseException as error:  # noqa: BLE001 - what waits for it raises it
        making.set_exception(error)
    else:
        making.set_result(client)


def _wait(making: Future[Any], cancelled: threading.Event) -> str:
    """Waits until it is done. Returns why it was not waited for; empty if it was."""
    until = time.monotonic() + CONNECT_SECONDS + _LATE_SECONDS
    while not making.done():
        if cancelled.wait(_LOOK_SECONDS):
            return "it was not waited for any longer"
        if time.monotonic() > until:
            return "what is there does not answer"
    return ""


def _close(made: Future[Any]) -> None:
    if made.exception() is None:
        made.result().close()


def _unreachable(spec: DaskSpec, reason: str) -> AgentsError:
    return AgentsError(
        f"--tx dask={spec.scheduler}: no scheduler of Dask could be reached within {CONNECT_SECONDS:g} s ({reason})",
        hint="start one with 'dask scheduler', or correct address and certificates",
    )


def _security(spec: DaskSpec, security: Any) -> Any:
    """None: Dask's own configuration decides."""
    files = {"tls_ca_file": spec.ca, "tls_client_cert": spec.cert, "tls_client_key": spec.key}
    given = {name: value for name, value in files.items() if value is not None}
    return security(require_encryption=True, **given) if given else None
