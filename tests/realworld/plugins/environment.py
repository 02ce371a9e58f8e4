"""The environment that has the plugins and this project."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterable
from typing import Final

from benchmarks.environments import PYTHON_TAG, REPOSITORY, Environment
from tests.realworld.plugins.cases import all_cases
from tests.tools import CACHE, alone

_NAME: Final = f"plugins-{PYTHON_TAG}"


@functools.cache
def environment() -> Environment:
    """Made when first asked for, with the newest versions; one for all, since each run loads only what it asks for.

    The project is installed as it is being edited.
    """
    found = Environment(CACHE / _NAME)
    installed = found.folder / "installed.txt"
    arguments = [*sorted(_requirements()), "--editable", str(REPOSITORY)]
    with alone(CACHE / f"{_NAME}.lock"):
        if not installed.exists() or installed.read_text("utf-8") != "\n".join(arguments):
            shutil.rmtree(found.folder, ignore_errors=True)
            found.create()
            found.install(*arguments)
            installed.write_text("\n".join(arguments), "utf-8")
    return found


def _requirements() -> Iterable[str]:
    return {requirement for case in all_cases() for requirement in case.requirements}
