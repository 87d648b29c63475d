"""Where a program tells its faults: at the gate in a deployment, in the constructor elsewhere; and all of them either way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pulumi
import pytest

from pulumi_snowplow_signals import DirectIntervention, RuleIntervention, attribute
from pulumi_snowplow_signals.api import settings
from pulumi_snowplow_signals.dynamic import RuleInterventionProvider, ServiceProvider
from pulumi_snowplow_signals.gate import Gate

IDS = {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}
BIG_CART = attribute("shopping:cart_value") > 75

# As a team tests its programs, with Pulumi's mocks, in a process of its own: they are Pulumi's globals.
TESTED = """
import asyncio
import pulumi
from pulumi_snowplow_signals import RuleIntervention, attribute

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name, args.inputs
    def call(self, args):
        return {}

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
pulumi.runtime.set_mocks(Mocks())

def declare(owner):
    return RuleIntervention("cart", owner=owner, criteria=attribute("shopping:cart_value") > 75)

@pulumi.runtime.test
def test_right():
    return declare("team@example.com").owner.apply(print)

@pulumi.runtime.test
def test_wrong():
    try:
        declare("team")
    except pulumi.RunError as fault:
        print(fault)

test_right()
test_wrong()
# Another test declares the same again.
test_right()
loop.close()
asyncio.get_event_loop().close()
"""


def test_a_unit_test_of_a_program_sees_the_fault_in_the_constructor() -> None:
    """Under mocks there is no end of the program to wait for: the constructor raises, and nothing lingers."""
    done = subprocess.run([sys.executable, "-c", TESTED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "team@example.com",
        (
            'RuleIntervention "cart": owner: is "team"; expected the e-mail address of a person or team. '
            "An email address must have an @-sign."
        ),
        "team@example.com",
    ]
    assert done.stderr == ""


def test_outside_a_deployment_a_constructor_raises_every_fault() -> None:
    """All faults of a resource come at once, in the order of its inputs, whoever finds them."""
    with pytest.raises(pulumi.RunError) as raised:
        DirectIntervention(
            5,  # type: ignore[arg-type]  # the fault
            name="two words",
            version=0,
            attributes={"text": None},  # type: ignore[dict-item]  # the fault
            targets={},
            opts="none",  # type: ignore[arg-type]  # the fault
        )
    assert str(raised.value).splitlines() == [
        "DirectIntervention: opts: is str. Write pulumi.ResourceOptions(...).",
        "DirectIntervention: the logical name is 5. Write a string.",
        "DirectIntervention: version: is 0; expected a whole number of 1 or more",
        "DirectIntervention: attributes.text: is None, which Pulumi silently drops. Write a value, or remove it.",
        (
            "DirectIntervention: targets: is empty; name at least one attribute key with its ids, as in "
            '{"domain_sessionid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}'
        ),
    ]


def test_a_faulty_instance_hides_no_fault_beside_it_and_makes_up_none() -> None:
    """What an instance would have said is not told as missing; what stands beside it is judged."""
    with pytest.raises(pulumi.RunError) as raised:
        DirectIntervention("hello", instance={"nam": "a"}, targets={"domain_userid": []})
    assert str(raised.value).splitlines() == [
        'DirectIntervention "hello": instance.nam: does not exist. Did you mean "name"?',
        (
            'DirectIntervention "hello": targets.domain_userid: is an empty list; name at least one id, or leave the '
            "attribute key out"
        ),
    ]


def test_what_is_no_value_hides_no_fault_beside_it() -> None:
    """One run tells all of it: beside what is no value, the rest of the same input is judged."""
    with pytest.raises(pulumi.RunError) as raised:
        DirectIntervention(
            "hello",
            version=1,
            attributes={"a": 5, "b": None},  # type: ignore[dict-item]  # the faults
            targets=IDS,
        )
    assert [line.partition(": is ")[0] for line in str(raised.value).splitlines()] == [
        'DirectIntervention "hello": attributes.b',
        'DirectIntervention "hello": attributes.a',
    ]


def test_a_thousand_faults_of_one_input_are_a_few_and_a_count() -> None:
    """Nobody reads the same sentence a thousand times."""
    with pytest.raises(pulumi.RunError) as raised:
        RuleIntervention(
            "cart",
            owner="team@example.com",
            criteria=BIG_CART,
            target_attribute_keys=[5] * 1000,  # type: ignore[list-item]  # the faults
        )
    lines = str(raised.value).splitlines()
    assert [lines[0], lines[20:]] == [
        'RuleIntervention "cart": target_attribute_keys[0]: is 5; expected a name or {"name": ...}',
        ['RuleIntervention "cart": target_attribute_keys: has 980 more faults.'],
    ]


def test_no_fault_shows_an_id_or_the_value_of_a_secret() -> None:
    """Ids are personal data; what is in a secret output is unknown to the program, and so never told."""

    async def declare() -> str:
        with pytest.raises(pulumi.RunError) as raised:
            RuleIntervention(
                "cart",
                owner=pulumi.Output.secret("canary"),
                criteria=BIG_CART,
                version=0,
            )
        return str(raised.value)

    assert asyncio.run(declare()) == (
        'RuleIntervention "cart": version: is 0; expected a whole number of 1 or more'
    )
    with pytest.raises(pulumi.RunError) as raised:
        DirectIntervention("hello", version=1, targets={"domain_userid": ["canary"]})
    assert "canary" not in str(raised.value)


def test_looks_report_their_faults_together() -> None:
    """A `.get` is judged like a declaration."""
    with pytest.raises(pulumi.RunError) as raised:
        RuleIntervention.get("look", float("nan"), version=object())  # type: ignore[arg-type]  # the faults
    assert [line.partition(": is ")[0] for line in str(raised.value).splitlines()] == [
        'RuleIntervention "look": id',
        'RuleIntervention "look": version',
    ]


def test_the_text_of_the_gate() -> None:
    """One resource's faults stand alone; those of several below a line that counts the resources."""
    gate = Gate()
    gate.note("A", ["A: first", "A: second"])
    assert gate.describe() == "A: first\nA: second"
    gate.note("B", ["B: third"])
    assert gate.describe() == (
        "2 resources have faults. Nothing was sent to Signals.\nA: first\nA: second\nB: third"
    )


def test_the_first_resource_lists_the_names_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is registered, of each provider, as far as names are known; whatever comes later lists what is new."""
    monkeypatch.setenv("SNOWPLOW_SIGNALS_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SNOWPLOW_SIGNALS_SANDBOX_TOKEN", "t")

    async def declare() -> list[Any]:
        gate = Gate()
        names = [
            gate.list_names(RuleInterventionProvider, "a"),
            gate.list_names(ServiceProvider, "b"),
            gate.list_names(RuleInterventionProvider, pulumi.Output.from_input("c")),
            gate.list_names(RuleInterventionProvider, "d"),
        ]
        registered = [await names[number] for number in (3, 0, 2, 1)]
        return [*registered, await gate.list_names(RuleInterventionProvider, "e")]

    assert asyncio.run(declare()) == [["a", "d"], None, None, ["b"], ["e"]]


MISSPELT = {
    "onDestory": "onDestroy",
    "on_destroy": "onDestroy",
    "apiURL": "apiUrl",
    "sandboxtoken": "sandboxToken",
    "api-key-id": "apiKeyId",
    "apiKeys": "apiKey",
    "organisationId": "organizationId",
}


@pytest.mark.parametrize(("written", "meant"), MISSPELT.items())
def test_a_misspelt_key_is_told_with_the_right_one(written: str, meant: str) -> None:
    """Another case, other separators, a letter too many or two in the wrong order."""
    assert settings.misspelt_keys([written]) == {written: meant}
    assert settings.unknown_keys([written]) == []
    assert f"Did you mean signals:{meant}?" in settings.misspelt_fault(written, meant)


def test_keys_that_are_settings_or_far_from_any() -> None:
    """A setting is no fault; what is near none is unknown; only credentials have to be encrypted."""
    assert settings.misspelt_keys(["apiUrl", "onDestroy", "colour", "url", "token"]) == {}
    assert [text.partition(" is ")[0] for text in settings.unknown_keys(["apiUrl", "colour"])] == [
        "signals:colour"
    ]
    readable = settings.readable_credentials(["apiKeyId", "apiKey", "sandboxToken", "apiUrl", "colour"])
    assert [text.partition(" is ")[0] for text in readable] == ["signals:apiKey", "signals:sandboxToken"]
