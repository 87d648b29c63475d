"""Open the files of a stack privately, and never through a link that somebody put in their place.

Others may be able to write to the state directory. So a file is opened without following a symbolic link, is checked once it is
open, and can be read only by its owner, since a stack's state reveals visitors and rules.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from signals_local.engine.errors import StateError, reason

# Some systems lack it, but those do not let unprivileged users create links.
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def make_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents, all of them accessible only to their owner.

    Raises:
        StateError: The folder cannot be created, or something else is in its place.
    """
    try:
        for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise StateError(f"the folder {folder} cannot be created: {reason(fault)}") from None


def keep_private(folder: Path) -> None:
    """Check that a stack's folder is a real folder, and revoke other users' access to it.

    Raises:
        StateError: It is a link, is not a folder, or belongs to somebody else.
    """
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise StateError(f"{folder} is {_kind(found)}, where a folder is expected. Move it away")
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as fault:
        raise StateError(f"the folder {folder} cannot be made private: {reason(fault)}") from None


def read(path: Path) -> bytes | None:
    """Return the contents of a file, or None if it does not exist.

    Raises:
        StateError: It cannot be read, or is not a plain file.
    """
    try:
        with os.fdopen(_open(path, os.O_RDONLY), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise StateError(f"{path} cannot be read: {reason(fault)}") from None


def create(path: Path) -> int:
    """Return the descriptor of a new, empty file. An existing plain file is replaced.

    Raises:
        StateError: A link or something else that is not a plain file is in its place.
        OSError: The file cannot be created.
    """
    forget(path)
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def forget(path: Path) -> None:
    """Delete a plain file if it exists.

    Raises:
        StateError: A link or something else that is not a plain file is in its place.
        OSError: The file cannot be deleted.
    """
    demand_plain(path)
    path.unlink(missing_ok=True)


def demand_plain(path: Path) -> None:
    """Raise StateError if the path exists and is not a plain file."""
    with contextlib.suppress(FileNotFoundError):
        _demand_plain(path, path.lstat())


def _open(path: Path, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | _NO_LINKS, 0o600)
    except OSError:
        # The error number for a link, a folder or a socket differs between systems.
        demand_plain(path)
        raise
    try:
        _demand_plain(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _demand_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise StateError(
            f"{path} is {_kind(found)}, where a plain file is expected. Nothing was changed. Move it away"
        )


def _kind(found: os.stat_result) -> str:
    kinds = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a folder", stat.S_IFREG: "a file"}
    return kinds.get(stat.S_IFMT(found.st_mode), "a device, a pipe or a socket")
