"""A line for the diagnostics of a preview or a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["info", "warning"]


@dataclass(frozen=True)
class Remark:
    """A line to show. A warning is for what a reviewer should stop at.

    Attributes:
        severity: How it is shown.
        text: The line.
        urn: The resource that it is about; None for the stack.
    """

    severity: Severity
    text: str
    urn: str | None = None
