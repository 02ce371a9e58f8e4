"""A public suite on workers of every kind at once ends as it does serially, though one of each kind is killed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.environments import DEFAULT_CACHE
from benchmarks.junit import differences, parse
from benchmarks.projects import Project, prepare
from tests.sshd import SSHD, Server, ssh_server

pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"])]

KILLS = """
import os, pathlib, signal
import pytest

def pytest_itemcollected(item):
    item.add_marker(pytest.mark.agent("test", retries=1))  # one runs when its worker is killed

class Kills:
    '''Kills one worker of each machine, as a check begins.'''

    def __init__(self, root):
        self.mark = root / "killed"
        self.ran = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self):
        self.ran += 1
        if self.ran == 20 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Kills(config.rootpath))
"""


@pytest.fixture(scope="module")
def project() -> Project:
    return prepare("jinja2", DEFAULT_CACHE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    assert SSHD, "OpenSSH's server is not installed"
    with ssh_server(tmp_path_factory.mktemp("ssh")) as running:
        yield running


def test_forks_and_another_machine(project: Project, server: Server, tmp_path: Path) -> None:
    here, there = tmp_path / "here" / "jinja2", tmp_path / "there" / "jinja2"
    shutil.copytree(project.source, here)
    (here / "killer.py").write_text(KILLS)
    shutil.copytree(here, there)
    python = str(project.environment.python)

    def run(name: str, *arguments: str) -> str:
        command = [python, "-m", "pytest", "-q", "-pno:cacheprovider", f"--junitxml={tmp_path / name}.xml", *arguments]
        finished = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    run("serial")
    run("mixed", "--agents", "-pkiller", "--tx=2*fork", f"--tx=2*{server.spec(there, python)}")

    assert (here / "killed").exists()
    assert (there / "killed").exists()
    left, right = (parse((tmp_path / f"{name}.xml").read_text("utf-8")) for name in ("serial", "mixed"))
    assert differences(left, right) == []
