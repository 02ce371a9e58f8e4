"""Linter, type checker, scanner, tests and profiles of one project: in one run, or one tool after another."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.byte_code import finding
from benchmarks.environments import REPOSITORY
from benchmarks.page import Section, series_table
from benchmarks.rounds import Competitor, race
from benchmarks.suites.suite import Setting, cpu_ratio, pytest_command, wall_ratio

NAME = "mixed"
COPIES = 30

_OURS = "`pytest --agents`"
_SEQUENCE = "ruff, mypy, bandit, tests, profiles in sequence"
_CACHES = (".mypy_cache", ".pytest_cache", ".ruff_cache")
_SHOP = REPOSITORY / "examples" / "shop"
_TEXT = f"""\
`examples/shop` {COPIES} times over in one project, configured as there. In sequence: `ruff check`, `mypy`, `bandit -r`,
`pytest` with all but the profile checks, `pytest` with those. The tools' caches are removed before every run. The fault
planted in the shop makes most of these commands exit with 1."""


def measure(setting: Setting) -> Section:
    count = setting.scaled(COPIES)
    ours, others = setting.folder / NAME / "ours", setting.folder / NAME / "others"
    for folder in (ours, others):
        folder.mkdir(parents=True)
        write(folder, count)
    failed = rf"\b{count} failed"
    competitors = [
        _competitor(_OURS, ours, [pytest_command(setting.ours, "--agents")], prints=r"\d+ passed"),
        _competitor(_SEQUENCE, others, _sequence(setting, count), prints=failed),
    ]
    series = race(finding(setting.byte_code, competitors), rounds=setting.rounds, memory=setting.is_warm)
    name, at_most = setting.named(NAME), setting.at_most(warm=0.60, cold=0.45)
    return Section(
        name=name,
        text=_TEXT,
        tables=(series_table(series),),
        comparisons=(
            wall_ratio(name, series, _OURS, _SEQUENCE, at_most=at_most),
            cpu_ratio(name, series, _OURS, _SEQUENCE),
        ),
    )


def write(folder: Path, count: int) -> None:
    """Put copies of the shop into a folder, each with a package name and folders of its own."""
    for number in range(count):
        for source in sorted(_SHOP.rglob("*.py")):
            target = folder / _part(number) / _renamed(str(source.relative_to(_SHOP)), number)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_renamed(source.read_text("utf-8"), number), "utf-8")
    (folder / "pyproject.toml").write_text(_configuration(count), "utf-8")


def _competitor(name: str, folder: Path, commands: list[tuple[str, ...]], *, prints: str) -> Competitor:
    return Competitor(
        name=name,
        folder=folder,
        commands=commands,
        prepare=_remove_caches,
        exit_codes=frozenset({0, 1}),
        prints=prints,
    )


def _sequence(setting: Setting, count: int) -> list[tuple[str, ...]]:
    def tool(name: str, *arguments: str) -> tuple[str, ...]:
        return (str(setting.ours.scripts / name), *arguments)

    sources, tests = _folders(count, "src"), _folders(count, "tests")
    speed = [f"{folder}/test_speed.py" for folder in tests]
    return [
        tool("ruff", "check", "--quiet", *sources, *tests),
        tool("mypy", *sources),
        tool("bandit", "--quiet", "--recursive", *sources),
        pytest_command(setting.ours, *(f"--ignore={file}" for file in speed)),
        pytest_command(setting.ours, *speed),
    ]


def _remove_caches(folder: Path) -> None:
    for cache in _CACHES:
        shutil.rmtree(folder / cache, ignore_errors=True)


def _configuration(count: int) -> str:
    """The shop's, with the folders of all copies."""
    text = (_SHOP / "pyproject.toml").read_text("utf-8")
    sources, tests = _folders(count, "src"), _folders(count, "tests")
    replacements = {
        'pythonpath = ["src"]': f"pythonpath = {sources}",
        'testpaths = ["tests"]': f"testpaths = {tests}",
        '"--strict-config"]': '"--strict-config", "--import-mode=importlib"]',
        'paths = ["src", "tests"]': f"paths = {sources + tests}",
        'paths = ["src"]': f"paths = {sources}",
        '"tests/**"': '"**/tests/**"',
    }
    for old, new in replacements.items():
        if old not in text:
            raise ValueError(f"examples/shop/pyproject.toml has no {old!r} any more")
        text = text.replace(old, new)
    return text


def _folders(count: int, inside: str) -> list[str]:
    return [f"{_part(number)}/{inside}" for number in range(count)]


def _part(number: int) -> str:
    return f"part_{number:02}"


def _renamed(text: str, number: int) -> str:
    return text.replace("shop", f"shop_{number:02}")
