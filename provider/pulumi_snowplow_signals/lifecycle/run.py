"""The memory of one provider process, which lives for one preview, deployment, refresh or destroy.

The calls of a lifecycle know nothing of each other. What one of them has to know of another is kept here: which names the
program declares and by which resource, and what a name's history was before a replacement asked for it again without any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, get_args

from pulumi_snowplow_signals.api.answers import PASSING
from pulumi_snowplow_signals.api.models import D, StoredAttributeGroup, StoredAttributeKey
from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.api.settings import SignalsSettings
from pulumi_snowplow_signals.errors import ApiError, Unauthorized, Unavailable, UserFault
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.lifecycle.lists import LateLooks, Lists
from pulumi_snowplow_signals.lifecycle.program import Program
from pulumi_snowplow_signals.lifecycle.registry import Registry

if TYPE_CHECKING:
    from pulumi_snowplow_signals.api.client import SignalsClient

T = TypeVar("T")
S = TypeVar("S", bound=StoredAttributeGroup | StoredAttributeKey)

ReviewPart = Literal["versions", "references"]
"""What a review asks for: the versions of the object itself, or what it refers to."""

_NAMELESS: Final = "?"
"""Stands for the URN of a resource whose program gave none: a stack of release 0.1.0."""


class WithDeclared(Generic[S]):
    """What the registry holds of a kind, with what the program declares in its place."""

    def __init__(self, listed: Once[list[S]], declared: Callable[[], list[S]]) -> None:
        self._listed = listed
        self._declared = declared

    @property
    def is_there(self) -> bool:
        """Whether the registry has been asked."""
        return self._listed.is_there

    def __call__(self) -> list[S]:
        """Return it. Raise ApiError where the registry cannot be asked."""
        declared = {_place(each): each for each in self._declared()}
        return [*(each for each in self._listed() if _place(each) not in declared), *declared.values()]


def _place(stored: StoredAttributeGroup | StoredAttributeKey) -> tuple[str, int]:
    return stored.name, getattr(stored, "version", 1)


class Run:
    """What the calls of one provider process share. Safe for the four threads on which Pulumi makes them.

    Args:
        settings: What the stack's configuration and the environment say.
        connect: Makes the client, when the first request is due.
        say: Puts a remark into the diagnostics.
    """

    def __init__(
        self, settings: SignalsSettings, connect: Callable[[], SignalsClient], say: Callable[[Remark], None]
    ) -> None:
        self.settings = settings
        self._connected = Once(connect)
        self.look_afresh = LateLooks(lambda: Lists(self._connected, self._known))
        """The registry's lists as they are now, for what must not be done on what was so when the run began."""
        self.lists = self.look_afresh.anew()
        self.program = Program()
        self.attribute_groups = WithDeclared(self.lists.groups, self.program.groups)
        """Every version of every attribute group: those of the registry, and those that the program declares."""
        self.attribute_keys = WithDeclared(self.lists.keys, self.program.keys)
        """Every attribute key, likewise."""
        self._say = say
        self._lock = threading.Lock()
        self._registries: dict[type, Registry[Any]] = {}
        self._said: set[Remark] = set()
        self._owners: dict[tuple[str, str], str] = {}
        self._recorded: dict[tuple[str, str], object] = {}
        self._successors: dict[tuple[str, str], str] = {}
        self._explained: set[object] = set()
        self._unreviewed: dict[ReviewPart, ApiError] = {}

    @property
    def client(self) -> SignalsClient:
        """The client that all of them use."""
        return self._connected()

    def registry(self, kind: type[D]) -> Registry[D]:
        """Return the objects of a kind as this run sees them."""
        client = self.client
        with self._lock:
            return self._registries.setdefault(kind, Registry(client, kind, self.lists, self.look_afresh))

    def has_key(self, name: str) -> bool:
        """Return whether the registry has an attribute key that its list does not show, for want of a list. Raise ApiError."""
        is_listed = AttributeKey.path not in self.lists.not_served
        return not is_listed and bool(self.registry(AttributeKey).look(name))

    def say(self, *remarks: Remark) -> None:
        """Put remarks into the diagnostics, each once a run: a replacement checks its resource twice."""
        for remark in remarks:
            with self._lock:
                fresh = remark not in self._said
                self._said.add(remark)
            if fresh:
                self._say(remark)

    def explain(self, failure: ApiError, words: str) -> str:
        """Return what is said of a failure, which many resources may meet alike: all of it once a run, later in brief."""
        if not isinstance(failure, (Unauthorized, Unavailable)):
            return words
        met = (type(failure), failure.status, failure.words, failure.words in words)
        with self._lock:
            fresh = met not in self._explained
            self._explained.add(met)
        return words if fresh else failure.brief

    def check_review(self, part: ReviewPart) -> None:
        """Raise the failure on which a part of this run's reviews has ended, if it has."""
        with self._lock:
            failure = self._unreviewed.get(part)
        if failure is not None:
            raise replace(failure)

    def end_review(self, part: ReviewPart, failure: ApiError) -> ApiError | None:
        """End a part of all reviews if its failure is not about one object; return the failure on which it has ended.

        The request for a collection, whose path ends with a slash, is the same for every resource.
        """
        is_down = isinstance(failure, Unavailable) and failure.status in {None, *PASSING}
        is_of_all = failure.path.endswith("/") and failure.status is not None
        with self._lock:
            if is_down or is_of_all:
                ended = get_args(ReviewPart) if is_down else (part,)
                self._unreviewed = {**dict.fromkeys(ended, failure), **self._unreviewed}
            return self._unreviewed.get(part)

    def claim(self, label: str, name: str, urn: str | None) -> str | None:
        """Note that a resource declares a name; return the URN of another that does, if there is one.

        The first one has it. A resource may claim a name again: a replacement is checked twice.
        """
        with self._lock:
            owner = self._owners.setdefault((label, name), urn or _NAMELESS)
        return None if owner == urn or _NAMELESS in (owner, urn or _NAMELESS) else owner

    def is_declared(self, label: str, name: str) -> bool:
        """Return whether the program of this run declares a name.

        Its delete is then left alone: it is the old half of a replacement, or of a resource that only changed its logical
        name, or of a run that died between the two, and what is live belongs to the new half.
        """
        with self._lock:
            return (label, name) in self._owners

    def remember(self, label: str, name: str, recorded: object) -> None:
        """Keep what the stack recorded of a name."""
        with self._lock:
            self._recorded[label, name] = recorded

    def _known(self, label: str) -> list[str]:
        """Return the names of a kind that the program declares or the stack has recorded, as far as this run has seen them."""
        with self._lock:
            found = [*self._owners, *self._recorded]
        return sorted({name for kind, name in found if kind == label})

    def recall(self, label: str, name: str, kind: type[T]) -> T | None:
        """Return what the stack recorded of a name, if this run has seen it."""
        with self._lock:
            found = self._recorded.get((label, name))
        return found if isinstance(found, kind) else None

    def replace(self, label: str, name: str, successor: str) -> None:
        """Note that the resource of a name is replaced by one of another name."""
        with self._lock:
            self._successors[label, name] = successor

    def successor(self, label: str, name: str) -> str | None:
        """Return the name by which a resource of this run replaces another."""
        with self._lock:
            return self._successors.get((label, name))

    def check_address(self, recorded: str, name: str) -> None:
        """Raise UserFault if what is recorded is about another registry than the one that the settings name."""
        settings = self.settings
        if recorded in (settings.registry, settings.moved_from):
            return
        raise UserFault(
            f'"{name}" belongs to the registry {recorded}, but signals:apiUrl is {settings.registry}: each registry '
            "needs a stack of its own. Nothing was done. Select the stack that belongs to this registry, or set signals:apiUrl back; "
            f"if the same registry has moved, run `pulumi config set signals:movedFrom {recorded}`."
        )
