"""The types of what a program says of a resource beside its definition."""

from __future__ import annotations

from typing import Literal, TypeAlias

OnDestroy: TypeAlias = Literal["unpublish", "delete", "retain"]
"""What becomes of the registry's versions when the resource goes."""
