from __future__ import annotations

import py_compile
import sys
from pathlib import Path

import pytest

from pytest_parallel_agents.collection.expected_files import Selection
from pytest_parallel_agents.session.expected_imports import expected_imports

FILES = {
    "src/cold/__init__.py": "from cold.first import x\nfrom . import second\n",
    "src/cold/first.py": "import warm_package.inner\nimport os\n",
    "src/cold/second.py": "if True:\n    import cold.lazy\n",
    "src/cold/lazy.py": "",
    "src/warm_package/__init__.py": "import behind_warm\n",
    "src/warm_package/inner.py": "",
    "src/behind_warm.py": "",
    "tests/conftest.py": "",
    "tests/helper.py": "import cold\n",
    "tests/test_a.py": "import helper\nimport cold\n",
    "tests/deep/__init__.py": "from .. import nothing\n",
    "tests/deep/test_b.py": "from . import aid\n",
    "tests/deep/aid.py": "",
}


def test_modules_come_in_the_order_of_their_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    for name in ("__init__", "inner"):
        py_compile.compile(str(tmp_path / f"src/warm_package/{name}.py"))
    selection = Selection(paths=(str(tmp_path / "tests"),), root=str(tmp_path), patterns=("test_*.py",))

    expected = expected_imports(selection, [str(tmp_path / "src")])

    assert [(name, Path(path).relative_to(tmp_path).as_posix()) for name, path in expected.modules] == [
        ("conftest", "tests/conftest.py"),
        ("deep", "tests/deep/__init__.py"),
        ("deep.test_b", "tests/deep/test_b.py"),
        ("deep.aid", "tests/deep/aid.py"),
        ("test_a", "tests/test_a.py"),
        ("helper", "tests/helper.py"),
        ("cold", "src/cold/__init__.py"),
        ("cold.first", "src/cold/first.py"),
        ("cold.second", "src/cold/second.py"),
    ]
    assert expected.packages == [str(tmp_path / "src" / "warm_package")]
