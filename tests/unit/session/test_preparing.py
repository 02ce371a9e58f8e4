from __future__ import annotations

from pathlib import Path

from pytest_parallel_agents.session.preparing import read_ahead


def test_what_an_import_may_load_is_read(tmp_path: Path) -> None:
    for name in ("a.so", "a.py", "__pycache__/a.pyc", "deep/b.so", "deep/tests/c.so", "data.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")

    read = read_ahead(str(tmp_path))

    assert sorted(Path(file).relative_to(tmp_path).as_posix() for file in read) == [
        *("__pycache__/a.pyc", "a.so", "deep/b.so")
    ]
    assert read_ahead(str(tmp_path / "not_there")) == []
