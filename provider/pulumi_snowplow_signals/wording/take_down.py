"""The line about an object whose resource is deleted or replaced. It has a form of `wording.lines`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pulumi_snowplow_signals.fields.remarks import Remark, Severity
from pulumi_snowplow_signals.kinds.definition import Definition
from pulumi_snowplow_signals.kinds.options import OnDestroy
from pulumi_snowplow_signals.versions.history import Registered, live_of
from pulumi_snowplow_signals.versions.plan import Prior
from pulumi_snowplow_signals.wording.lines import Lines, join_numbers


@dataclass(frozen=True)
class TakeDown:
    """What happens to an object whose resource is deleted.

    Attributes:
        lines: The lines about this object.
        prior: What the stack recorded.
        on_destroy: The recorded `on_destroy`.
        registered: The versions in the registry; None if nobody looked.
        successor: The new name of the resource, if it is replaced.
        users: Its users now, in words. If any is left when its turn comes, it stays.
    """

    lines: Lines
    prior: Prior[Definition]
    on_destroy: OnDestroy
    registered: Registered | None = None
    successor: str | None = None
    users: str = ""

    def remark(self) -> Remark:
        """Return the line."""
        prior, is_deleted = self.prior, self.on_destroy == "delete"
        recorded = prior.history.recorded
        there = {prior.version} if self.registered is None else recorded & self.registered.keys()
        live = recorded & (prior.live if self.registered is None else live_of(self.registered))
        if live and self.on_destroy == "retain":
            beside = f" beside {self.successor}" if self.successor else ""
            return self._build_remark(
                "info", live, "stays live", "stay live", f'{beside}, since on_destroy is "retain"'
            )
        if live:
            down = "DELETED" if is_deleted else "WITHDRAWN"
            why = f"{self.successor} takes its place" if self.successor else self.prior.definition.loss
            unless = f", unless something still uses it then (now {self.users})" if self.users else ""
            return self._build_remark("warning", live, f"is {down}", f"are {down}", f", {why}{unless}")
        if not there:
            return Remark("info", f"{self._build_title({prior.version})} is already gone from the registry")
        verbs = ("is deleted", "are deleted") if is_deleted else ("is left as it is", "are left as they are")
        verb = verbs[len(there) > 1]
        return Remark("info", f"{self._build_title(there)} {verb}; it was not live")

    def _build_remark(
        self, severity: Severity, numbers: Collection[int], one: str, several: str, more: str
    ) -> Remark:
        stored = (self.registered or {}).get(max(numbers))
        shown = (stored and stored.definition) or self.prior.definition
        event = f"{one if len(numbers) == 1 else several}{more}"
        # It is a warning if they are taken down.
        lines = replace(self.lines, tense="was ") if severity == "warning" else self.lines
        return Remark(severity, lines.line(self._build_title(numbers), [event], shown))

    def _build_title(self, numbers: Collection[int]) -> str:
        definition = self.prior.definition
        if len(numbers) == 1:
            return definition.name_version(definition.name, min(numbers))
        return f"{definition.name} {join_numbers(numbers)}"
