"""What a change becomes: the writes that carry it out, in order, and what the stack remembers afterwards.

A plan is a value. check announces it and writes its outcome into the computed inputs; create and update carry it out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.versions.history import History, Registered, Stored

D = TypeVar("D", bound=Definition)
D_co = TypeVar("D_co", bound=Definition, covariant=True)

CHANGES: Final = "\x00changes\x00"
"""Stands in the reason of a refusal for what differs between two definitions."""


@dataclass(frozen=True)
class Prior(Generic[D_co]):
    """What the stack recorded."""

    definition: D_co
    version: int
    published: bool
    history: History

    @property
    def is_draft(self) -> bool:
        """Whether the recorded version was never published."""
        return self.version not in self.history.released

    @property
    def live(self) -> set[int]:
        """The versions that are live as far as the stack knows: the recorded one, and what a refresh found beside it."""
        return {*self.history.also_live, *([self.version] if self.published else [])}


@dataclass(frozen=True)
class Proposal(Generic[D_co]):
    """What the program asks for.

    `version` None asks to be numbered; `explicit` says that this stack never numbers.
    """

    definition: D_co
    version: int | None
    published: bool
    adopt: bool = False
    explicit: bool = False


class Move(Enum):
    """What a plan does, as a reader of the preview would call it."""

    KEEP = "keep"
    CREATE = "create"
    TAKE_OVER = "take over"
    ADOPT = "adopt"
    REVIVE = "revive"
    EDIT = "edit"
    EDIT_DRAFT = "edit draft"
    STORE_AGAIN = "store again"
    NEW_VERSION = "new version"
    DRAFT_BESIDE = "draft beside"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    REPUBLISH = "republish"
    WITHDRAW_OTHERS = "withdraw others"


@dataclass(frozen=True)
class Store:
    """See to it that a version holds the definition, published or not.

    `over` is what the plan takes to be there now; None for nothing. Where something else is found, the plan is void.
    """

    version: int
    published: bool
    over: Stored | None


@dataclass(frozen=True)
class Withdraw:
    """See to it that a version is not live."""

    version: int


@dataclass(frozen=True)
class Discard:
    """Delete a draft that the stack recorded, unless it is another by now."""

    version: int


Write: TypeAlias = Store | Withdraw | Discard


@dataclass(frozen=True)
class Plan:
    """What becomes of a proposal.

    Attributes:
        version: The number that the definition has then.
        move: What happens.
        history: What the stack remembers once it is done.
        writes: What is to be written, in order: a version goes live before any other is withdrawn.
        withdrawn: The versions known to be live now that will not be afterwards.
        deleted: A draft that goes.
        newer: A version that somebody else put into the registry.
    """

    version: int
    move: Move
    history: History
    writes: tuple[Write, ...] = ()
    withdrawn: tuple[int, ...] = ()
    deleted: int | None = None
    newer: int | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a proposal cannot be carried out, and what to write instead.

    Attributes:
        reason: The sentence. Each `CHANGES` in it stands for what leads from one of a pair in `compared` to the other.
        compared: Pairs of a definition in the registry or the state, None if it cannot be read, and the proposed one.
    """

    reason: str
    compared: tuple[tuple[Definition | None, Definition], ...] = ()


Verdict: TypeAlias = Plan | Refusal


class Planner(Protocol):
    """Decides what becomes of a proposal. Pure: the same arguments, the same plan."""

    def plan(
        self,
        registry: str,
        prior: Prior[D] | None,
        proposal: Proposal[D],
        registered: Registered | None,
    ) -> Verdict:
        """Return the plan for a proposal, or why there is none.

        Args:
            registry: The normalised address of the registry.
            prior: What the stack recorded, None for a new resource.
            proposal: What the program asks for.
            registered: Every version of the name that the registry holds, None where nobody looked.
        """
        ...

    def retires(self, live: Collection[int], number: int) -> set[int]:
        """Return the live versions that should not be, where `number` is live."""
        ...
