"""A worker that is a fresh interpreter."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pytest_parallel_agents.compat.xdist import export_identity
from pytest_parallel_agents.process_tree import own_group
from pytest_parallel_agents.wire import packing
from pytest_parallel_agents.wire.gateways import worker_side
from pytest_parallel_agents.worker.own_session import Settings, SpawnedWorker


def main(channel: Any) -> None:
    """Runs a pytest session that takes its checks from `channel`. Called through execnet in a fresh interpreter."""
    own_group()
    with worker_side.serving(channel):
        settings = msgspec.msgpack.decode(channel.receive(), type=Settings)
        workerinput: Any = packing.unpack(settings.workerinput)
        sys.argv[:] = settings.argv
        set_variables(settings.variables)
        export_identity(workerinput)
        worker = SpawnedWorker(channel, settings, workerinput)
        try:
            code = pytest.main(list(settings.arguments), plugins=[worker])
        except Exception:  # noqa: BLE001 - a conftest or a plugin may raise anything
            worker.failed(traceback.format_exc())
        else:
            if not worker.has_served:
                worker.fail(f"pytest ended with exit code {int(code)} in the worker before it ran a check")
            elif code == pytest.ExitCode.INTERNAL_ERROR:
                worker.fail("pytest broke in the worker")
        worker.close()


def set_variables(variables: Mapping[str, str | None]) -> None:
    """Sets environment variables of this process, or removes them where the value is None."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
