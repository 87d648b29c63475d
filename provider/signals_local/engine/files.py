"""How a stack's files are opened: for their owner alone, and never through a link that somebody put in their place.

A state directory may be one that others can write to. So a file is opened without following a symbolic link, is looked at
once it is open, and is nobody else's to read: what a stack holds tells of visitors and rules.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from signals_local.engine.errors import StateError, reason

# Not everywhere, and harmless where it is missing: those systems make no links without privileges.
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def make_private_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, all of them for their owner alone.

    Raises:
        StateError: if it cannot be made, or something else is in its place.
    """
    try:
        for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise StateError(f"the folder {folder} cannot be created: {reason(fault)}") from None


def keep_private(folder: Path) -> None:
    """Make sure that a stack's own folder is a real one, and take away what others may do there.

    Raises:
        StateError: if it is a link, no folder at all, or somebody else's.
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
    """Return what is in a file; None if there is none.

    Raises:
        StateError: if it cannot be read, or is no plain file.
    """
    try:
        with os.fdopen(_open(path, os.O_RDONLY), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise StateError(f"{path} cannot be read: {reason(fault)}") from None


def create(path: Path) -> int:
    """Return the descriptor of a new, empty file; an earlier plain file in its place is taken away.

    Raises:
        StateError: if a link or something else that is no plain file is there.
        OSError: if it cannot be made.
    """
    forget(path)
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def forget(path: Path) -> None:
    """Take a plain file away, if it is there.

    Raises:
        StateError: if a link or something else that is no plain file is there.
        OSError: if it cannot be taken away.
    """
    demand_plain(path)
    path.unlink(missing_ok=True)


def demand_plain(path: Path) -> None:
    """Raise StateError if something is there that is no plain file."""
    with contextlib.suppress(FileNotFoundError):
        _demand_plain(path, path.lstat())


def _open(path: Path, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | _NO_LINKS, 0o600)
    except OSError:
        # Which number a link, a folder or a socket is refused with differs from system to system.
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
