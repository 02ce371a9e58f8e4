"""The MCP server as a client of the official SDK sees it: the real server, over stdin and stdout."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from tests.functional.test_example import FAULT, REPAIR, SHOP

mcp = pytest.importorskip("mcp")
anyio = pytest.importorskip("anyio")

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).with_name("pytest-parallel-agents")
MOST = 16_000
SLEEPS = "import time; time.sleep(314)"
HUNG = f"""
    import subprocess, sys

    def test_quick(): pass

    def test_hung():
        with subprocess.Popen([sys.executable, "-c", {SLEEPS!r}]):
            open("begun", "w").close()  # a pipe, from which someone reads
"""


class Client(NamedTuple):
    """A client of a server."""

    session: Any

    async def call(self, tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        """Text and structure of an answer, which is bounded."""
        result = await self.session.call_tool(tool, arguments)
        text: str = result.content[0].text
        assert not result.is_error, text
        assert len(result.model_dump_json().encode()) <= MOST
        assert text.splitlines()[-1].startswith("Next: ")
        return text, result.structured_content

    async def mistake(self, tool: str, **arguments: Any) -> str:
        result = await self.session.call_tool(tool, arguments)
        assert result.is_error
        text: str = result.content[0].text
        return text


@asynccontextmanager
async def connected(root: Path) -> AsyncIterator[Client]:
    """A client of a server that was started in the project."""
    server = mcp.StdioServerParameters(command=str(COMMAND), args=["mcp"], cwd=root, env=dict(os.environ))
    async with mcp.stdio_client(server) as (received, sent), mcp.ClientSession(received, sent) as session:
        await session.initialize()
        yield Client(session)


def talk(root: Path, conversation: Callable[[Client], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        with anyio.fail_after(300):
            async with connected(root) as client:
                await conversation(client)

    anyio.run(all_of_it)


def below(root: Path) -> list[psutil.Process]:
    """Processes that run in the project, or that its tests have started."""
    found = [each for each in psutil.process_iter(["cwd", "cmdline"]) if each.pid != os.getpid()]
    return [each for each in found if each.info["cwd"] == str(root) or SLEEPS in (each.info["cmdline"] or [])]


def pytests(root: Path) -> list[psutil.Process]:
    return [each for each in below(root) if "mcp" not in (each.info["cmdline"] or [])]


async def gone(root: Path) -> bool:
    """Whether all of them end, in the time that any machine needs for that."""
    _, left = await anyio.to_thread.run_sync(psutil.wait_procs, pytests(root), 60)
    return not left


def test_from_red_to_green(pytester: pytest.Pytester) -> None:
    shutil.copytree(SHOP, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    inventory = pytester.path / "src" / "shop" / "inventory.py"

    async def conversation(client: Client) -> None:
        tools = {tool.name for tool in (await client.session.list_tools()).tools}
        assert tools == {"run", "last_report", "explain", "plan"}

        text, plan = await client.call("plan")
        assert "45 checks" in text
        assert plan["next"]["tool"] == "run"

        _, red = await client.call("run")
        assert red["exit_code"] == 1
        assert (red["causes"][0]["function"], red["causes"][0]["number"]) == ("Inventory.pick", 1)
        assert len(red["failures"]) == 3
        assert all(failure["reproduce"].startswith("pytest ") for failure in red["failures"])

        follows = red["next"]
        text, explained = await client.call(follows["tool"], **follows["arguments"])
        assert text.startswith("src/shop/inventory.py:")
        assert "oldest.left" in text

        listed, _ = await client.call("last_report", include={"kind": ["review"]}, exclude={"outcome": ["passed"]})
        assert "pyproject.toml::mypy" in listed
        assert "tests/test_orders.py" not in listed

        source = inventory.read_text("utf-8")
        inventory.write_text(source.replace(FAULT, REPAIR), "utf-8")
        follows = explained["next"]
        _, mended = await client.call(follows["tool"], **follows["arguments"])
        assert (mended["exit_code"], mended["failures"]) == (0, [])

        assert mended["next"] == {"tool": "run", "arguments": {}, "why": "runs all checks."}
        _, green = await client.call("run")
        assert green["verdict"].startswith("passed: 45 passed")

    talk(pytester.path, conversation)


def test_mistakes_are_answers_and_the_server_goes_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    pytester.makeini("[pytest]")

    async def conversation(client: Client) -> None:
        assert "run pytest --agents first" in await client.mistake("last_report")
        assert "begins like an option" in await client.mistake("run", select=["-p", "x"])
        assert "outside of the project" in await client.mistake("run", select=["../x.py"])
        assert "there is no tool" in await client.mistake("walk")
        _, passed = await client.call("run", keyword="one")
        assert passed["verdict"].startswith("passed: 1 passed")
        _, nothing = await client.call("run", keyword="two")
        assert (nothing["exit_code"], nothing["next"]["tool"]) == (5, "plan")
        text, broken = await client.call("run", keyword="(")
        assert broken["exit_code"] == 4
        assert "Wrong expression" in text

    talk(pytester.path, conversation)


def test_a_run_ends_when_its_time_is_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(HUNG)
    os.mkfifo(pytester.path / "begun")

    async def conversation(client: Client) -> None:
        _, run = await client.call("run", timeout=10)
        assert run["timed_out"]
        assert "its time was up" in run["verdict"]
        assert await gone(pytester.path)

    talk(pytester.path, conversation)


@pytest.mark.parametrize("how", ["cancelled", "closed", "signal"])
def test_a_run_ends_with_the_call_and_with_the_server(pytester: pytest.Pytester, how: str) -> None:
    pytester.makepyfile(HUNG)
    os.mkfifo(pytester.path / "begun")

    async def conversation(client: Client) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(unanswered, client)
            await anyio.to_thread.run_sync((pytester.path / "begun").read_text)
            if how == "signal":
                (server,) = (each for each in below(pytester.path) if "mcp" in each.info["cmdline"])
                server.send_signal(signal.SIGTERM)
                assert await gone(pytester.path)
            tasks.cancel_scope.cancel()
        if how == "cancelled":
            assert await gone(pytester.path)

    talk(pytester.path, conversation)

    assert anyio.run(gone, pytester.path)


async def unanswered(client: Client) -> None:
    with pytest.raises(mcp.MCPError):
        await client.call("run")


def test_without_the_extra_the_command_names_it(pytester: pytest.Pytester) -> None:
    (pytester.path / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'mcp' else found(name, *more)\n"
    )
    pytester._monkeypatch.setenv("PYTHONPATH", str(pytester.path))

    result = pytester.run(COMMAND, "mcp")

    assert result.ret == 4
    assert result.stderr.lines == [
        "ERROR: the MCP server needs the package mcp (pip install 'pytest-parallel-agents[mcp]' installs it)"
    ]
