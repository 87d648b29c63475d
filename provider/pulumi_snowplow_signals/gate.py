"""The gate between a program and its deployment, which reports the faults of all resources of the program at once.

Pulumi sends nothing before a synchronous program has returned. So constructors only note their faults, and every resource
has an input that waits for the gate. The gate opens when the program has returned without a fault. Otherwise it raises one
`pulumi.RunError` with all faults, and no resource is checked or created, not even one of another provider (seen on Pulumi
3.260 with SDK 3.272). If a constructor raised an error instead, the resources declared before it would be created.

A program that declares resources within `pulumi.run` or an `apply` stops at the first fault that is known when it waits for
something. The error shows all faults that were noted by then. Without a deployment, as in unit tests with Pulumi's mocks, a
constructor raises its faults at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi

from pulumi_snowplow_signals.inputs.faults import InputFault
from pulumi_snowplow_signals.inputs.references import names_in
from pulumi_snowplow_signals.mocked import is_mocked
from pulumi_snowplow_signals.stack_settings import find_settings_faults, warn_of_settings

_gates: Final[WeakKeyDictionary[pulumi.Resource, Gate]] = WeakKeyDictionary()


class Gate:
    """The gate of one run of a program.

    Attributes:
        names: The resources by kind and name in Signals, to report a duplicate.
    """

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], str] = {}
        self._resources: dict[tuple[str, str], pulumi.Resource] = {}
        self._nameless: dict[str, list[pulumi.Resource]] = {}
        self._awaited: dict[tuple[str, str], str] = {}
        self._names: dict[type, list[str]] = {}
        self._faults: dict[str, list[str]] = {}
        self._settings: tuple[str, ...] | None = None
        self._has_opened = False
        self._opening: asyncio.Task[bool] | None = None
        self._error = _Faults(self)

    def note(self, resource: str, faults: Iterable[str]) -> None:
        """Keep the gate closed because of a resource's faults, each a sentence that names the resource."""
        self._faults.setdefault(resource, []).extend(faults)

    def warn(self, resource: str, reason: str) -> None:
        """Show a warning about a resource."""
        pulumi.log.warn(f"{resource}: {reason}")

    def register(self, kind: str, name: Any, resource: pulumi.Resource, described: str) -> None:
        """Note a resource under its name in Signals, so that others can refer to it. Warn if one has done so before.

        Args:
            kind: Its kind in Signals.
            name: Its name in Signals; an output if the name is not known yet.
            resource: The resource.
            described: The resource, as faults name it.
        """
        if not isinstance(name, str):
            self._nameless.setdefault(kind, []).append(resource)
            return
        self._resources[kind, name] = resource
        early = self._awaited.get((kind, name))
        if early is not None:
            self.warn(
                described,
                f'declare "{name}" before {early}, which refers to it: resources are ordered as the program declares them',
            )

    def find_named(self, props: Mapping[str, Any], user: str) -> pulumi.Input[list[pulumi.Resource]] | None:
        """Return the resources of the program that the inputs of another, the user, name; None for none.

        What an output will name is not known yet: it may be any resource of the kind that the program has declared so far.
        """
        known, later = list[pulumi.Resource](), list[tuple[pulumi.Output[Any], list[pulumi.Resource]]]()
        for kind, name in names_in(props):
            if isinstance(name, pulumi.Output):
                later.append((name, self._list_declared(kind)))
            else:
                known += self._list_declared(kind) if name is None else self._find(kind, name, user)
        if later:
            return pulumi.Output.from_input(_resolve_named(known, later))
        return [*dict.fromkeys(known)] or None

    def _find(self, kind: str, name: str, user: str) -> list[pulumi.Resource]:
        """Return the resource of a name, if the program has declared it.

        If not, note who has asked for it, and return those whose names are not known yet: it may be one of them.
        """
        found = self._resources.get((kind, name))
        if found is not None:
            return [found]
        self._awaited.setdefault((kind, name), user)
        return self._nameless.get(kind, [])

    def _list_declared(self, kind: str) -> list[pulumi.Resource]:
        named = [resource for (of, _), resource in self._resources.items() if of == kind]
        return [*named, *self._nameless.get(kind, [])]

    def list_names(self, provider: type, name: Any) -> pulumi.Input[list[str] | None]:
        """Return an input that lists the names of a provider's resources in the first that is registered; None in the others.

        All resources have it, since the one with the most inputs to wait for is registered last.

        Args:
            provider: The provider's class.
            name: The name in Signals of this resource; an output if the name is not known yet.
        """
        names = self._names.setdefault(provider, [])
        if isinstance(name, str):
            names.append(name)

        def take() -> list[str] | None:
            taken = [*names]
            names.clear()
            return taken or None

        return self._wait(take)

    def behind(self, value: pulumi.Input[Any]) -> pulumi.Input[Any]:
        """Return an input that is `value` once the gate has opened."""
        return self._wait(lambda: value)

    def _wait(self, get: Callable[[], Any]) -> pulumi.Input[Any]:
        if self._opening is None or self._opening.done():
            self._opening = asyncio.ensure_future(self._open())
            # Pulumi awaits outputs before it waits for pending registrations, so it sees the error first.
            self._heard: pulumi.Output[Any] = pulumi.Output.from_input(self._opening)
        return _Behind(self._opening, get)

    async def _open(self) -> bool:
        """Open the gate. Raise InputFault with all faults if there are any."""
        if self._settings is None:
            warn_of_settings()
            self._settings = find_settings_faults()
        if self._settings or self._faults:
            raise self._error
        self._has_opened = True
        return True

    def describe(self) -> str:
        """Return one line for each fault, below a line that counts the resources if there are several."""
        settings = self._settings or ()
        lines = [*settings, *(fault for faults in self._faults.values() for fault in faults)]
        if len(self._faults) + bool(settings) < 2:  # noqa: PLR2004  # one alone needs no count
            return "\n".join(lines)
        number = f"{len(self._faults)} resource{'s' if len(self._faults) > 1 else ''}"
        who = f"The settings and {number}" if settings else number
        rest = ":" if self._has_opened else ". Nothing was sent to Signals."
        return "\n".join([f"{who} have faults{rest}", *lines])


async def _resolve_named(
    known: list[pulumi.Resource], later: list[tuple[pulumi.Output[Any], list[pulumi.Resource]]]
) -> list[pulumi.Resource]:
    """Return the resources with those that outputs may name. An output that is made from one of them names that one."""
    found = dict.fromkeys(known)
    for name, candidates in later:
        sources = await name.resources()
        found |= dict.fromkeys([each for each in candidates if each in sources] or candidates)
    return [*found]


class _Faults(InputFault):
    """Every fault of a program, even one noted after this is raised: Pulumi reads the text at the very end."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate

    def __str__(self) -> str:
        return self._gate.describe()


class _Behind(Awaitable[Any]):
    """A value that is available once the gate opens. Unlike a coroutine, it causes no warning if it is never awaited."""

    def __init__(self, opening: asyncio.Task[bool], get: Callable[[], Any]) -> None:
        self._opening, self._get = opening, get

    def __await__(self) -> Generator[Any, None, Any]:
        # Shielded: a resource that is cancelled must not cancel the gate for others.
        yield from asyncio.shield(self._opening).__await__()
        return self._get()


def use_gate(gate: Gate) -> None:
    """Use this gate for the current program, before it declares anything. Raise LookupError if no program is running."""
    root = pulumi.runtime.get_root_resource()
    if root is None:
        raise LookupError("no program is running")
    _gates[root] = gate


def current_gate() -> Gate | None:
    """Return the gate of the program that is being deployed; None without a deployment or with Pulumi's mocks."""
    root = pulumi.runtime.get_root_resource()
    if root is not None and root in _gates:
        return _gates[root]
    if root is None or is_mocked():
        return None
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return None
    return _gates.setdefault(root, Gate())
