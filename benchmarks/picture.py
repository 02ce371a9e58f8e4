"""The terminal picture in README.md, from a real run of the example.

python -m benchmarks.picture            # print it
python -m benchmarks.picture --write    # renew it
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
README: Final = ROOT / "README.md"
_SECONDS: Final = 300

_PLACE: Final = re.compile(
    r"(<!-- terminal picture -->\n```text\n).*?(```\n<!-- end of terminal picture -->)", re.DOTALL
)
_SHOWN: Final = re.compile(r"^(collected .*?)^=+ FAILURES.*?(^=+ parallel agents.*)", re.DOTALL | re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description="The terminal picture in README.md, from a real run of the example.")
    parser.add_argument("--write", action="store_true", help="put it into README.md")
    arguments = parser.parse_args()
    picture = take()
    if not arguments.write:
        sys.stdout.write(picture)
        return
    text = README.read_text("utf-8")
    README.write_text(_PLACE.sub(lambda place: f"{place[1]}{picture}{place[2]}", text), "utf-8")


def take() -> str:
    """What a terminal of 80 columns shows of a run with two workers, without its head and the failures."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop"
        shutil.copytree(ROOT / "examples" / "shop", shop, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        run(shop)  # of the first one it is not known how long each check takes
        shown = _SHOWN.search(run(shop))
    if shown is None:
        raise SystemExit("the run of the example shows no failures: is there anything to show?")
    return f"$ pytest --agents\n{shown[1]}{shown[2]}"


def run(folder: Path) -> str:
    """The output of a run there."""
    left_out = ("PYTEST_ADDOPTS", "GITHUB_ACTIONS", "CI")
    variables = {name: value for name, value in os.environ.items() if name not in left_out} | {"COLUMNS": "80"}
    command = [sys.executable, "-m", "pytest", "--agents", "--agents-output=human", "-n2"]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    return done.stdout


if __name__ == "__main__":
    main()
