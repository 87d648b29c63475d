"""What release 0.1.0 stored means the same to this release: digests, push ids, and whether anything differs.

A digest in a stack's state says which definition a number stands for. Computed in another way, every released version
would look changed. See README.md for where the fixtures come from.
"""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pulumi_snowplow_signals.domain.definition import Definition
from pulumi_snowplow_signals.domain.direct import Message
from pulumi_snowplow_signals.lifecycle.state import definition_of
from signals_local.engine.secrets import Crypter

HERE = Path(__file__).parent
STATES = sorted(HERE.glob("stacks/0.1.0/*/state.*.json"))
TABLE = json.loads((HERE / "digests" / "0.1.0.json").read_text())
PASSPHRASE = "for-tests"
# How Pulumi marks an encrypted value in a state: `sdk/go/common/resource/properties.go` of pulumi/pulumi.
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


# The only three places in this folder that name how this release computes what 0.1.0 stored.


def digest_of_inputs(inputs: Mapping[str, Any]) -> str:
    """Return the digest of a definition as a stack's inputs hold it."""
    return definition_of(inputs).digest


def digest_of_body(body: Mapping[str, Any]) -> str:
    """Return the digest of a definition as the registry holds it."""
    return Definition.from_wire(body).digest


def identity_of(message: Mapping[str, Any]) -> tuple[str, str]:
    """Return the digest of a message's attributes, and the id that its pushes carry."""
    found = Message(
        name=message["name"],
        version=int(message["version"]),
        attributes=message.get("attributes", {}),
        triggers=message.get("triggers", ()),
    )
    return found.digest, found.intervention_id


def test_the_digests_of_definitions_are_those_of_0_1_0() -> None:
    """Whatever a program or the registry can hold, its digest is the same to the last digit."""
    expected = {entry["about"]: entry["digest"] for entry in TABLE["definitions"]}
    found = {
        entry["about"]: digest_of_inputs(entry["inputs"])
        if "inputs" in entry
        else digest_of_body(entry["body"])
        for entry in TABLE["definitions"]
    }
    assert len(expected) == 149
    assert found == expected


def test_the_ids_of_pushes_are_those_of_0_1_0() -> None:
    """A subscriber recognises a message that it has had, whichever release pushes it again."""
    expected = {entry["about"]: (entry["digest"], entry["intervention_id"]) for entry in TABLE["messages"]}
    assert len(expected) == 13
    assert {entry["about"]: identity_of(entry["message"]) for entry in TABLE["messages"]} == expected


def stored() -> Iterator[Any]:
    """Yield the state and the resource of ours for each that 0.1.0 stored."""
    for state in STATES:
        for resource in json.loads(state.read_text())["deployment"]["resources"]:
            if resource["type"].startswith("pulumi-python:dynamic"):
                name = resource["urn"].rpartition("::")[2]
                yield pytest.param(state, resource, id=f"{state.parent.name}, {state.name}: {name}")


RESOURCES = list(stored())


def test_the_fixtures_are_whole() -> None:
    """Both stacks are there as both engines keep them, with all their resources."""
    assert [state.parts[-2:] for state in STATES] == [
        ("configured", "state.local.json"),
        ("configured", "state.pulumi.json"),
        ("everything", "state.local.json"),
        ("everything", "state.pulumi.json"),
    ]
    assert len(RESOURCES) == 2 * (9 + 56)


@pytest.mark.parametrize(("state", "resource"), RESOURCES)
def test_a_stored_resource_means_what_it_meant(state: Path, resource: Mapping[str, Any]) -> None:
    """Every digest that it holds is that of the definition it stands for, and against itself nothing of it differs."""
    outputs = as_handed_over(resource["outputs"], state)
    if "criteria" in outputs:
        demand_same_versions(outputs, registered(state))
    else:
        digest, intervention_id = identity_of(outputs)
        assert outputs["__signals"]["pushed"][f"{outputs['version']:.0f}"] == digest
        assert outputs["intervention_id"] == intervention_id
    if not resource.get("external"):  # of what is only looked at, no engine asks for a difference
        inputs = as_handed_over(resource["inputs"], state)
        provider = pickle.loads(base64.b64decode(resource["inputs"]["__provider"]))
        for prior in (outputs, inputs):
            found = provider.diff(resource["id"], prior, inputs)
            assert (found.changes, found.replaces) == (False, [])


def demand_same_versions(outputs: Mapping[str, Any], bodies: Mapping[tuple[str, int], Any]) -> None:
    """Hold that all released numbers have the digests of what the registry holds, and the current one also of the state."""
    name, number, released = outputs["name"], int(outputs["version"]), outputs["__signals"]["released"]
    found = {version: digest_of_body(bodies[name, int(version)]) for version in released}
    assert found == released
    assert digest_of_inputs(outputs) == digest_of_body(bodies[name, number])


@cache
def registered(state: Path) -> dict[tuple[str, int], Any]:
    """Return what the registry held of the stack, by name and version."""
    found = json.loads((state.parent / "registry.json").read_text())["interventions"]
    return {(body["name"], body["version"]): body for body in found}


@cache
def crypter_of(state: Path) -> Crypter:
    """Return what opens the secrets of a state: deriving its key takes a good part of a second."""
    return Crypter.for_deployment(json.loads(state.read_text())["deployment"], PASSPHRASE)


def as_handed_over(value: Any, state: Path) -> Any:
    """Return a stored value as Pulumi hands it to a provider: secrets opened, every number a float."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return as_handed_over(crypter_of(state).decrypt(value["ciphertext"]), state)
        return {key: as_handed_over(item, state) for key, item in value.items()}
    if isinstance(value, list):
        return [as_handed_over(item, state) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
