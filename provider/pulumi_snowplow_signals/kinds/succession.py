"""What becomes of the versions of a name when one of them is published: the one thing in which numbered kinds differ."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Succession(Protocol):
    """How the versions of one name follow each other."""

    def retires(self, live: Collection[int], number: int) -> set[int]:
        """Return the live versions that are withdrawn once `number` is published."""
        ...

    def leaves(self, live: Collection[int], number: int) -> set[int]:
        """Return the live versions that stay for a while once `number` is published, until nothing uses them."""
        ...

    def goes_back(self) -> bool:
        """Return whether a lower number may come back."""
        ...


class OneLive:
    """One version of a name is live: a predecessor is withdrawn at once, and a lower number may come back."""

    def retires(self, live: Collection[int], number: int) -> set[int]:
        return {*live} - {number}

    def leaves(self, live: Collection[int], number: int) -> set[int]:  # noqa: ARG002  # they are gone at once
        return set()

    def goes_back(self) -> bool:
        return True


class SideBySide:
    """Several versions of a name may be live, since others pin them: a predecessor stays until its users have moved.

    Going back goes forward. To withdraw the highest version would take down whoever reads it, even where a lower one would
    do (Snowplow's documentation of interventions, on attribute groups).
    """

    def retires(self, live: Collection[int], number: int) -> set[int]:  # noqa: ARG002  # whoever they are, they stay
        return set()

    def leaves(self, live: Collection[int], number: int) -> set[int]:
        return {other for other in live if other < number}

    def goes_back(self) -> bool:
        return False
