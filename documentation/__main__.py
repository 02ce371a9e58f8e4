"""The command: see the package."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from documentation.blocks import renewed

ROOT = Path(__file__).parents[1]


def main(argv: list[str] | None = None) -> int:
    """Returns an exit code: that of Sphinx, for which a warning is an error."""
    parser = argparse.ArgumentParser(prog="python -m documentation", description=__doc__)
    parser.add_argument("--write", action="store_true", help="renew what is made from the code, and build nothing")
    parser.add_argument("output", nargs="?", default=ROOT / "site", type=Path, help="folder of the site")
    options = parser.parse_args(argv)
    if options.write:
        for path, text in renewed(ROOT / "docs").items():
            path.write_text(text, "utf-8")
        return 0
    from sphinx.cmd.build import main as build

    here, pages, output = str(Path(__file__).parent), str(ROOT / "docs"), str(options.output)
    code: int = build(["-W", "--keep-going", "-q", "-c", here, pages, output])
    if code == 0:
        shutil.copy(options.output / "README.html", options.output / "index.html")
    return code


if __name__ == "__main__":
    sys.exit(main())
