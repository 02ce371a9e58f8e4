"""Whether a host has the same code: test files, conftests and configuration, and what git lists.

Nothing copies files to a host. A check that runs there on other code would pass or fail for another reason than here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePath
from typing import Final

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.transports.remote.host_messages import DigestOnHost, Digests

_NAMED: Final = 5
"""How many files a fault names."""


def knows_git(folder: Path) -> bool:
    """Whether the folder is in a work tree of git."""
    return any((above / ".git").exists() for above in (folder, *folder.parents))


def digests(folder: Path, asked: DigestOnHost) -> Digests:
    """The answer of the machine on which the project is in this folder."""
    found = ((path, _digest(folder / path)) for path in dict.fromkeys([*asked.files, *asked.listed]))
    return Digests({path: digest for path, digest in found if digest is not None}, has_git=knows_git(folder))


def refuse_other_code(host: str, root: Path, asked: DigestOnHost, there: Digests) -> None:
    """Raises AgentsError, with the first paths, if files there are not what they are below `root` here.

    Without git there, folders of what git lists here may be missing: the code may be installed.
    """
    here = digests(root, asked)
    listed = asked.listed if there.has_git else _expected(asked.listed, there.files)
    compared = dict.fromkeys([*asked.files, *listed])
    other = [path for path in compared if here.files.get(path) != there.files.get(path)]
    if other:
        named = ", ".join(f"{path}{_missing(path, here, there)}" for path in other[:_NAMED])
        more = f" and {len(other) - _NAMED} more" if len(other) > _NAMED else ""
        raise AgentsError(
            f"{host} has other code: {named}{more}",
            hint="bring it up to date there, for example with rsync or git pull",
        )


def _expected(listed: Iterable[str], there: Collection[str]) -> Iterator[str]:
    """What must be there because other files of its folder are. Of the root only code is always copied."""
    folders = {PurePath(path).parent for path in there}
    for path in map(PurePath, listed):
        if path.parent in folders and (path.parent.name or path.suffix == ".py" or str(path) in there):
            yield str(path)


def _missing(path: str, here: Digests, there: Digests) -> str:
    if path not in there.files:
        return " (missing there)"
    return "" if path in here.files else " (not here)"


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
