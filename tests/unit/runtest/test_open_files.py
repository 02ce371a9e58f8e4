from __future__ import annotations

import gc
from pathlib import Path

from pytest_parallel_agents.runtest.open_files import OpenFiles, flush_open_files
from tests.unit.forks import in_fork, needs_fork


class Log:
    """Only the collector can free it."""

    def __init__(self, path: Path) -> None:
        self.itself = self
        self.file = path.open("a", encoding="utf-8")

    def write(self, line: str) -> None:
        self.file.write(f"{line}\n")


@needs_fork
def test_each_process_writes_its_own_lines_once(tmp_path: Path) -> None:
    path = tmp_path / "inherited"
    log = Log(path)

    def worker(inherited: OpenFiles) -> None:
        log.write("worker")
        Log(tmp_path / "opened").write("worker")
        with (tmp_path / "bytes").open("wb") as closed:
            closed.write(b"worker")
        flush_open_files(inherited)

    log.write("controller")
    inherited = flush_open_files()
    gc.freeze()
    try:
        assert in_fork(lambda: worker(inherited)) == 0
    finally:
        gc.unfreeze()
    log.file.close()

    assert path.read_text("utf-8") == "controller\nworker\n"
    assert (tmp_path / "opened").read_text("utf-8") == "worker\n"
    assert (tmp_path / "bytes").read_text("utf-8") == "worker"


def test_the_others_are_written_when_one_cannot_be(tmp_path: Path) -> None:
    broken, whole = Log(tmp_path / "broken"), Log(tmp_path / "whole")
    broken.write("line")
    whole.write("line")
    broken.file.buffer.close()

    flush_open_files()

    assert (tmp_path / "whole").read_text("utf-8") == "line\n"
    whole.file.close()
