from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.tools.streams import stream_file


def test_what_was_written_is_there_while_the_command_runs_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "stdout"

    with stream_file(path) as file:
        file.write(b"said")
        file.flush()
        assert path.read_bytes() == b"said"

    assert not path.exists()


def test_what_was_written_stays_when_the_command_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "stdout"
    path.write_bytes(b"of another")

    with pytest.raises(KeyboardInterrupt):
        be_interrupted(path)

    assert path.read_bytes() == b"said"


def be_interrupted(path: Path) -> None:
    with stream_file(path) as file:
        file.write(b"said")
        raise KeyboardInterrupt


def test_without_a_path_no_other_process_sees_it() -> None:
    with stream_file(None) as file:
        file.write(b"said")
        file.seek(0)
        assert file.read() == b"said"
