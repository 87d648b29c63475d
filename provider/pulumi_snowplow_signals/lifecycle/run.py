"""The memory of a provider process, which lives for one preview, deployment, refresh or destroy.

Lifecycle calls know nothing of each other. What they have to share is kept here: which resource declares which name, and
what the stack recorded of a name, since Pulumi checks and creates a replacement without its state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, get_args

from pulumi_snowplow_signals.api.models import D, StoredAttributeGroup, StoredAttributeKey
from pulumi_snowplow_signals.api.once import Once
from pulumi_snowplow_signals.api.responses import PASSING
from pulumi_snowplow_signals.api.settings import SignalsSettings
from pulumi_snowplow_signals.errors import ApiError, Unauthorized, Unavailable, UserFault
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.lifecycle.lists import LateLooks, Lists
from pulumi_snowplow_signals.lifecycle.program import Program
from pulumi_snowplow_signals.lifecycle.registry import Registry
from pulumi_snowplow_signals.versions.history import Stored

if TYPE_CHECKING:
    from pulumi_snowplow_signals.api.client import SignalsClient

T = TypeVar("T")
S = TypeVar("S", bound=StoredAttributeGroup | StoredAttributeKey)

ReviewPart = Literal["versions", "references"]
"""The parts of a review: the versions of the object itself, and its references."""

_NAMELESS: Final = "?"
"""Stands for the URN of a resource without one, from a stack of release 0.1.0."""


class WithDeclared(Generic[S]):
    """The registry's objects of a kind, with those that the program declares in their place."""

    def __init__(self, listed: Once[list[S]], declared: Callable[[], list[S]]) -> None:
        self._listed = listed
        self._declared = declared

    @property
    def is_there(self) -> bool:
        """Whether the registry's list has been fetched."""
        return self._listed.is_there

    def __call__(self) -> list[S]:
        """Return the objects. Raise ApiError if the registry cannot be read."""
        declared = {_get_place(each): each for each in self._declared()}
        return [*(each for each in self._listed() if _get_place(each) not in declared), *declared.values()]


def _get_place(stored: StoredAttributeGroup | StoredAttributeKey) -> tuple[str, int]:
    return stored.name, getattr(stored, "version", 1)


class Run:
    """What the calls of a provider process share. Safe for the four threads on which Pulumi makes them.

    Args:
        settings: The settings of the stack.
        connect: Creates the client when the first request is due.
        say: Shows a remark in the diagnostics.
    """

    def __init__(
        self, settings: SignalsSettings, connect: Callable[[], SignalsClient], say: Callable[[Remark], None]
    ) -> None:
        self.settings = settings
        self._connected = Once(connect)
        self.late_lists = LateLooks(lambda: Lists(self._connected, self._known))
        """The registry's lists as they are now, for steps that must not rely on those from the start of the run."""
        self.lists = self.late_lists.renew()
        self.program = Program()
        self.attribute_groups = WithDeclared(self.lists.groups, self.program.groups)
        """Every version of every attribute group, of the registry and of the program."""
        self.attribute_keys = WithDeclared(self.lists.keys, self.program.keys)
        """Every attribute key, of the registry and of the program."""
        self._say = say
        self._lock = threading.Lock()
        self._registries: dict[type, Registry[Any]] = {}
        self._said: set[Remark] = set()
        self._owners: dict[tuple[str, str], str] = {}
        self._recorded: dict[tuple[str, str], object] = {}
        self._expected: dict[type, list[str]] = {}
        self._successors: dict[tuple[str, str], str] = {}
        self._explained: set[object] = set()
        self._unreviewed: dict[ReviewPart, ApiError] = {}

    @property
    def client(self) -> SignalsClient:
        """The client that all calls share."""
        return self._connected()

    def registry(self, kind: type[D]) -> Registry[D]:
        """Return the objects of a kind as this run sees them."""
        client = self.client
        with self._lock:
            return self._registries.setdefault(
                kind,
                Registry(client, kind, self.lists, self.late_lists, lambda: self._take_expected(kind)),
            )

    def unlisted_key(self, name: str) -> Stored | None:
        """Return an attribute key of the registry, if it serves no list of them. Raise ApiError."""
        is_listed = AttributeKey.path not in self.lists.not_served
        return None if is_listed else next(iter(self.registry(AttributeKey).look(name).values()), None)

    def say(self, *remarks: Remark) -> None:
        """Show remarks in the diagnostics, each once per run, since Pulumi checks a replacement twice."""
        for remark in remarks:
            with self._lock:
                fresh = remark not in self._said
                self._said.add(remark)
            if fresh:
                self._say(remark)

    def explain(self, failure: ApiError, words: str, next_step: str = "") -> str:
        """Return the text of a failure that many resources may meet: in full the first time, then in brief.

        Args:
            failure: The failure.
            words: Its text.
            next_step: What to do about it, which a brief text leaves out.
        """
        in_full = f"{words}\n{next_step}" if next_step else words
        if not isinstance(failure, (Unauthorized, Unavailable)):
            return in_full
        met = (type(failure), failure.status, failure.words, failure.words in words)
        with self._lock:
            fresh = met not in self._explained
            self._explained.add(met)
        return in_full if fresh else failure.brief

    def check_review(self, part: ReviewPart) -> None:
        """Raise the failure that has ended a part of this run's reviews, if there is one."""
        with self._lock:
            failure = self._unreviewed.get(part)
        if failure is not None:
            raise replace(failure)

    def end_review(self, part: ReviewPart, failure: ApiError) -> ApiError | None:
        """End a part of all reviews if the failure is not about one object. Return the failure that ended it, if any.

        The request for a list, whose path ends with a slash, is the same for every resource.
        """
        is_down = isinstance(failure, Unavailable) and failure.status in {None, *PASSING}
        is_of_all = failure.path.endswith("/") and failure.status is not None
        with self._lock:
            if is_down or is_of_all:
                ended = get_args(ReviewPart) if is_down else (part,)
                self._unreviewed = {**dict.fromkeys(ended, failure), **self._unreviewed}
            return self._unreviewed.get(part)

    def claim(self, label: str, name: str, urn: str | None) -> str | None:
        """Claim a name for a resource. Return the URN of the resource that claimed it first, if it is another one.

        A resource may claim its name again, since Pulumi checks a replacement twice.
        """
        with self._lock:
            owner = self._owners.setdefault((label, name), urn or _NAMELESS)
        return None if owner == urn or _NAMELESS in (owner, urn or _NAMELESS) else owner

    def is_declared(self, label: str, name: str) -> bool:
        """Return whether the program of this run declares a name.

        Its delete then does nothing: it is for the old half of a replacement, of a resource with a new logical name, or of a
        run that died in between. What is live belongs to the new half.
        """
        with self._lock:
            return (label, name) in self._owners

    def expect(self, kind: type[D], names: Collection[str]) -> None:
        """Note names that checks will claim later, so that the registry can be asked for all of them at once."""
        with self._lock:
            self._expected.setdefault(kind, []).extend(names)

    def _take_expected(self, kind: type[D]) -> list[str]:
        """Return, once, the names of a kind that no check has claimed yet."""
        with self._lock:
            names = self._expected.pop(kind, [])
            return [name for name in names if (kind.label, name) not in self._owners]

    def remember(self, label: str, name: str, recorded: object) -> None:
        """Remember what the stack recorded of a name."""
        with self._lock:
            self._recorded[label, name] = recorded

    def _known(self, label: str) -> list[str]:
        """Return the names of a kind that this run has seen in the program or in the stack's state."""
        with self._lock:
            found = [*self._owners, *self._recorded]
        return sorted({name for kind, name in found if kind == label})

    def recall(self, label: str, name: str, kind: type[T]) -> T | None:
        """Return what the stack recorded of a name, if this run has seen it."""
        with self._lock:
            found = self._recorded.get((label, name))
        return found if isinstance(found, kind) else None

    def replace(self, label: str, name: str, successor: str) -> None:
        """Note that the resource of a name is replaced by one with another name."""
        with self._lock:
            self._successors[label, name] = successor

    def successor(self, label: str, name: str) -> str | None:
        """Return the new name of a resource that this run replaces; None if it does not replace it."""
        with self._lock:
            return self._successors.get((label, name))

    def check_address(self, recorded: str, name: str) -> None:
        """Raise UserFault if the recorded registry is not the one of the settings."""
        settings = self.settings
        if recorded in (settings.registry, settings.moved_from):
            return
        raise UserFault(
            f'"{name}" belongs to the registry {recorded}, but signals:apiUrl is {settings.registry}: each registry '
            "needs a stack of its own. Nothing was done. Select the stack that belongs to this registry, or set signals:apiUrl back; "
            f"if the same registry has moved, run `pulumi config set signals:movedFrom {recorded}`."
        )
