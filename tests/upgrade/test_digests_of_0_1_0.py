"""Everything that release 0.1.0 stored means the same to this release: digests, push ids, inputs.

A stack's state records which definition each version number stands for, as a digest. If a release computed digests in
another way, every released version would look changed. README.md says where the fixtures come from.
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

from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.lifecycle.state import content_of
from pulumi_snowplow_signals.push.message import Message
from signals_local.engine.secrets import Crypter

HERE = Path(__file__).parent
STATES = sorted(HERE.glob("stacks/0.1.0/*/state.*.json"))
TABLE = json.loads((HERE / "digests" / "0.1.0.json").read_text())
PASSPHRASE = "for-tests"
# How Pulumi marks an encrypted value in a state: `sdk/go/common/resource/sig/sig.go` of pulumi/pulumi.
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


# No other code in this folder knows how the provider computes a digest or an id.


def digest_inputs(inputs: Mapping[str, Any]) -> str:
    """Return the digest of a definition as a stack's inputs hold it."""
    return Intervention.stored(content_of(Intervention, inputs)).digest


def digest_body(body: Mapping[str, Any]) -> str:
    """Return the digest of a definition as the registry holds it."""
    return Intervention.stored(body).digest


def identify_message(message: Mapping[str, Any]) -> tuple[str, str]:
    """Return the digest of a message's attributes, and the id that its pushes carry."""
    found = Message(
        name=message["name"],
        version=int(message["version"]),
        attributes=message.get("attributes", {}),
        triggers=message.get("triggers", ()),
    )
    return found.digest, found.intervention_id


def test_the_digests_of_definitions_are_those_of_0_1_0() -> None:
    """A definition has the digest that 0.1.0 gave it, whatever a program or the registry holds."""
    expected = {entry["about"]: entry["digest"] for entry in TABLE["definitions"]}
    found = {
        entry["about"]: digest_inputs(entry["inputs"]) if "inputs" in entry else digest_body(entry["body"])
        for entry in TABLE["definitions"]
    }
    assert len(expected) == 149
    assert found == expected


def test_the_ids_of_pushes_are_those_of_0_1_0() -> None:
    """A message keeps its id in later releases, so that a subscriber recognises a second push."""
    expected = {entry["about"]: (entry["digest"], entry["intervention_id"]) for entry in TABLE["messages"]}
    assert len(expected) == 13
    assert {entry["about"]: identify_message(entry["message"]) for entry in TABLE["messages"]} == expected


def collect_resources() -> Iterator[Any]:
    """Yield every resource of ours that 0.1.0 stored, with the file of its state."""
    for state in STATES:
        for resource in json.loads(state.read_text())["deployment"]["resources"]:
            if resource["type"].startswith("pulumi-python:dynamic"):
                name = resource["urn"].rpartition("::")[2]
                yield pytest.param(state, resource, id=f"{state.parent.name}, {state.name}: {name}")


RESOURCES = list(collect_resources())


def test_the_fixtures_are_whole() -> None:
    """Both stacks are there in the form of both engines, with all their resources."""
    assert [state.parts[-2:] for state in STATES] == [
        ("configured", "state.local.json"),
        ("configured", "state.pulumi.json"),
        ("everything", "state.local.json"),
        ("everything", "state.pulumi.json"),
    ]
    assert len(RESOURCES) == 2 * (9 + 56)


@pytest.mark.parametrize(("state", "resource"), RESOURCES)
def test_a_stored_resource_means_what_it_meant(state: Path, resource: Mapping[str, Any]) -> None:
    """Each digest is that of its definition, and a diff of the resource against itself finds no change."""
    outputs = decode(resource["outputs"], state)
    if "criteria" in outputs:
        assert_same_versions(outputs, read_registry(state))
    else:
        digest, intervention_id = identify_message(outputs)
        assert outputs["__signals"]["pushed"][f"{outputs['version']:.0f}"] == digest
        assert outputs["intervention_id"] == intervention_id
    if not resource.get("external"):  # no engine calls diff for a resource that was read with `.get`
        inputs = decode(resource["inputs"], state)
        provider = pickle.loads(base64.b64decode(resource["inputs"]["__provider"]))
        for prior in (outputs, inputs):
            found = provider.diff(resource["id"], prior, inputs)
            assert (found.changes, found.replaces) == (False, [])


def assert_same_versions(outputs: Mapping[str, Any], bodies: Mapping[tuple[str, int], Any]) -> None:
    """Check the digests of all released versions against the registry, and that of the current one against the state."""
    name, number, released = outputs["name"], int(outputs["version"]), outputs["__signals"]["released"]
    found = {version: digest_body(bodies[name, int(version)]) for version in released}
    assert found == released
    assert digest_inputs(outputs) == digest_body(bodies[name, number])


@cache
def read_registry(state: Path) -> dict[tuple[str, int], Any]:
    """Return the interventions in the registry of a stack, by name and version."""
    found = json.loads((state.parent / "registry.json").read_text())["interventions"]
    return {(body["name"], body["version"]): body for body in found}


@cache
def load_crypter(state: Path) -> Crypter:
    """Return the crypter for the secrets of a state. Deriving its key takes a good part of a second."""
    return Crypter(
        PASSPHRASE, json.loads(state.read_text())["deployment"]["secrets_providers"]["state"]["salt"]
    )


def decode(value: Any, state: Path) -> Any:
    """Return a stored value as a provider receives it: secrets in plain text, every number a float."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return decode(load_crypter(state).decrypt(value["ciphertext"]), state)
        return {key: decode(item, state) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item, state) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
