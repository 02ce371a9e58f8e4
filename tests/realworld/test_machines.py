"""A public suite on forks, a host and a cluster at once ends as it does serially, though a worker of each is killed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.environments import DEFAULT_CACHE
from benchmarks.junit import differences, parse
from benchmarks.projects import Project, prepare
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.sshd import SSHD, Server, ssh_server

pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"])]

KILLS = """
import os, signal, time
import pytest

def pytest_itemcollected(item):
    item.add_marker(pytest.mark.agent("test", retries=1))  # one runs when its worker is killed

class Kills:
    '''Kills one worker of each machine, as a check begins.'''

    def __init__(self, root):
        self.root = root
        self.mark = root / "killed"
        self.ran = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self):
        self.ran += 1
        if self.ran == 1:  # so that there are checks left for those that start late
            (self.root / "begun").touch()
            while len(list(self.root.parent.parent.glob("*/jinja2/begun"))) < 3:
                time.sleep(0.01)
        time.sleep(0.02)
        if self.ran == 3 and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(Kills(config.rootpath))
"""


@pytest.fixture(scope="module")
def project() -> Project:
    return prepare("jinja2", DEFAULT_CACHE, extra_requirements=["distributed"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    assert SSHD, "OpenSSH's server is not installed"
    with ssh_server(tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path / "dask") as running:
        running.add_worker("--no-nanny")
        yield running


def test_forks_a_host_and_a_cluster(project: Project, server: Server, cluster: DaskCluster, tmp_path: Path) -> None:
    here, there, slots = (tmp_path / place / "jinja2" for place in ("here", "there", "slots"))
    shutil.copytree(project.source, here)
    (here / "killer.py").write_text(KILLS)
    for other in (there, slots):
        shutil.copytree(here, other)
    python = str(project.environment.python)

    def run(name: str, *arguments: str) -> None:
        command = [python, "-m", "pytest", "-q", "-pno:cacheprovider", f"--junitxml={tmp_path / name}.xml", *arguments]
        finished = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stdout + finished.stderr

    run("serial")
    machine, dask = server.spec(there, python), f"dask={cluster.address}//chdir={slots}//python={python}"
    run("mixed", "--agents", "-pkiller", "--tx=2*fork", f"--tx=2*{machine}", f"--tx={dask}")

    for place in (here, there, slots):
        assert (place / "killed").exists(), place
    left, right = (parse((tmp_path / f"{name}.xml").read_text("utf-8")) for name in ("serial", "mixed"))
    assert differences(left, right) == []
