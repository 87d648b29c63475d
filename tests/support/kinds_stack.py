"""A stack of several kinds without an engine: their calls in the order in which Pulumi makes them.

Resources are checked, created and updated in the order in which they are declared; what is gone and the old halves of
replacements are deleted at the end, the last declared first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from lifecycle_stack import CheckFailed

from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.bridge import Calls
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.kinds.attribute_group import (
    BatchAttributeGroup,
    ExternalBatchAttributeGroup,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.kinds.attribute_key import AttributeKey
from pulumi_snowplow_signals.kinds.service import Service
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS, Lifecycle
from pulumi_snowplow_signals.lifecycle.live_version import LiveVersions
from pulumi_snowplow_signals.lifecycle.run import Run
from pulumi_snowplow_signals.versions.in_place import InPlace
from pulumi_snowplow_signals.versions.versioning import Numbered
from signals_local.emulator import Emulator

OWNER = "team@example.com"

LIFECYCLES: Final[Mapping[str, Calls]] = {
    "key": Lifecycle(AttributeKey, InPlace()),
    "service": Lifecycle(Service, InPlace()),
    "group": Lifecycle(StreamAttributeGroup, Numbered(StreamAttributeGroup.succession)),
    "batch": Lifecycle(BatchAttributeGroup, Numbered(BatchAttributeGroup.succession)),
    "external": Lifecycle(ExternalBatchAttributeGroup, Numbered(ExternalBatchAttributeGroup.succession)),
    "rule": INTERVENTIONS,
    "live": LiveVersions(),
}
_FIRST_TO_GO: Final = ("rule", "service", "live", "group", "batch", "external", "key")
GROUPS: Final = frozenset({"group", "batch", "external"})

Declared = tuple[str, Mapping[str, Any]]
"""A kind and its inputs. An input may be a function of the outputs of what was declared before, by kind and name."""


class Died(BaseException):  # it reads as what happened; nothing that the provider does may catch it
    """The run was cut off."""


class Cutting(httpx.BaseTransport):
    """Carries requests until the run is cut off at one of those that write.

    Args:
        at: Which of them, from 1; 0 for none.
        arrives: Whether that one still arrives.
    """

    def __init__(self, at: int = 0, *, arrives: bool = False) -> None:
        self.writes = 0
        self._at, self._arrives = at, arrives
        self._carrier = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request. Raise Died where the run is cut off."""
        if request.method != "GET":
            self.writes += 1
            if self.writes == self._at:
                if self._arrives:
                    self._carrier.handle_request(request).read()
                raise Died
        return self._carrier.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._carrier.close()


@dataclass
class KindsStack:
    """Resources of several kinds as deployed. Each command is a run of its own, as a provider process is."""

    emulator: Emulator
    config: Mapping[str, str] = field(default_factory=dict)
    recorded: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    pending: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[Remark] = field(default_factory=list)
    transport: Cutting | None = None

    def preview(self, *declared: Declared) -> dict[str, str]:
        """Return the operation on each resource that `up` would change. Raise CheckFailed."""
        return self._go(declared, dry=True)

    def up(self, *declared: Declared, dies_before_deletes: bool = False) -> dict[str, str]:
        """Deploy what is declared, and return the operations. Raise CheckFailed."""
        return self._go(declared, dies=dies_before_deletes)

    def refresh(self) -> None:
        """Read every resource."""
        with self._run() as run:
            for (kind, name), recorded in self.recorded.items():
                self.recorded[kind, name] = _kept(LIFECYCLES[kind].read(run, name, recorded))

    def destroy(self) -> None:
        """Delete everything."""
        with self._run() as run:
            self._delete(run, [*self.recorded])

    def heard(self, severity: str = "") -> list[str]:
        """Return what was said since the last time, or the lines of one severity."""
        found = [remark.text for remark in self.said if severity in ("", remark.severity)]
        self.said.clear()
        return found

    def _go(self, declared: tuple[Declared, ...], *, dry: bool = False, dies: bool = False) -> dict[str, str]:
        done: dict[str, str] = {}
        with self._run() as run:
            outputs: dict[tuple[str, str], Mapping[str, Any]] = {}
            for kind, given in _with_children(declared):
                inputs = {name: each(outputs) if callable(each) else each for name, each in given.items()}
                name = inputs.get("name") or inputs["group"]
                prior = self.recorded.get((kind, name))
                operation, proposed = self._judge(run, kind, prior, inputs)
                if operation:
                    done[f"{kind} {name}"] = operation
                outputs[kind, name] = proposed
                if dry:
                    continue
                if operation in ("create", "replace"):
                    created = _kept(LIFECYCLES[kind].create(run, proposed)[1])
                    if prior is not None:
                        self.pending.append((kind, prior))
                    self.recorded[kind, name] = created
                elif operation == "update" and prior is not None:
                    self.recorded[kind, name] = _kept(LIFECYCLES[kind].update(run, prior, proposed))
                else:
                    # A step "same" stores the new inputs; check sees those, and the other calls the old outputs.
                    self.recorded[kind, name] = proposed
            gone = [key for key in self.recorded if key not in outputs]
            done |= {f"{kind} {name}": "delete" for kind, name in gone}
            if not (dry or dies):
                self._delete(run, gone)
        return done

    def _judge(
        self, run: Run, kind: str, prior: dict[str, Any] | None, inputs: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        calls = LIFECYCLES[kind]
        checked = calls.check(run, prior or {}, _kept(inputs))
        if checked.faults:
            raise CheckFailed("\n".join(checked.faults))
        proposed = _kept(checked.inputs)
        if prior is None:
            return "create", proposed
        difference = calls.diff(prior, proposed)
        if not difference.replaces:
            return "update" if difference.changes else "", proposed
        again = calls.check(run, {}, _kept(inputs))  # a replacement is checked a second time
        return "replace", _kept(again.inputs)

    def _delete(self, run: Run, gone: list[tuple[str, str]]) -> None:
        while self.pending:
            kind, recorded = self.pending[-1]
            LIFECYCLES[kind].delete(run, recorded["group"], recorded)
            self.pending.pop()
        # What depends on others goes before them, whenever it was made.
        for kind, name in sorted(gone, key=lambda key: _FIRST_TO_GO.index(key[0])):
            LIFECYCLES[kind].delete(run, name, self.recorded[kind, name])
            del self.recorded[kind, name]

    @contextmanager
    def _run(self) -> Iterator[Run]:
        given = {
            "apiUrl": self.emulator.url,
            "sandboxToken": self.emulator.token,
            "retrySeconds": "0",
            **self.config,
        }
        with SignalsClient(resolve(given.get, {}), transport=self.transport) as client:
            yield Run(resolve(given.get, {}), lambda: client, self.said.append)


def _with_children(declared: tuple[Declared, ...]) -> Iterator[Declared]:
    for kind, given in declared:
        yield kind, given
        if kind in GROUPS:
            name = given["name"]
            yield (
                "live",
                {"group": name, "version": lambda outputs, key=(kind, name): outputs[key]["version"]},
            )


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as Pulumi keeps them: JSON in which every number is a float, without nulls."""
    plain = {name: value for name, value in values.items() if value is not None}
    return dict(json.loads(json.dumps(plain), parse_int=int))


def attribute(name: str, kind: str = "double", **more: Any) -> dict[str, Any]:
    """Return the inputs of an attribute."""
    return {
        "name": name,
        "type": kind,
        "aggregation": "last",
        "events": [{"vendor": "com.example", "name": "cart", "version": "1-0-0"}],
        "property": {
            "type": "event",
            "vendor": "com.example",
            "name": "cart",
            "major_version": 1,
            "path": name,
        },
        **more,
    }


def a_group(*attributes: Any, name: str = "basket", **inputs: Any) -> Declared:
    """Return a stream group of these attributes."""
    read = [attribute(each) if isinstance(each, str) else each for each in attributes]
    return "group", {
        "name": name,
        "owner": OWNER,
        "attribute_key": "domain_userid",
        "attributes": read,
        **inputs,
    }


def a_service(*groups: str, name: str = "checkout", **inputs: Any) -> Declared:
    """Return a service of groups in the versions that the program declares."""
    return "service", {
        "name": name,
        "owner": OWNER,
        "attribute_groups": lambda outputs: [
            {"name": group, "version": outputs["group", group]["version"]} for group in groups
        ],
        **inputs,
    }


def a_rule(attribute: str, name: str = "vip", **inputs: Any) -> Declared:
    """Return a rule that reads one attribute."""
    criteria = {"attribute": attribute, "operator": ">", "value": 75}
    return "rule", {"name": name, "owner": OWNER, "criteria": criteria, **inputs}


KEY: Final[Declared] = (
    "key",
    {
        "name": "account_id",
        "property": {
            "type": "entity",
            "vendor": "com.example",
            "name": "account",
            "major_version": 1,
            "path": "id",
        },
        "ttl": "P1Y",
    },
)
"""An attribute key."""

_BUILT_IN = {"user_id", "domain_userid", "network_userid", "domain_sessionid", "snowplow_id"}


def live(emulator: Emulator) -> list[str]:
    """Return what is live, by kind, name and number."""
    found = []
    for kind in ("attribute_group", "service", "intervention", "attribute_key"):
        for each in emulator.history(kind)["versions"]:
            number = f" v{each['version']}" if kind in ("attribute_group", "intervention") else ""
            if each["exists"] and each["is_published"] and not each.get("is_built_in"):
                found.append(f"{each['name']}{number}")
    return [name for name in found if name not in _BUILT_IN]
