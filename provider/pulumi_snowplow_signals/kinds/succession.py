"""What happens to the other versions of a name when one is published: the only difference between kinds with versions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Succession(Protocol):
    """How the versions of a name follow each other."""

    def retires(self, live: Collection[int], number: int) -> set[int]:
        """Return the live versions to withdraw once `number` is published."""
        ...

    def leaves(self, live: Collection[int], number: int) -> set[int]:
        """Return the live versions that stay after `number` is published, until nothing uses them."""
        ...

    def goes_back(self) -> bool:
        """Return whether a lower version may be published again."""
        ...


class OneLive:
    """One version of a name is live: its predecessor is withdrawn at once, and a lower version may be published again."""

    def retires(self, live: Collection[int], number: int) -> set[int]:
        return {*live} - {number}

    def leaves(self, live: Collection[int], number: int) -> set[int]:  # noqa: ARG002  # they are withdrawn at once
        return set()

    def goes_back(self) -> bool:
        return True


class SideBySide:
    """Several versions of a name may be live, since others pin them: a predecessor stays until its users have moved.

    An earlier definition comes back as a new version. Withdrawing the highest version would break everything that reads it, even
    if a lower version would do (Snowplow's documentation of interventions, on attribute groups).
    """

    def retires(self, live: Collection[int], number: int) -> set[int]:  # noqa: ARG002  # all of them stay
        return set()

    def leaves(self, live: Collection[int], number: int) -> set[int]:
        return {other for other in live if other < number}

    def goes_back(self) -> bool:
        return False
