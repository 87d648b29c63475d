"""Direct interventions as whole deployments: what reaches a subscriber, what is shown, and what is in the state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import UUID

import pytest
from harness import ENGINES, ON_BOTH, Code, Engine, Lifecycle, Outsider, Stage, carry_out
from harness.killing import kill_run

from pulumi_snowplow_signals.push.message import Message
from signals_local.emulator import Emulator, serve

A, B, C = (f"218e8926-3858-431d-b2ed-66da03a1cbe{digit}" for digit in "abc")
IMPORTS = (
    "from pulumi_snowplow_signals import AttributeKeyIdentifiers, DirectIntervention, InterventionInstance\n"
)
PUSH = {"method": "POST", "path": "/api/v1/interventions"}
PUSHED_ONCE = {"POST /api/v1/interventions": 1}
NOTHING: Mapping[str, int] = {}
NOBODY = "1 id not delivered: nobody is subscribed"


def greeting(resource_name: str = "greeting", /, **inputs: Any) -> str:
    """Return a program that greets one visitor; None leaves an input out."""
    given = {"version": 1, "attributes": {"text": "Hi"}, "targets": {"domain_sessionid": [A]}, **inputs}
    written = [
        f"{name}={value if isinstance(value, Code) else repr(value)}"
        for name, value in given.items()
        if value is not None
    ]
    return f"{IMPORTS}DirectIntervention({', '.join([repr(resource_name), *written])})\n"


def fails(**fault: Any) -> Callable[[Outsider], None]:
    """Let the next push fail."""
    return lambda outsider: outsider.emulator.fail(**PUSH, **fault)


def id_of(**given: Any) -> str:
    """Return the id that a push of the greeting carries."""
    message = {"name": "greeting", "version": 1, "attributes": {"text": "Hi"}, **given}
    return Message(**message).intervention_id


ONCE = Lifecycle(
    "a direct intervention is pushed when it is made, and again only to those whom a change concerns",
    [
        Stage(
            greeting(),
            "preview",
            steps={"greeting": "create"},
            warns=["greeting v1 will be pushed at once to 1 id; cannot be undone"],
            requests=NOTHING,
        ),
        Stage(
            steps={"greeting": "create"},
            warns=["greeting v1 will be pushed at once to 1 id; cannot be undone", NOBODY],
            requests=PUSHED_ONCE,
        ),
        Stage(greeting(targets={"domain_sessionid": [A.upper()]}, triggers=[]), requests=NOTHING),
        Stage(command="refresh", requests=NOTHING),
        Stage(
            greeting(attributes={"text": "Hello"}),
            "preview",
            refused={
                "greeting": [
                    (
                        'version: attributes.text changed ("Hi" → "Hello"), but version is still 1. Version 1 of '
                        '"greeting" has been pushed and cannot change. Set version=2.'
                    )
                ]
            },
            requests=NOTHING,
        ),
        Stage(
            greeting(version=2, attributes={"text": "Hello"}),
            steps={"greeting": "update"},
            inputs={
                "greeting": {
                    "attributes": ({"text": "Hi"}, {"text": "Hello"}),
                    "version": (1, 2),
                    "intervention_id": (id_of(), id_of(version=2, attributes={"text": "Hello"})),
                }
            },
            warns=[
                "greeting v1 → v2 will be pushed at once to 1 id; cannot be undone: version and attributes",
                NOBODY,
            ],
            requests=PUSHED_ONCE,
        ),
        Stage(
            greeting(
                version=2, attributes={"text": "Hello"}, targets={"domain_sessionid": [B, A], "other": [C]}
            ),
            steps={"greeting": "update"},
            inputs={
                "greeting": {
                    "targets": ({"domain_sessionid": [A]}, {"domain_sessionid": [A, B], "other": [C]}),
                }
            },
            warns=[
                "greeting v2 will be pushed at once to 2 ids; cannot be undone: added to targets",
                "2 ids not delivered",
            ],
            requests=PUSHED_ONCE,
        ),
        Stage(
            greeting("greeting", name="welcome"),
            steps={"greeting": "replace"},
            warns=["welcome v1 will be pushed at once to 1 id; cannot be undone", NOBODY],
            requests=PUSHED_ONCE,
        ),
        Stage(command="destroy", steps={"greeting": "delete"}, requests=NOTHING),
    ],
)

FAULTY = Lifecycle(
    "an error leaves no trace and is pushed by the next run, a lost answer is recorded and is not",
    [
        Stage(
            greeting(),
            before=fails(status=401, body={"error": "no such token"}),
            config={"retrySeconds": "0"},
            refused={
                "greeting": [
                    "greeting v1: nothing was delivered: POST interventions: the credentials are not accepted"
                ]
            },
            requests=PUSHED_ONCE,
        ),
        Stage(
            before=fails(drop=True, when="after"),
            steps={"greeting": "create"},
            warns=["will be pushed at once to 1 id", "greeting v1: 1 id unconfirmed"],
            requests=PUSHED_ONCE,
        ),
        Stage(requests=NOTHING),
        Stage(
            greeting(triggers=["again"]),
            before=fails(status=200, body={"status": "failure"}),
            refused={"greeting": ['greeting v1: nothing was delivered: Signals responded with "failure"']},
            requests=PUSHED_ONCE,
        ),
    ],
)

CODE = "SAVE-A-SECRET-TENTH"
SECRETIVE = greeting(
    attributes=Code(f'{{"code": pulumi.Output.secret("{CODE}")}}'),
    targets=Code(f'pulumi.Output.secret({{"domain_sessionid": ["{A}", "{B}"]}})'),
)
HIDDEN = (A, B, CODE, id_of(attributes={"code": CODE}), Message("greeting", 1, {"code": CODE}).digest)
SECRET = Lifecycle(
    "ids and attributes given as secrets are in no text and no file, and neither is what is made from them",
    [
        Stage(SECRETIVE, "preview", shows=["greeting v1 will be pushed at once to 2 ids"], hides=HIDDEN),
        Stage(
            steps={"greeting": "create"},
            warns=["greeting v1 will be pushed at once to 2 ids", "2 ids not delivered"],
            hides=HIDDEN,
            requests=PUSHED_ONCE,
        ),
        Stage(command="refresh", hides=HIDDEN, requests=NOTHING),
        Stage(
            SECRETIVE.replace(CODE, "SAVE-ANOTHER"),
            "preview",
            refused={"greeting": ["version: attributes changed (secret), but version is still 1."]},
            hides=(*HIDDEN, "SAVE"),
        ),
        Stage(
            SECRETIVE.replace(B, C),
            before=fails(status=500, body={"error": f"{CODE} for {C}"}),
            steps={"greeting": "update"},
            warns=[
                "greeting v1 will be pushed at once to 1 id; cannot be undone: added to targets",
                "status 500; details are hidden, because this resource holds secrets",
            ],
            hides=(*HIDDEN, C),
            requests=PUSHED_ONCE,
        ),
    ],
)

LATER = greeting(
    attributes=Code('{"text": Other("o", "Hi").given}'),
    targets=Code(f'{{"domain_sessionid": ["{A}", Other("i", "{B}").given]}}'),
)
UNKNOWN = Lifecycle(
    "what is not known yet is waited for, and pushed once it is",
    [
        Stage(
            LATER,
            "preview",
            steps={"o": "create", "i": "create", "greeting": "create"},
            warns=[
                "greeting v1 will be pushed at once to 1 id and others that are not known yet; cannot be undone"
            ],
            requests=NOTHING,
        ),
        Stage(
            steps={"o": "create", "i": "create", "greeting": "create"},
            warns=["greeting v1 will be pushed at once to 2 ids; cannot be undone", "2 ids not delivered"],
            requests=PUSHED_ONCE,
        ),
    ],
)

OPTIONS = Lifecycle(
    "a rename with an alias and ignored changes push nothing, a forced replacement pushes once",
    [
        Stage(
            greeting("old", name="greeting"),
            steps={"old": "create"},
            warns=["1 id", NOBODY],
            requests=PUSHED_ONCE,
        ),
        Stage(
            greeting(
                "new",
                name="greeting",
                version=2,
                attributes={"text": "Hello"},
                opts=Code(
                    'ResourceOptions(aliases=[pulumi.Alias(name="old")], '
                    'ignore_changes=["version", "attributes", "intervention_id"])'
                ),
            ),
            requests=NOTHING,
        ),
        Stage(
            # The real engine checks a replacement anew, with what the program says: nothing is ignored then.
            options=(
                "--replace",
                "urn:pulumi:dev::interventions::pulumi-python:dynamic/signals:DirectIntervention::new",
            ),
            steps={"new": "replace"},
            warns=["greeting v2 will be pushed at once to 1 id; cannot be undone", NOBODY],
            requests=PUSHED_ONCE,
            engines=("pulumi",),
        ),
    ],
)

REFUSED = Lifecycle(
    "every fault is told in a preview, with its path, and nothing that is kept nowhere is looked up",
    [
        Stage(
            greeting(
                "x", name="say hello", version=0, attributes={"n": 1}, targets={"k": ["42"], "empty": []}
            ),
            "preview",
            refused={
                "": [
                    (
                        'DirectIntervention "x": name: is "say hello"; a name has',
                        "version: is 0; expected a whole number",
                        "attributes.n: is 1; attribute values must be strings",
                        "targets.k[0]: is not a UUID",
                        "targets.empty: is an empty list",
                    )
                ]
            },
            requests=NOTHING,
        ),
        Stage(
            greeting(opts=Code('ResourceOptions(id="greeting")')),
            refused={
                "greeting": [
                    "a direct intervention cannot be looked up, because Signals keeps no record of it"
                ],
                "": ["Resource monitor has terminated"],
            },
            requests=NOTHING,
        ),
    ],
)

DOCUMENTED = f"""
from snowplow_signals import AttributeKeyIdentifiers, InterventionInstance
from pulumi_snowplow_signals import DirectIntervention

greeting = InterventionInstance(name="greeting", version=1, attributes={{"text": "Hi"}})
visitor = AttributeKeyIdentifiers({{"domain_sessionid": ["{A}"], "domain_userid": ["{B}"]}})
DirectIntervention(instance=greeting, targets=visitor)
"""

LIFECYCLES = [ONCE, FAULTY, SECRET, UNKNOWN, OPTIONS, REFUSED]


@pytest.mark.parametrize("engine", ON_BOTH)
@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda lifecycle: lifecycle.promise)
def test_lifecycle(lifecycle: Lifecycle, engine: str, tmp_path: Path) -> None:
    """The engine takes the steps, says the words and sends the requests that the lifecycle promises."""
    carry_out(lifecycle, ENGINES[engine], tmp_path)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator of the test's own."""
    with serve() as emulator:
        yield emulator


def pushes(emulator: Emulator) -> list[dict[str, Any]]:
    """Return the pushes that have reached the service."""
    return [each for each in emulator.requests() if (each["method"], each["path"]) == tuple(PUSH.values())]


def test_the_official_client_receives_what_is_deployed_once(project: Engine, emulator: Emulator) -> None:
    """Subscribed to two ids that are pushed to, it gets one message, be it declared with its own classes or with ours."""
    sdk = pytest.importorskip("snowplow_signals", reason="the official client asks for Python 3.11")
    client = sdk.SignalsSandbox(api_url=emulator.url, sandbox_token=emulator.token)
    mine = sdk.AttributeKeyIdentifiers({"domain_sessionid": [A], "domain_userid": [B]})
    project.write(
        greeting(targets={"domain_sessionid": [A], "domain_userid": [B]})
        + 'pulumi.export("status", "deployed")\n'
    )
    with client.pull_interventions(mine) as subscription:
        while not any(each["method"] == "GET" for each in emulator.requests()):
            time.sleep(0.02)
        for program in (DOCUMENTED, greeting(targets={"domain_sessionid": [A], "domain_userid": [B]})):
            project.write(program)
            assert project.run("up", environment={}).succeeded
        received = subscription.get(timeout=30)
        last = sdk.InterventionInstance(name="last", version=1)
        assert client.push_intervention(mine, last) == "success"
        assert subscription.get(timeout=30).name == "last"
        with pytest.raises(Empty):
            subscription.get(block=False)
    assert (received.name, received.version, received.attributes) == ("greeting", 1, {"text": "Hi"})
    assert received.intervention_id == id_of()


def test_a_run_killed_after_a_push_pushes_again_under_the_same_id(
    project: Engine, emulator: Emulator
) -> None:
    """Nothing of it is in the state, so the next run pushes to all; subscribers can tell, and a third run pushes nothing."""
    many = [str(UUID(int=number)) for number in range(300)]  # two requests and a bit: time to be killed in
    project.write(greeting(targets={"domain_sessionid": many}))
    emulator.fail(**PUSH, nth=2, latency=5)
    begun = project.begin("up")
    try:
        while not pushes(emulator):
            assert begun.poll() is None
            time.sleep(0.02)
    finally:
        kill_run(begun)
    project.recover()
    emulator.clear_faults()
    assert project.run("up", environment={}).succeeded
    arrived = [each["body"] for each in pushes(emulator) if each["body"] is not None]
    assert {body["intervention_id"] for body in arrived} == {id_of()}
    received = [pair for each in pushes(emulator)[-3:] for pair in each["query"].split("&")]
    assert sorted(received) == sorted(f"domain_sessionid={one}" for one in many)
    before = len(pushes(emulator))
    assert project.run("up", environment={}).succeeded
    assert len(pushes(emulator)) == before
