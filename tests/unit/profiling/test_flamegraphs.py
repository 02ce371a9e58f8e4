from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.measurements import Measurement
from pytest_parallel_agents.profiling.flamegraphs import Sampling, flame_graph_files, flame_graph_folder

MEASURED = Measurement(name="parse", calls=7, cpu_seconds=1.0, wall_seconds=1.0, peak_bytes=None)


def busy() -> None:
    until = time.perf_counter() + 0.02
    while time.perf_counter() < until:
        pass


def test_a_name_shows_its_block() -> None:
    html, speedscope = flame_graph_files(Path("out"), "tests/test_a.py::test_b[x/y]", "parse")
    assert html.name.startswith("tests-test_a.py-test_b-x-y-parse-")
    assert html.parent == Path("out")
    assert speedscope.name == html.name.replace(".html", ".speedscope.json")


@given(st.lists(st.tuples(st.text(max_size=300), st.text(max_size=50)), unique=True, max_size=5))
def test_names_are_harmless_and_of_one_block_only(blocks: list[tuple[str, str]]) -> None:
    files = [file.name for nodeid, name in blocks for file in flame_graph_files(Path(), nodeid, name)]
    assert len({name.lower() for name in files}) == len(files)
    for name in files:
        assert len(name) < 130
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")
        assert not name.startswith(".")


def test_a_sampled_block_has_the_figures_of_its_count(tmp_path: Path) -> None:
    sample = Sampling(tmp_path, "t.py::test_a", {"parse": MEASURED}).sample("parse")
    sample.start()
    busy()
    assert sample.stop() is MEASURED
    html, speedscope = flame_graph_files(tmp_path, "t.py::test_a", "parse")
    assert html.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "busy" in {frame["name"] for frame in json.loads(speedscope.read_text("utf-8"))["shared"]["frames"]}


def test_without_pyinstrument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyinstrument", None)
    with pytest.raises(AgentsError, match=r"needs pyinstrument.*pytest-parallel-agents\[profile\]"):
        flame_graph_folder(tmp_path / "profiles")


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AgentsError, match=r"--agents-flamegraphs .*file cannot be made: File exists"):
        flame_graph_folder(tmp_path / "file")
