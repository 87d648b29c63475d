"""Direct interventions against an emulator: what is pushed and when, and what is recorded when something goes wrong."""

from __future__ import annotations

import itertools
import json
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest
from driver import Declared, Driver, kept, process
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.output import Unknown as PulumiUnknown
from pulumi.runtime import rpc

from pulumi_snowplow_signals.bridge import current_run
from pulumi_snowplow_signals.dynamic import DirectInterventionProvider
from pulumi_snowplow_signals.errors import Incomplete, Refused, UserFault
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.lifecycle.lifecycle import Difference
from pulumi_snowplow_signals.push.lifecycle import DIRECT_INTERVENTIONS as DIRECT

A, B, C, D = (f"218e8926-3858-431d-b2ed-66da03a1cbe{digit}" for digit in "abcd")
MANY = {
    key: [str(UUID(int=1_000 * nth + number)) for number in range(count)]
    for nth, (key, count) in enumerate([("domain_sessionid", 500), ("domain_userid", 300), ("visitor", 200)])
}
PUSH = {"method": "POST", "path": "/api/v1/interventions"}


def greeting(**inputs):
    return {"name": "greeting", "version": 1.0, "targets": {"domain_sessionid": [A, B]}, **inputs}


class Stack:
    """One direct intervention as deployed; each command is a run of its own."""

    def __init__(self, emulator, **config):
        self.emulator = emulator
        self.config = config
        self.driver = Driver()
        self.said: list[str] = []

    @contextmanager
    def run(self):
        access = {"apiUrl": self.emulator.url, "sandboxToken": self.emulator.token}
        with process({**access, **self.config}, self._say) as run:
            yield run

    def _say(self, remark):
        self.said.append(f"{remark.severity}: {remark.text}")

    def check(self, inputs, run=None):
        if run is not None:
            return DIRECT.check(run, self.inputs, inputs)
        with self.run() as fresh:
            return DIRECT.check(fresh, self.inputs, inputs)

    @property
    def outputs(self):
        return self.driver.resources[0].outputs if self.driver.resources else {}

    @property
    def inputs(self):
        return self.driver.resources[0].inputs if self.driver.resources else {}

    def up(self, **inputs):
        """Deploy; give the operation and the pushes that reached the service."""
        self.said.clear()
        mark = self.emulator.mark()
        given = greeting(**inputs)
        with self.run() as run:
            done = self.driver.up(run, {"it": Declared(given, DIRECT)})
        return done.get("it", "same"), pushes(self.emulator, mark)

    @property
    def delivery(self):
        return {name: self.outputs[name] for name in sorted(DIRECT.outputs_only) if name in self.outputs}


def requests_of(emulator, mark=0):
    """Return the pushes that have reached the service since `mark`, and make sure that nothing else has."""
    requests = [each for each in emulator.requests(since=mark) if "registry" not in each["path"]]
    requests = [each for each in requests if each["method"] != "GET"]  # subscribers
    assert all((each["method"], each["path"]) == ("POST", PUSH["path"]) for each in requests)
    return requests


def pushes(emulator, mark=0):
    """Return to whom each push since `mark` was meant, as (key, id) pairs."""
    return [
        [tuple(pair.split("=")) for pair in each["query"].split("&")] for each in requests_of(emulator, mark)
    ]


@pytest.fixture
def stack(emulator):
    return Stack(emulator)


@contextmanager
def listening(emulator, *ids):
    """Subscribe to ids, so that a push to them is delivered."""
    query = [("domain_sessionid", one) for one in ids]
    with httpx.stream(
        "GET", f"{emulator.url}{PUSH['path']}", params=query, timeout=30, trust_env=False
    ) as stream:
        lines = stream.iter_lines()  # which hangs up when it is forgotten
        next(lines)
        yield lines


def test_a_push_happens_once_and_only_when_something_asks_for_it(stack):
    """A deployment pushes; the same again, another order or another spelling, a refresh and a destroy do not."""
    assert stack.up(attributes={"text": "Hi"}) == (
        "create",
        [[("domain_sessionid", A), ("domain_sessionid", B)]],
    )
    mark = stack.emulator.mark()
    assert stack.up(attributes={"text": "Hi"}) == ("same", [])
    assert stack.up(attributes={"text": "Hi"}, version=1, triggers=[]) == ("same", [])
    assert stack.up(attributes={"text": "Hi"}, targets={"domain_sessionid": [B.upper(), A]}) == ("same", [])
    with stack.run() as run:
        assert DIRECT.read(run, "greeting", stack.outputs) == stack.outputs
        DIRECT.delete(run, "greeting", stack.outputs)
    assert stack.emulator.mark() == mark


def test_each_change_pushes_to_those_it_concerns(stack):
    """To all again for a changed message, to the added ids for changed targets, to nobody for ids taken off."""
    everybody = [("domain_sessionid", A), ("domain_sessionid", B)]
    stack.up()
    assert stack.up(triggers=["x"]) == ("update", [everybody])
    assert stack.up(triggers=["x"], version=2) == ("update", [everybody])
    assert stack.up(triggers=["x"], version=3, attributes={"text": "Hi"}) == ("update", [everybody])
    three = {"domain_sessionid": [C, A, B]}
    assert stack.up(triggers=["x"], version=3, attributes={"text": "Hi"}, targets=three) == (
        "update",
        [[("domain_sessionid", C)]],
    )
    assert stack.outputs["targets"] == {"domain_sessionid": [A, B, C]}
    one = {"domain_sessionid": [C]}
    assert stack.up(triggers=["x"], version=3, attributes={"text": "Hi"}, targets=one) == ("update", [])
    assert stack.up(triggers=["y"], version=3, attributes={"text": "Hi"}, targets=one) == (
        "update",
        [[("domain_sessionid", C)]],
    )


def test_what_is_pushed(stack):
    """Name, version, attributes and the id of the push; what is left out is not sent."""
    stack.up()
    stack.up(version=2, attributes={"text": "Hi"})
    bodies = [request["body"] for request in requests_of(stack.emulator)]
    assert [body.pop("intervention_id") for body in bodies] == [
        "a7b7ddd3-c1a7-5f10-bffb-09f6a1193e33",
        stack.outputs["intervention_id"],
    ]
    assert bodies == [
        {"name": "greeting", "version": 1},
        {"name": "greeting", "version": 2, "attributes": {"text": "Hi"}},
    ]


def test_another_name_is_another_intervention(stack):
    """A changed name replaces, whatever else changes or is unknown, and its numbers start afresh."""
    stack.up(version=3, attributes={"text": "Hi"})
    checked = stack.check(greeting(name="hello", version=1))
    assert checked.faults == ()
    assert DIRECT.diff(stack.outputs, checked.inputs).replaces == ("name",)
    unknown = stack.check(greeting(name="hello", attributes=UNKNOWN)).inputs
    assert DIRECT.diff(stack.outputs, unknown).replaces == ("name",)
    same = stack.check(greeting(version=4, attributes={"text": "Hi"})).inputs
    assert DIRECT.diff(stack.outputs, same).replaces == ()
    nameless = stack.check(greeting(name=UNKNOWN)).inputs
    assert DIRECT.diff(stack.outputs, nameless) == Difference(changes=True)


def test_a_forced_replacement_keeps_the_numbers(stack):
    """It is checked a second time without a record, and still refuses other attributes under a number that was pushed."""
    stack.up(attributes={"text": "Hi"})
    with stack.run() as run:
        assert stack.check(greeting(attributes={"text": "Hi"}), run).faults == ()
        again = DIRECT.check(run, {}, greeting(attributes={"text": "Hi"}))
        assert again.faults == ()
        (refused,) = DIRECT.check(run, {}, greeting(attributes={"text": "Hello"})).faults
    assert str(refused) == 'version: 1 of "greeting" has been pushed with other attributes. Set version=2.'


def test_a_number_that_was_pushed_keeps_its_attributes(stack):
    """Forgotten increments are refused by check, also for numbers of long ago; going back to one is a push."""
    for number in (1, 2, 3):
        stack.up(version=number, attributes={"text": str(number)})
    mark = stack.emulator.mark()
    (refused,) = stack.check(greeting(version=3, attributes={"text": "4"})).faults
    assert str(refused) == (
        'version: attributes.text changed ("3" → "4"), but version is still 3. Version 3 of "greeting" has been '
        "pushed and cannot change. Set version=4."
    )
    (refused,) = stack.check(greeting(version=1, attributes={"text": "4"})).faults
    assert str(refused) == 'version: 1 of "greeting" has been pushed with other attributes. Set version=4.'
    assert stack.emulator.mark() == mark
    assert stack.up(version=1, attributes={"text": "1"})[0] == "update"


def test_old_computed_inputs_do_no_harm(stack):
    """`ignore_changes` hands computed inputs of the last deployment in as if they had been written: they count for nothing."""
    stack.up()
    fed_back = {name: stack.inputs[name] for name in ("__signals", "intervention_id")}
    stack.up(**fed_back, version=2)
    fresh = Stack(stack.emulator)
    fresh.up(version=2)
    assert stack.outputs["intervention_id"] == fresh.outputs["intervention_id"]
    assert stack.outputs["__signals"]["pushed"].keys() == {"1", "2"}


@pytest.mark.parametrize(
    ("subscribed", "delivery", "said"),
    [
        ([A, B], {"status": "success", "ids_served": 2}, []),
        (
            [],
            {
                "status": "undelivered",
                "ids_served": 0,
                "ids_not_served": {"undelivered": ["domain_sessionid[0:2]"]},
            },
            [
                (
                    "warning: greeting v1: 2 ids not delivered: nobody is subscribed. Later runs do not retry it. "
                    'To push to all ids again, write triggers=["again"].'
                )
            ],
        ),
    ],
    ids=["somebody is subscribed", "nobody is subscribed"],
)
def test_what_came_of_it_is_an_output(stack, subscribed, delivery, said):
    """A word, a count and, where nobody was subscribed, a warning."""
    announced = (
        "warning: greeting v1 will be pushed at once to 2 ids; cannot be undone: sent to domain_sessionid"
    )
    if subscribed:
        with listening(stack.emulator, *subscribed):
            stack.up()
    else:
        stack.up()
    assert stack.delivery == delivery
    assert stack.said == [announced, *said]


LOST = {
    "the connection is cut after the work": {"drop": True, "when": "after"},
    "the connection is cut before the work, which nobody can tell": {"drop": True},
    "500": {"status": 500, "body": {"error": "internal"}},
    "a gateway that gave up": {"status": 504},
    "a page of HTML instead of the answer": {
        "status": 200, "body": "<html>Welcome</html>", "content_type": "text/html", "when": "after",
    },
    "an answer cut short": {"status": 200, "body": '{"sta', "when": "after"},
    "a status that is not documented": {"status": 200, "body": {"status": "queued"}, "when": "after"},
}  # fmt: skip


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_a_lost_answer_is_recorded_and_not_pushed_again(stack, fault):
    """Whatever may have been delivered is in the state, so that no later run pushes unasked."""
    stack.emulator.fail(**PUSH, **fault)
    assert len(stack.up()[1]) == 1
    assert stack.delivery == {
        "status": "unconfirmed",
        "ids_served": 0,
        "ids_not_served": {"unconfirmed": ["domain_sessionid[0:2]"]},
    }
    warning = stack.said[-1]
    assert warning.startswith("warning: greeting v1: 2 ids unconfirmed")
    assert 'write triggers=["again"].' in warning
    assert A not in "".join(stack.said)
    assert stack.up() == ("same", [])
    with listening(stack.emulator, A, B):
        assert len(stack.up(triggers=["again"])[1]) == 1
    assert stack.delivery == {"status": "success", "ids_served": 2}


NOTHING_DELIVERED = {
    "401": ({"status": 401, "body": {"error": "no such token"}}, "no such token"),
    "400": ({"status": 400, "body": {"error": f"unknown key for {A}"}}, "unknown key for [hidden]"),
    "404": ({"status": 404, "body": {"detail": "Not Found"}}, "Not Found"),
    "422": (
        {
            "status": 422,
            "body": {"detail": [{"loc": ["body", "attributes"], "msg": "too long", "type": "x"}]},
        },
        "too long",
    ),
    "429": ({"status": 429, "count": None}, "429"),
    "a gateway that asks to come back": (
        {"status": 503, "headers": {"Retry-After": "1"}, "count": None},
        "503",
    ),
    "failure": ({"status": 200, "body": {"status": "failure"}}, 'Signals responded with "failure"'),
}


@pytest.mark.parametrize(("fault", "told"), NOTHING_DELIVERED.values(), ids=NOTHING_DELIVERED)
def test_a_push_that_surely_delivered_nothing_is_an_error(stack, fault, told):
    """Nothing is recorded then, and the next deployment pushes, under the same id."""
    stack.emulator.fail(**PUSH, **fault)
    with pytest.raises(Incomplete) as raised:
        stack.up()
    assert told in str(raised.value)
    assert str(raised.value).startswith("greeting v1: nothing was delivered: ")
    assert str(raised.value).endswith("The next `pulumi up` pushes it.")
    assert A not in str(raised.value)
    stack.emulator.clear_faults()
    assert stack.up()[0] == "create"
    ids = {request["body"]["intervention_id"] for request in requests_of(stack.emulator)}
    assert len(ids) == 1


def test_an_update_that_surely_delivered_nothing_is_tried_again(stack):
    """A failed change leaves the record as it was, so that the next deployment carries it out."""
    stack.up()
    stack.emulator.fail(**PUSH, status=400, body={"error": "no"})
    before = dict(stack.outputs)
    with pytest.raises(Incomplete):
        stack.up(triggers=["x"])
    assert stack.outputs == before
    assert len(stack.up(triggers=["x"])[1]) == 1


def test_what_surely_did_not_arrive_is_sent_again_in_the_same_run(emulator):
    """A service that asks to wait has not taken the push up, so it is repeated, and delivered once."""
    stack = Stack(emulator, retrySeconds="20")
    emulator.fail(**PUSH, status=429, headers={"Retry-After": "0"}, count=2)
    with listening(emulator, A):
        assert [len(push) for push in stack.up()[1]] == [2, 2, 2]
    assert stack.delivery == {"status": "success", "ids_served": 2}


# Many ids


def test_a_thousand_ids_go_out_in_as_few_requests_as_urls_allow(stack):
    """Everybody is in one of seven requests, whose URLs are below eight thousand characters."""
    stack.up(targets=MANY)
    requests = requests_of(stack.emulator)
    assert len(requests) == 7
    assert all(len(f"{stack.emulator.url}{each['path']}?{each['query']}") <= 8_000 for each in requests)
    assert len({each["body"]["intervention_id"] for each in requests}) == 1
    everybody = [pair for push in pushes(stack.emulator) for pair in push]
    assert len(everybody) == 1_000
    assert set(everybody) == {(key, one) for key, ids in MANY.items() for one in ids}


def test_what_was_served_of_many_is_recorded(stack):
    """One lost answer does not end it; the places of those who were not served are known, the ids stand there once."""
    first = MANY["domain_sessionid"][0]
    stack.emulator.fail(**PUSH, nth=3, status=500)
    with listening(stack.emulator, first):
        _, pushed = stack.up(targets=MANY)
    sizes = [len(push) for push in pushed]
    assert len(sizes) == 7
    assert stack.outputs["status"] == "partial"
    assert stack.outputs["ids_served"] == sizes[0]
    unserved = stack.outputs["ids_not_served"]
    assert unserved["unconfirmed"] == [f"domain_sessionid[{sum(sizes[:2])}:{sum(sizes[:3])}]"]
    assert unserved["undelivered"] == [
        f"domain_sessionid[{sizes[0]}:{sum(sizes[:2])}]",
        f"domain_sessionid[{sum(sizes[:3])}:500]",
        "domain_userid[0:300]",
        "visitor[0:200]",
    ]
    assert json.dumps(stack.outputs).count(first) == 1
    assert f"{sizes[0]} ids served; {sizes[2]} ids unconfirmed" in stack.said[-1]
    assert "500" in stack.said[-1]
    assert stack.up(targets=MANY) == ("same", [])


def test_a_failure_in_the_middle_leaves_the_rest(stack):
    """What one request is refused for, the next would be too; what went out before it is recorded."""
    stack.emulator.fail(**PUSH, nth=2, count=None, status=401)
    with listening(stack.emulator, MANY["domain_sessionid"][0]):
        _, pushed = stack.up(targets=MANY)
    assert len(pushed) == 2
    served = len(pushed[0])
    assert stack.delivery == {
        "status": "partial",
        "ids_served": served,
        "ids_not_served": {
            "failed": [f"domain_sessionid[{served}:500]", "domain_userid[0:300]", "visitor[0:200]"]
        },
    }


def test_two_lost_answers_end_it(stack):
    """Each may take half a minute, so a service that is down is not asked seven times."""
    stack.emulator.fail(**PUSH, count=None, drop=True)
    _, pushed = stack.up(targets=MANY)
    assert len(pushed) == 2
    assert stack.outputs["status"] == "unconfirmed"
    assert stack.outputs["ids_not_served"].keys() == {"unconfirmed", "failed"}


def test_nobody_served_and_the_rest_refused_is_an_error(stack):
    """Where some had no subscriber and the others were refused, surely nothing was delivered."""
    stack.emulator.fail(**PUSH, nth=2, count=None, status=400)
    with pytest.raises(Incomplete):
        stack.up(targets=MANY)
    assert stack.outputs == {}


def test_failure_in_part_is_partial(stack):
    """`failure` of one request among others is recorded, and the others are still sent."""
    stack.emulator.fail(**PUSH, nth=2, status=200, body={"status": "failure"})
    with listening(stack.emulator, MANY["domain_sessionid"][0]):
        _, pushed = stack.up(targets=MANY)
    assert len(pushed) == 7
    assert stack.outputs["status"] == "partial"
    assert len(stack.outputs["ids_not_served"]["failed"]) == 1


def test_later_pushes_complete_the_record(stack):
    """Added ids are counted with those who had it; one push to all again replaces what was known."""
    stack.emulator.fail(**PUSH, drop=True, when="after")
    stack.up()
    with listening(stack.emulator, C):
        stack.up(targets={"domain_sessionid": [C, A, B]})
    assert stack.delivery == {
        "status": "partial",
        "ids_served": 1,
        "ids_not_served": {"unconfirmed": ["domain_sessionid[0:2]"]},
    }
    stack.up(targets={"domain_sessionid": [B, C]})
    assert stack.delivery["ids_not_served"] == {"unconfirmed": ["domain_sessionid[0:1]"]}
    stack.up(targets={"domain_sessionid": [C]})
    assert stack.delivery == {"status": "success", "ids_served": 1}


# Where, and for whom


def test_another_registry_is_refused(stack, emulator):
    """Check, read, update and delete all name both addresses, and send nothing."""
    stack.up()
    elsewhere = dict(
        stack.outputs, __signals={**stack.outputs["__signals"], "registry": "https://prod.example.com"}
    )
    mark = emulator.mark()
    with stack.run() as run:
        calls = [
            lambda: DIRECT.check(run, elsewhere, greeting(version=2)),
            lambda: DIRECT.read(run, "greeting", elsewhere),
            lambda: DIRECT.update(run, elsewhere, stack.inputs),
            lambda: DIRECT.delete(run, "greeting", elsewhere),
        ]
        for call in calls:
            with pytest.raises(UserFault) as raised:
                call()
            assert "belongs to the registry https://prod.example.com" in str(raised.value)
            assert "signals:movedFrom https://prod.example.com" in str(raised.value)
    assert emulator.mark() == mark


def test_a_registry_that_has_moved_is_recorded_without_a_push(emulator):
    """With `signals:movedFrom` the next deployment writes the new address down, and the setting can go."""
    stack = Stack(emulator)
    stack.up()
    for stored in (stack.inputs, stack.outputs):
        stored["__signals"]["registry"] = "https://old.example.com"
    stack.config = {"movedFrom": "https://old.example.com"}
    assert stack.up() == ("update", [])
    stack.config = {}
    assert stack.up() == ("same", [])


def test_nothing_can_be_looked_up(stack):
    """`opts.id` asks for something that Signals does not keep."""
    with stack.run() as run:
        for sent in (greeting(), greeting(__signals={}, intervention_id="")):
            with pytest.raises(UserFault, match="cannot be looked up"):
                DIRECT.read(run, "greeting", sent)


def test_two_of_one_name_are_refused_when_the_names_were_unknown(stack):
    """The second of a run is refused before anything of it is sent; a rule of the same name is no matter."""
    one, other = (
        kept(stack.check(greeting(__urn=f"urn:pulumi:dev::p::type::{name}")).inputs)
        for name in ("one", "other")
    )
    with stack.run() as run:
        run.claim("intervention", "greeting", "urn:pulumi:dev::p::type::rule")
        DIRECT.create(run, one)
        mark = stack.emulator.mark()
        with pytest.raises(
            Refused, match=r'two resources of this program are named "greeting".*"one".*"other"'
        ):
            DIRECT.create(run, other)
    assert stack.emulator.mark() == mark


def test_a_delete_of_a_rule_is_not_stopped_by_a_direct_intervention_of_its_name(stack):
    """The two kinds share no names."""
    with stack.run() as run:
        stack.check(greeting(), run)
        assert not run.is_declared("intervention", "greeting")


def test_nothing_of_a_secret_is_told(stack):
    """Where the resource holds secrets, the words of the service, which may repeat them, are withheld."""
    secret = {"attributes": {"code": "SAVE-10"}, "__secret": ["attributes", "targets"]}
    stack.emulator.fail(**PUSH, status=400, body={"error": "SAVE-10 is no good"})
    with pytest.raises(Incomplete) as raised:
        stack.up(**secret)
    assert "SAVE" not in str(raised.value)
    assert "details are hidden" in str(raised.value)
    stack.emulator.fail(**PUSH, status=500, body={"error": "SAVE-10 is no good"})
    stack.up(**secret)
    assert "SAVE" not in "".join(stack.said)
    assert stack.outputs["__secret"] == ["attributes", "targets"]
    (refused,) = stack.check(greeting(**{**secret, "attributes": {"code": "SAVE-20"}})).faults
    assert "SAVE" not in str(refused)


# What Pulumi hands over

_OTHERS = itertools.count()


@pytest.fixture
def provider(emulator):
    """The provider as Pulumi makes it, in a process whose client is closed at the end."""
    provider = DirectInterventionProvider()
    # A process keeps what it knows for each set of settings: no other test has these.
    other = f"https://{next(_OTHERS)}.example.com"
    given = {"apiUrl": emulator.url, "sandboxToken": emulator.token, "movedFrom": other}
    config = Config({f"signals:{name}": value for name, value in given.items()}, "project")
    provider.configure(ConfigureRequest(config))
    yield provider
    current_run().client.close()


def test_unknown_values_wait(provider, emulator):
    """Check answers unknowns in their places, computes none, judges the rest, and diff expects an update."""
    unknown = PulumiUnknown()
    checked = provider.check(
        {},
        {
            "name": "greeting",
            "version": 1.0,
            "attributes": {"text": unknown},
            "targets": {"domain_userid": unknown, "domain_sessionid": [A, unknown]},
            "__provider": "opaque",
        },
    )
    assert checked.failures == []
    assert checked.inputs == {
        "name": "greeting",
        "version": 1,
        "attributes": {"text": rpc.UNKNOWN},
        "targets": {"domain_userid": rpc.UNKNOWN, "domain_sessionid": [A, rpc.UNKNOWN]},
        "intervention_id": rpc.UNKNOWN,
        "__signals": rpc.UNKNOWN,
    }
    refused = provider.check({}, {**checked.inputs, "attributes": unknown, "targets": {"k": [unknown, "42"]}})
    assert [failure.reason.partition(":")[0] for failure in refused.failures] == ["targets.k[1]"]
    assert pushes(emulator) == []


def test_a_refresh_tells_inputs_and_outputs_apart(provider):
    """What came of the push is an output; as an input it would show in the next preview."""
    checked = provider.check({}, greeting())
    created = provider.create(checked.inputs)
    found = provider.read(created.id, dict(created.outs))
    assert found.id == "greeting"
    assert found.outs == created.outs
    assert found.inputs == checked.inputs
