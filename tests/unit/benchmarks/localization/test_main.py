from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.localization.__main__ import main

RECIPE = """\
[[bugs]]
name = "double"
tree = "tree"
failing = ["test_double.py::test_double"]

[[bugs.changes]]
path = "double.py"
lines = [3]

[[bugs]]
name = "mended"
tree = "tree"
failing = ["test_double.py::test_other"]

[[bugs.changes]]
path = "double.py"
lines = [3]
"""


CODE = """\
def double(number):
    if number > 3:
        return number + 2
    return number * 2
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "pytest.ini").write_text("[pytest]\n")
    (tree / "double.py").write_text(
        "def double(number):\n    if number > 3:\n        return number + 2\n    return number * 2\n"
    )
    (tree / "test_double.py").write_text(
        "from double import double\n\n\n"
        "def test_double():\n    assert double(4) == 8\n\n\n"
        "def test_other():\n    assert double(2) == 4\n"
    )
    file = tmp_path / "bugs.toml"
    file.write_text(RECIPE)
    return file


@pytest.mark.slow
def test_a_bug_that_a_recipe_describes_is_measured_once(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "page.md"
    arguments = ["--faults=0", "--pairs=0", f"--recipes={recipe}", f"--cache={tmp_path}", f"--write={written}"]
    main(arguments)
    shown = capsys.readouterr().err
    assert "failed" in shown
    assert "mended: none of its tests fails; not counted" in shown
    text = written.read_text()
    assert "Bugs: 1." in text
    [ours] = [line for line in text.splitlines() if line.startswith("| ours |")]
    assert ours.startswith("| ours | 100.0 |")
    main([*arguments, "--seconds=0"])
    assert capsys.readouterr().err.count("failed ") == 0
    assert written.read_text().count(ours) == 1
