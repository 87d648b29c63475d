"""Plans: the writes that make a change, in order, and the history that the stack remembers afterwards.

A plan is a value. check announces it and writes its result into the computed inputs; create and update carry it out.
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
"""The placeholder in a refusal's reason for the differences between two definitions."""


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
        """The versions that are live as far as the stack knows: the recorded one and those that a refresh found beside it."""
        return {*self.history.also_live, *([self.version] if self.published else [])}


@dataclass(frozen=True)
class Proposal(Generic[D_co]):
    """What the program asks for.

    If `version` is None, the planner chooses the number. If `explicit` is true, the stack's settings forbid that.
    """

    definition: D_co
    version: int | None
    published: bool
    adopt: bool = False
    explicit: bool = False


class Move(Enum):
    """What a plan does, in the terms of a preview."""

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
    """Ensure that a version holds the definition, published or not.

    `over` is what the plan assumes to be there now; None for nothing. If the registry holds something else, the plan is void.
    """

    version: int
    published: bool
    over: Stored | None


@dataclass(frozen=True)
class Withdraw:
    """Ensure that a version is not live."""

    version: int


@dataclass(frozen=True)
class Discard:
    """Delete a draft that the stack recorded, unless it has changed."""

    version: int


Write: TypeAlias = Store | Withdraw | Discard


@dataclass(frozen=True)
class Plan:
    """How a proposal is carried out.

    Attributes:
        version: The number that the definition gets.
        move: What happens.
        history: What the stack remembers afterwards.
        writes: The writes, in order: a version goes live before any other is withdrawn.
        withdrawn: The versions that are known to be live now and will not be afterwards.
        deleted: The draft that is deleted, if any.
        newer: A newer version that was stored outside this stack, if any.
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
        reason: The sentence. Each `CHANGES` in it stands for the differences of the next pair in `compared`.
        compared: Pairs of a definition in the registry or the state (None if it cannot be read) and the proposed one.
    """

    reason: str
    compared: tuple[tuple[Definition | None, Definition], ...] = ()


Verdict: TypeAlias = Plan | Refusal


class Planner(Protocol):
    """Decides how to carry out a proposal. Pure: the same arguments give the same plan."""

    def plan(
        self,
        registry: str,
        prior: Prior[D] | None,
        proposal: Proposal[D],
        registered: Registered | None,
    ) -> Verdict:
        """Return the plan for a proposal, or a refusal.

        Args:
            registry: The normalised address of the registry.
            prior: What the stack recorded; None for a new resource.
            proposal: What the program asks for.
            registered: Every version of the name that the registry holds; None if nobody looked.
        """
        ...

    def retires(self, live: Collection[int], number: int) -> set[int]:
        """Return those of the versions in `live` that should not be live beside `number`."""
        ...
