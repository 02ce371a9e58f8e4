"""The pictures in README.md, from real runs of the example.

python -m benchmarks.picture            # print it
python -m benchmarks.picture --write    # renew it
python -m benchmarks.picture --html     # renew those of the HTML report, which needs Chromium
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from benchmarks.browser import started
from pytest_parallel_agents.reports.formats.html import render
from pytest_parallel_agents.reports.reading import read_report
from pytest_parallel_agents.reports.report import Report

ROOT: Final = Path(__file__).parents[1]
README: Final = ROOT / "README.md"
IMAGES: Final = ROOT / "docs" / "images"
_SECONDS: Final = 300
_SCREEN: Final = {"width": 1280, "height": 800}
_MARGIN: Final = 16

_PLACE: Final = re.compile(
    r"(<!-- terminal picture -->\n```text\n).*?(```\n<!-- end of terminal picture -->)", re.DOTALL
)
_SHOWN: Final = re.compile(r"^(collected .*?)^=+ FAILURES.*?(^=+ parallel agents.*)", re.DOTALL | re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description="The pictures in README.md, from real runs of the example.")
    parser.add_argument("--write", action="store_true", help="put that of the terminal into README.md")
    parser.add_argument("--html", action="store_true", help="write those of the HTML report into docs/images")
    arguments = parser.parse_args()
    if arguments.html:
        take_of_page()
        return
    picture = take()
    if not arguments.write:
        sys.stdout.write(picture)
        return
    text = README.read_text("utf-8")
    README.write_text(_PLACE.sub(lambda place: f"{place[1]}{picture}{place[2]}", text), "utf-8")


def take() -> str:
    """What a terminal of 80 columns shows of a run with two workers, without its head and the failures."""
    with known_shop() as shop:
        shown = _SHOWN.search(run(shop))
    if shown is None:
        raise SystemExit("the run of the example shows no failures: is there anything to show?")
    return f"$ pytest --agents\n{shown[1]}{shown[2]}"


def take_of_page() -> None:
    """Writes the first screen of the page, and its schedule."""
    with known_shop() as shop:
        run(shop, "--agents-report=report.json")
        photograph(read_report(shop / "report.json"), shop / "report.html")


def photograph(report: Report, path: Path) -> None:
    """The page is written to `path`, as if the run had been made in the home of somebody."""
    path.write_bytes(render(replace(report, run=replace(report.run, root="/home/me/shop"))))
    with started() as browser:
        page = browser.new_page(viewport=_SCREEN, color_scheme="light")
        page.goto(path.as_uri())
        page.screenshot(path=IMAGES / "report.png")
        schedule = page.locator("#timeline")
        schedule.scroll_into_view_if_needed()
        box = schedule.bounding_box() or {}
        clip = {"x": 0, "y": box["y"] - _MARGIN, "width": _SCREEN["width"], "height": box["height"] + 2 * _MARGIN}
        page.screenshot(path=IMAGES / "schedule.png", clip=clip)


@contextmanager
def known_shop() -> Iterator[Path]:
    """A copy of the example that has run once: of the first run it is not known how long each check takes."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop"
        shutil.copytree(ROOT / "examples" / "shop", shop, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        run(shop)
        yield shop


def run(folder: Path, *options: str) -> str:
    """The output of a run there."""
    left_out = ("PYTEST_ADDOPTS", "GITHUB_ACTIONS", "CI")
    variables = {name: value for name, value in os.environ.items() if name not in left_out} | {"COLUMNS": "80"}
    command = [sys.executable, "-m", "pytest", "--agents", "--agents-output=human", "-n2", *options]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    return done.stdout


if __name__ == "__main__":
    main()
