"""Remarks: lines in the diagnostics of a preview or a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["info", "warning"]


@dataclass(frozen=True)
class Remark:
    """A line in the diagnostics. A warning is something that a reviewer should stop at.

    Attributes:
        severity: The severity with which Pulumi shows it.
        text: The line.
        urn: The URN of the resource that it is about; None for the stack.
    """

    severity: Severity
    text: str
    urn: str | None = None
