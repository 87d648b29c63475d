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
GROUPS: Final = frozenset({"group", "batch", "external"})

Declared = tuple[str, Mapping[str, Any]]
"""A kind and its inputs. An input may be a function of the outputs of what was declared before, by kind and name."""


class Died(Exception):  # noqa: N818  # it reads as what happened
    """The run was cut off."""


@dataclass
class KindsStack:
    """Resources of several kinds as deployed. Each command is a run of its own, as a provider process is."""

    emulator: Emulator
    config: Mapping[str, str] = field(default_factory=dict)
    recorded: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    pending: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[Remark] = field(default_factory=list)

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
            for kind, recorded in reversed([*self.pending]):
                LIFECYCLES[kind].delete(run, recorded["group"], recorded)
            for kind, name in reversed([*self.recorded]):
                LIFECYCLES[kind].delete(run, name, self.recorded.pop((kind, name)))
        self.pending.clear()

    def heard(self, severity: str = "") -> list[str]:
        """Return what was said since the last time, or the lines of one severity."""
        found = [remark.text for remark in self.said if severity in ("", remark.severity)]
        self.said.clear()
        return found

    def _go(self, declared: tuple[Declared, ...], *, dry: bool = False, dies: bool = False) -> dict[str, str]:
        done: dict[str, str] = {}
        with self._run() as run:
            outputs: dict[tuple[str, str], Mapping[str, Any]] = {}
            replaced: list[tuple[str, dict[str, Any]]] = []
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
                if operation == "replace" and prior is not None:
                    replaced.append((kind, prior))
                if operation in ("create", "replace"):
                    self.recorded[kind, name] = _kept(LIFECYCLES[kind].create(run, proposed)[1])
                elif operation == "update" and prior is not None:
                    self.recorded[kind, name] = _kept(LIFECYCLES[kind].update(run, prior, proposed))
                else:
                    # A step "same" stores the new inputs; check sees those, and the other calls the old outputs.
                    self.recorded[kind, name] = proposed
            gone = [key for key in self.recorded if key not in outputs]
            done |= {f"{kind} {name}": "delete" for kind, name in gone}
            if not dry:
                self.pending += replaced
                if not dies:
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
            kind, recorded = self.pending.pop()
            LIFECYCLES[kind].delete(run, recorded["group"], recorded)
        for kind, name in reversed(gone):
            LIFECYCLES[kind].delete(run, name, self.recorded.pop((kind, name)))

    @contextmanager
    def _run(self) -> Iterator[Run]:
        given = {
            "apiUrl": self.emulator.url,
            "sandboxToken": self.emulator.token,
            "retrySeconds": "0",
            **self.config,
        }
        with SignalsClient(resolve(given.get, {})) as client:
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
