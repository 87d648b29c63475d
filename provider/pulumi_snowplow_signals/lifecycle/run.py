"""The memory of one provider process, which lives for one preview, deployment, refresh or destroy.

The calls of a lifecycle carry no identity of the resource they are for, and know nothing of each other. What one of them
has to know of another is kept here: which names the program still declares, and what a name's history was before a
replacement asked for it again without any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import SignalsSettings
from pulumi_snowplow_signals.errors import Refused, UserFault
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.lifecycle.registry import Registry

T = TypeVar("T")


class Run:
    """What the calls of one provider process share. Safe for the four threads on which Pulumi makes them."""

    def __init__(
        self, settings: SignalsSettings, client: SignalsClient, say: Callable[[Remark], None]
    ) -> None:
        self.settings = settings
        self.client = client
        self.registry = Registry(client)
        self._say = say
        self._lock = threading.Lock()
        self._said: set[Remark] = set()
        self._declared: set[str] = set()
        self._created: set[tuple[str, str]] = set()
        self._recorded: dict[tuple[type, str], object] = {}

    def say(self, *remarks: Remark) -> None:
        """Put remarks into the diagnostics, each once a run: a replacement checks its resource twice."""
        for remark in remarks:
            with self._lock:
                fresh = remark not in self._said
                self._said.add(remark)
            if fresh:
                self._say(remark)

    def declare(self, name: str) -> None:
        """Note that the program declares an intervention of this name.

        Its delete is then left alone: it is the old half of a replacement, or of a resource that only changed its
        logical name, or of a run that died between the two, and the live rule belongs to the new half.
        """
        with self._lock:
            self._declared.add(name)

    def is_declared(self, name: str) -> bool:
        """Tell whether the program of this run declares an intervention of this name."""
        with self._lock:
            return name in self._declared

    def remember(self, name: str, recorded: object) -> None:
        """Keep what the stack recorded of a name: one thing of each type."""
        with self._lock:
            self._recorded[type(recorded), name] = recorded

    def remembered(self, name: str, kind: type[T]) -> T | None:
        """Return what the stack recorded of a name, if this run has seen it."""
        with self._lock:
            found = self._recorded.get((kind, name))
        return found if isinstance(found, kind) else None

    def claim(self, name: str, *, kind: str = "rule") -> None:
        """Note that a resource of this kind and name is created now. Raises Refused for a second one in the same run."""
        with self._lock:
            if (kind, name) in self._created:
                raise Refused(
                    f'name: two resources of this program are named "{name}" in Signals; give one of them another name'
                )
            self._created.add((kind, name))

    def check_address(self, recorded: str, name: str) -> None:
        """Raise UserFault if what is recorded is about another registry than the one that the settings name."""
        settings = self.settings
        if recorded in (settings.registry, settings.moved_from):
            return
        raise UserFault(
            f'"{name}" is recorded in the registry {recorded}, but signals:apiUrl names {settings.registry}: another registry '
            "is another stack. Nothing was done. Select the stack that belongs to this registry, or set signals:apiUrl back; "
            f"if the same registry has moved, run `pulumi config set signals:movedFrom {recorded}`."
        )
