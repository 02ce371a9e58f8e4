"""Safe use of folders in which every user may make files, such as the one for temporary files."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path


def private_folder(root: Path) -> Path:
    """The folder of this user for what is kept of the project at this root where the project has no place for it.

    It need not exist. Its name can be guessed, and every user may make files beside it: it is to be used only where it
    `is_safe`, or another user's link would be followed.
    """
    ours = Path(tempfile.gettempdir()) / f"pytest-parallel-agents-{_user()}"
    return ours / hashlib.sha1(os.fsencode(root), usedforsecurity=False).hexdigest()[:16]


def is_safe(folder: Path) -> bool:
    """Whether this `private_folder` is there, and no other user can have put anything into it."""
    return is_private(folder.parent) and is_private(folder)


def made_safe(folder: Path) -> bool:
    """Makes this `private_folder` where it is missing. False if another user has made it before."""
    return _made_private(folder.parent) and _made_private(folder)


def is_private(folder: Path) -> bool:
    """Whether this is a folder, and no link to one, that only this user can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "getuid"):  # Windows, where the folder for temporary files is the user's own
        return True
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _made_private(folder: Path) -> bool:
    try:
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    except OSError:
        return False
    return is_private(folder)


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"
