"""A line for the diagnostics of a preview or a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Remark:
    """A line to show. A warning is for what a reviewer should stop at."""

    severity: Literal["info", "warning"]
    text: str
