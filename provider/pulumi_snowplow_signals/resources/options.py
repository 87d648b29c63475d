"""The types of the options that every resource shares."""

from __future__ import annotations

from typing import Literal, TypeAlias

OnDestroy: TypeAlias = Literal["unpublish", "delete", "retain"]
"""What happens to the versions in the registry when the resource is destroyed."""
