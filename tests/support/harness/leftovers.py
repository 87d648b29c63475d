"""What commands leave behind, of which some is gone the next moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def files_below(directory: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file and what is in it, but for those that a process which is about to end takes away meanwhile."""
    for folder, _, names in os.walk(directory):
        for file in (Path(folder, name) for name in names):
            with suppress(FileNotFoundError):
                if file.is_file():
                    yield file, file.read_bytes()
