"""Whether a host has this package: it must be there, in this version, before anything of it runs."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from pytest_parallel_agents.errors import AgentsError

_NAME: Final = "pytest-parallel-agents"

HOST_MAIN: Final = f"""
import sys
try:
    from importlib.metadata import version
    found = version({_NAME!r})
except ImportError:
    found = ""
channel.send((found, sys.executable, ".".join(map(str, sys.version_info[:3]))))
if channel.receive():
    from pytest_parallel_agents.transports.remote.host_program import main
    main(channel)
"""
"""What a host executes, before it is known what is installed there."""


def check_package(channel: Any, host: str, seconds: float) -> None:
    """Raises AgentsError if the host lacks the package, has another version or does not answer for so many seconds, and
    EOFError if the connection has ended.
    """
    try:
        found, python, its_version = channel.receive(seconds)
    except channel.TimeoutError:
        raise AgentsError(
            f"{host} did not answer for {seconds:g} s", hint="see whether the packages of its Python can be read there"
        ) from None
    wanted = version(_NAME)
    fault = ""
    if tuple(map(int, str(its_version).split("."))) < (3, 11):
        fault = f"{python} is Python {its_version}, and 3.11 is needed"
    elif not found:
        fault = f"{python} has no {_NAME}"
    elif found != wanted:
        fault = f"{python} has {_NAME} {found}, and this machine {wanted}"
    channel.send(not fault)
    if fault:
        hint = f"install {_NAME}=={wanted} there, or name another interpreter with //python=..."
        raise AgentsError(f"{host}: {fault}", hint=hint)
