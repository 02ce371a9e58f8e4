"""`pytest-parallel-agents init --write`, then `pytest --agents`: what it writes is what the plugin reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.cli.init import command
from pytest_parallel_agents.cli.main import main
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from tests.functional.runs import run_agents
from tests.tools import UNAVAILABLE, reach
from tests.unit.tools.adapters.cases import CASES
from tests.vulnerabilities import served

CODE = '"""Shop."""\n\n\ndef total() -> int:\n    """Sum."""\n    return 1\n'
USE = '"""Cart."""\n\nfrom space.shop import total\n\nTOTAL: int = total()\n'
TEST = '"""Tests."""\n\n\ndef test_total() -> None:\n    """It adds up."""\n'
TOOLS = ("bandit", "mypy", "ruff")


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def script(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed console script in a folder."""
    program = Path(sys.executable).with_name("pytest-parallel-agents")
    return subprocess.run([program, *arguments], cwd=root, capture_output=True, text=True, check=False)


IN_USE = {"dev-requirements.txt": "bandit\nmypy\nruff\n"}
LAYOUTS: dict[str, dict[str, str]] = {
    "src": {"src/shop/__init__.py": CODE, "tests/test_shop.py": TEST, "pyproject.toml": "[tool.ruff]\n"},
    "flat": {"shop/__init__.py": CODE, "tests/test_shop.py": TEST, "setup.cfg": "[tool:pytest]\ntestpaths = tests\n"},
    "module": {"shop.py": CODE, "test_shop.py": TEST},
    "beside": {"shop/__init__.py": CODE, "shop/test_shop.py": TEST, "pytest.ini": "[pytest]\n"},
    "namespace": {
        "space/shop/__init__.py": CODE,
        "space/shop/cart.py": USE,
        "test/test_shop.py": TEST,
        "tox.ini": "[pytest]\n",
    },
    "own file": {"shop.py": CODE, "tests/test_shop.py": TEST, "pytest.toml": "[pytest]\ntestpaths = ['tests']"},
    "no tests": {"shop/__init__.py": CODE},
    "own paths": {
        "lib/shop/__init__.py": CODE,
        "tests/test_shop.py": TEST,
        "pyproject.toml": '[tool.mypy]\nfiles = ["lib"]\n[tool.bandit]\nskips = ["B101"]\n',
    },
}
QUICK = "src"
EVERY_TOOL = {
    "src/shop/__init__.py": CODE,
    "tests/test_shop.py": TEST,
    ".semgrep.yml": f"---\n{CASES['semgrep'].always['rules.yml']}",
    "eslint.config.mjs": CASES["eslint"].always["eslint.config.mjs"],
    "shop.js": CASES["eslint"].clean,
    "shop.sh": CASES["shellcheck"].clean,
    "Dockerfile": "FROM debian:12\nHEALTHCHECK NONE\nUSER 1000\n",
    ".github/workflows/ci.yml": f"---\n{CASES['zizmor'].clean}",
    ".yamllint": "---\nextends: relaxed\n",
    ".pre-commit-config.yaml": """---
repos:
  - repo: local
    hooks:
      - id: style
        name: style
        entry: ruff format
        language: system
""",
    "pyproject.toml": '[tool.basedpyright]\n[tool.pylint]\n[tool.vulture]\nignore_names = ["total"]\npaths = ["src"]\n'
    '[dependency-groups]\ncheck = ["pip-audit"]\n',
    "requirements.txt": "".join(f"{tool}\n" for tool in ADAPTERS if tool not in {*UNAVAILABLE, "eslint"}),
}


@pytest.mark.parametrize(
    "layout", [name if name == QUICK else pytest.param(name, marks=pytest.mark.slow) for name in LAYOUTS]
)
def test_what_is_written_runs(layout: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ADAPTERS", {name: ADAPTERS[name] for name in TOOLS})
    write(pytester.path, LAYOUTS[layout] | IN_USE)
    assert main(["init", "--write", str(pytester.path)]) == 0

    run = run_agents(pytester)

    tests = () if layout == "no tests" else ("test_total",)
    assert run.outcomes == dict.fromkeys((*TOOLS, *tests), "passed")
    assert run.exit_code == 0


@pytest.mark.slow
def test_what_is_written_for_every_known_tool_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    had = tuple(tool for tool in ADAPTERS if tool not in UNAVAILABLE)
    reach(monkeypatch, *had)
    write(pytester.path, EVERY_TOOL)
    assert main(["init", "--write", str(pytester.path)]) == 0

    with served(monkeypatch):
        run = run_agents(pytester)

    assert run.outcomes == dict.fromkeys((*had, "test_total"), "passed")


def test_a_second_table_is_refused(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    write(pytester.path, {"pyproject.toml": "[tool.pytest-parallel-agents]\n"})

    assert main(["init", "--write", str(pytester.path)]) == 4

    told = capsys.readouterr()
    assert told.out == ""
    assert "pyproject.toml has [tool.pytest-parallel-agents] already" in told.err


def test_printing_changes_nothing(pytester: pytest.Pytester) -> None:
    write(pytester.path, LAYOUTS["module"] | IN_USE)
    before = sorted(pytester.path.iterdir())

    printed = script(pytester.path, "init")

    assert (printed.returncode, sorted(pytester.path.iterdir())) == (0, before)
    assert "[tool.pytest-parallel-agents.agents.mypy]\n" in printed.stdout
    assert printed.stderr.splitlines() == [
        "",
        f"next: pytest-parallel-agents init --write, which adds this to {pytester.path / 'pyproject.toml'}",
        "then: pytest --agents",
    ]


def test_a_tool_that_is_used_but_not_installed_is_optional(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = replace(ADAPTERS["ruff"], name="absent", install="pip install absent", argv=lambda *_: ["no-such-program"])
    other = replace(absent, name="other")
    monkeypatch.setattr(command, "ADAPTERS", {"absent": absent, "other": other})
    write(pytester.path, {"shop.py": CODE, "pyproject.toml": "[tool.absent]\n"})
    assert main(["init", "--write", str(pytester.path)]) == 0
    pytester.makeconftest(
        """
        from msgspec.structs import replace
        from pytest_parallel_agents.api import ADAPTERS
        def pytest_agents_adapters(config):
            return [replace(ADAPTERS["ruff"], name="absent", argv=lambda *_: ["no-such-program"])]
        """
    )

    assert run_agents(pytester).outcomes == {"absent": "skipped"}
    text = (pytester.path / "pyproject.toml").read_text("utf-8")
    assert "# configured by [tool.absent]; skipped until it is installed: pip install absent\n" in text


def test_no_known_tool(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "ADAPTERS", {})
    write(pytester.path, {"test_shop.py": TEST})
    assert main(["init", "--write", str(pytester.path)]) == 0

    assert run_agents(pytester).outcomes == {"test_total": "passed"}


def test_tools_without_settings_are_a_list(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ADAPTERS", {name: ADAPTERS[name] for name in ("mypy", "ruff")})
    write(pytester.path, {"pyproject.toml": "[tool.ruff]\n[tool.mypy]\n"})

    assert main(["init", str(pytester.path)]) == 0

    told = "mypy is left out: no Python source was found for it to judge."
    listed = 'agents = [\n    "ruff", # configured by [tool.ruff]\n]\n'
    assert capsys.readouterr().out == f"[tool.pytest-parallel-agents]\n# {told}\n{listed}"


ODD = """

alog = 1
import os, subprocess


def odd():
    subprocess.run(input(), shell=True)
"""
HOOKED = {
    "shop/__init__.py": f"{CODE}{ODD}",
    "docs/index.md": "teh\n",
    "tests/test_shop.py": TEST,
    ".pre-commit-config.yaml": """
repos:
- repo: https://github.com/codespell-project/codespell
  hooks: [{id: codespell, args: [-L, alog], exclude: ^docs/}]
- repo: https://github.com/pre-commit/mirrors-mypy
  hooks: [{id: mypy, files: ^shop/, args: [--strict]}]
- repo: https://github.com/astral-sh/ruff-pre-commit
  hooks: [{id: ruff-check, args: [--fix, --select, "E4"]}]
- repo: https://github.com/PyCQA/bandit
  hooks: [{id: bandit, args: [-lll]}]
- repo: https://github.com/PyCQA/pydocstyle
  hooks: [{id: pydocstyle, args: [--convention=google]}]
""",
}


@pytest.mark.slow
def test_checks_judge_as_the_hooks_do(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    write(pytester.path, HOOKED)
    before = {path: path.read_bytes() for path in pytester.path.rglob("*.py")}
    assert main(["init", "--write", str(pytester.path)]) == 0
    assert "#   pydocstyle --convention=google\n" in capsys.readouterr().out

    run = run_agents(pytester)

    found = {
        name: sorted(f["rule"] for f in run.check(name)["findings"]) for name in ("bandit", "codespell", "mypy", "ruff")
    }
    assert found == {"bandit": ["B602"], "codespell": [], "mypy": ["no-untyped-def"], "ruff": ["E401", "E402"]}
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_each_project_is_judged_by_its_own_settings(pytester: pytest.Pytester) -> None:
    untyped = "def half(number):\n    return number / 2\n"
    write(
        pytester.path,
        {
            "pyproject.toml": "[tool.uv.workspace]\nmembers = ['packages/*']\n",
            "packages/a/pyproject.toml": "[tool.mypy]\nstrict = true\n",
            "packages/a/src/a/__init__.py": untyped,
            "packages/b/pyproject.toml": "[tool.mypy]\n",
            "packages/b/src/b/__init__.py": untyped,
        },
    )
    assert main(["init", "--write", str(pytester.path)]) == 0

    run = run_agents(pytester)

    assert run.outcomes == {"mypy[packages/a]": "failed", "mypy[packages/b]": "passed"}
    (found,) = run.check("mypy[packages/a]")["findings"]
    assert (found["path"], found["rule"]) == ("packages/a/src/a/__init__.py", "no-untyped-def")
