from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_parallel_agents.tools.command import CommandSpec


def test_a_known_tool_judges_its_input_instead_of_its_paths(
    tmp_path: Path, spec_of: Callable[..., CommandSpec]
) -> None:
    spec = spec_of("ruff", paths=["src"], args=["--preview"], each=["a", "b"])

    assert spec.argv("b", tmp_path)[:3] == ("ruff", "check", "--output-format=sarif")
    assert spec.argv("b", tmp_path)[-3:] == ("--preview", "--", "b")
    assert spec.argv(None, tmp_path)[-1] == "src"


def test_a_tool_that_changes_files_writes_its_paths(spec_of: Callable[..., CommandSpec]) -> None:
    fixing = spec_of("ruff", args=["--fix"], paths=["src"], each=["a", "b"])
    checking = spec_of("ruff", paths=["src"])
    other = spec_of(command=["npx", "eslint", "--fix", "."], cwd="web", writes=["cache/"])

    assert (fixing.alone, fixing.written("a"), spec_of("ruff", args=["--fix"]).written(None)) == (
        True,
        ("a/",),
        (".",),
    )
    assert (checking.alone, checking.written(None)) == (False, ())
    assert (other.alone, other.written(None)) == (True, ("cache/", "web/"))


def test_an_output_file_is_written(spec_of: Callable[..., CommandSpec]) -> None:
    spec = spec_of(command=["x"], format="sarif", output_file="{}.sarif", each=["a", "b"])

    assert spec.written("a") == ("a.sarif",)


def test_where_the_input_of_a_known_tool_goes(spec_of: Callable[..., CommandSpec], tmp_path: Path) -> None:
    each = {"each": ["packages/core"]}
    configured = spec_of("ruff", args=["--config={}/ruff.toml"], **each)
    inside = spec_of("mypy", args=["--strict"], paths=["src"], cwd="{}", **each)
    package = spec_of("mypy", args=["-p", "{}"], paths=[], each=["core"])
    below = spec_of("ruff", paths=["{}/src"], **each)

    assert configured.argv("packages/core", tmp_path)[-3:] == (
        "--config=packages/core/ruff.toml",
        "--",
        "packages/core",
    )
    assert (inside.targets("packages/core"), inside.folder("packages/core")) == (("src",), "packages/core")
    assert package.targets("core") == ()
    assert {"-p", "core"} <= set(package.argv("core", tmp_path))
    assert below.targets("packages/core") == ("packages/core/src",)
