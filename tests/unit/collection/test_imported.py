from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_parallel_agents.collection.imported import Sources, imported_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (b"import a, b.c as d  # e\n", ["a", "b.c"]),
        (b"from a.b import c as d, e\r\n", ["a.b", "a.b.c", "a.b.e"]),
        (b"from a import (\n    b,  # one, or the other\n    c as d,\n)\n", ["a", "a.b", "a.c"]),
        (b"from . import a\nfrom .b import c\nfrom .. import d\n", ["p.q", "p.q.a", "p.q.b", "p.q.b.c", "p", "p.d"]),
        (b"from ... import a\nfrom ....b import c\n", []),
        (b"def f():\n    import late\n", []),
        (b"import a; x = 1\n", ["a"]),
        (b"import caf\xc3\xa9\nfrom os import *\nfrom\nimport \nfrom a import\n", None),
        (b"", []),
    ],
)
def test_names(source: bytes, names: list[str] | None) -> None:
    found = list(imported_names(source, "p.q"))

    assert names is None or found == names


def test_sources_are_found_and_nothing_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "found_here"
    (package / "space").mkdir(parents=True)
    for file in ("__init__.py", "plain.py", "space/inner.py"):
        (package / file).write_text("raise SystemError\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    sources = Sources()

    def paths(name: str) -> list[str]:
        return [Path(path).relative_to(package).as_posix() for _, path in sources.of(name)]

    assert paths("found_here.plain") == ["__init__.py", "plain.py"]
    assert paths("found_here.space.inner") == ["__init__.py", "space/inner.py"]
    assert paths("found_here.plain.no") == ["__init__.py", "plain.py"]
    assert paths("found_here.no") == ["__init__.py"]
    assert list(sources.of("not_there_at_all.deep")) == list(sources.of("sys")) == list(sources.of("pytest")) == []
    assert not [name for name in sys.modules if name.startswith("found_here")]
