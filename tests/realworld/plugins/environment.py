"""The environment that has the plugins and this project."""

from __future__ import annotations

import functools
import hashlib
import shutil
from collections.abc import Iterable

from benchmarks.environments import PYTHON_TAG, REPOSITORY, Environment
from tests.realworld.plugins.cases import all_cases
from tests.tools import CACHE, alone


@functools.cache
def environment() -> Environment:
    """Made when first asked for, with the newest versions; one for all, since each run loads only what it asks for.

    The project is installed as it is being edited. Other requirements, and other clones, have an environment of their
    own: one that is in use is never changed.
    """
    arguments = [*sorted(_requirements()), "--editable", str(REPOSITORY)]
    digest = hashlib.sha1("\n".join(arguments).encode(), usedforsecurity=False).hexdigest()[:8]
    found = Environment(CACHE / f"plugins-{PYTHON_TAG}-{digest}")
    ready = found.folder / "ready"
    with alone(CACHE / f"{found.folder.name}.lock"):
        if not ready.exists():
            shutil.rmtree(found.folder, ignore_errors=True)
            found.create()
            found.install(*arguments)
            ready.touch()
    return found


def _requirements() -> Iterable[str]:
    return {requirement for case in all_cases() for requirement in case.requirements}
