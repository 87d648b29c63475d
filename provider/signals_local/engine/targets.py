"""The `--target` option: which resources a run may touch."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from signals_local.engine.model import Resource


@dataclass(frozen=True)
class Targets:
    """URNs or patterns with `*`. An empty list means every resource."""

    patterns: tuple[str, ...] = ()

    def includes(self, resource: Resource) -> bool:
        """Return whether the run may touch a resource."""
        return not self.patterns or self.includes_urn(resource.urn)

    def includes_urn(self, urn: str) -> bool:
        """Return whether the run may touch the resource with this URN."""
        return not self.patterns or any(fnmatch.fnmatchcase(urn, pattern) for pattern in self.patterns)

    def unmatched(self, urns: Iterable[str]) -> list[str]:
        """Return the URNs among the targets that match no resource."""
        known = set(urns)
        return [pattern for pattern in self.patterns if "*" not in pattern and pattern not in known]
