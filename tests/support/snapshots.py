"""Texts kept in files, so that a change of wording can be reviewed as one diff: compared by tests, rewritten by `make snapshots`.

No library does it, since the same command also rewrites the texts in the middle of pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Snapshots:
    """Kept texts.

    Attributes:
        update: Whether to rewrite what differs instead of failing.
    """

    update: bool

    def check(self, file: Path, text: str, *, block: str | None = None) -> None:
        """Compare a text with the one that is kept. Raise AssertionError where they differ.

        Args:
            file: Where it is kept.
            text: What it is now.
            block: The name of the block below `<!-- shown: NAME -->` in which it stands, if the file holds more than it.
        """
        whole = file.read_text(encoding="utf-8") if file.exists() else ""
        start, end = (0, len(whole)) if block is None else _block(whole, block)
        kept = whole[start:end]
        if self.update and kept != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(whole[:start] + text + whole[end:], encoding="utf-8")
            return
        assert kept == text, f"{file.name} no longer shows what a user sees; `make snapshots` rewrites it"


def blocks_of(text: str) -> set[str]:
    """Return the names of the blocks in a text."""
    return {*re.findall(r"^<!-- shown: (\S+) -->$", text, re.MULTILINE)}


def _block(text: str, name: str) -> tuple[int, int]:
    """Return where a block begins and ends. Raise AssertionError where there is none."""
    found = re.search(rf"<!-- shown: {re.escape(name)} -->\n```text\n(.*?)\n```", text, re.DOTALL)
    assert found, f"there is no block {name!r}"
    return found.span(1)
