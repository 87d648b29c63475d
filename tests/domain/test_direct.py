"""Direct interventions as values: to whom a change is pushed, which numbers are refused, what is remembered and said."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.push.announcement import Pushed, announce_delivery, announce_push
from pulumi_snowplow_signals.push.delivery import Delivery
from pulumi_snowplow_signals.push.message import Message, PushHistory, find_receivers, refusal
from pulumi_snowplow_signals.push.parsing import parse_direct_inputs
from pulumi_snowplow_signals.push.targets import (
    at_places,
    count,
    exclude,
    in_recorded_order,
    members,
    places,
)
from pulumi_snowplow_signals.wording.wording import Wording

A, B, C, D = (f"218e8926-3858-431d-b2ed-66da03a1cbe{digit}" for digit in "abcd")
HI = {"text": "Hi"}
INPUTS = {"name": "greeting", "version": 1, "targets": {"domain_sessionid": [A, B, C]}}

KEYS = st.sampled_from(["domain_sessionid", "domain_userid", "key_3"])
TARGETS = st.dictionaries(
    KEYS,
    st.lists(st.uuids().map(str), min_size=1, max_size=12, unique=True),
    min_size=1,
)


def parsed(**inputs):
    found, violations = parse_direct_inputs({**INPUTS, **inputs})
    assert violations == ()
    return found


def faults(raw, secret=()):
    found, told = parse_direct_inputs(raw, secret=secret)
    assert found is None
    return Wording.of(secret).faults(told)


# The id of a push


def test_the_id_of_a_push_is_the_same_in_every_release():
    """A subscriber drops a second copy by its id, so an id that was once given out is given out for ever."""
    assert Message("greeting", 1).intervention_id == "a7b7ddd3-c1a7-5f10-bffb-09f6a1193e33"
    assert Message("greeting", 2, HI, ("a", 1)).intervention_id == "0d49a583-2409-5e2f-9dc2-f49af868a54d"


def test_the_id_of_a_push_does_not_depend_on_how_pulumi_hands_values_over():
    """Neither the order of maps, which is random, nor numbers, which all come as floats, make another id."""
    ours = Message("greeting", 1, {"a": "1", "b": "2"}, (1, {"x": 2, "y": [3]}))
    theirs = Message("greeting", 1, {"b": "2", "a": "1"}, [1.0, {"y": [3.0], "x": 2.0}])
    assert ours.intervention_id == theirs.intervention_id
    assert UUID(ours.intervention_id).version == 5


@pytest.mark.parametrize(
    "other",
    [
        Message("hello", 1, HI, ("a",)),
        Message("greeting", 2, HI, ("a",)),
        Message("greeting", 1, {"text": "Ho"}, ("a",)),
        Message("greeting", 1, {}, ("a",)),
        Message("greeting", 1, HI),
        Message("greeting", 1, HI, ("a", "a")),
        Message("greeting", 1, HI, (True,)),
        Message("greeting", 1, HI, (1,)),
        Message("greeting", 1, HI, ("1",)),
    ],
    ids=str,
)
def test_another_message_has_another_id(other):
    """Name, version, attributes and triggers each make another push of it."""
    assert other.intervention_id != Message("greeting", 1, HI, ("a",)).intervention_id


# To whom a change is pushed


@pytest.mark.parametrize(
    ("proposed", "everybody"),
    [
        (Message("greeting", 1, HI, (1,)), False),
        (Message("greeting", 1, HI, (1.0,)), False),
        (Message("greeting", 2, HI, (1,)), True),
        (Message("greeting", 1, {"text": "Ho"}, (1,)), True),
        (Message("greeting", 1, {}, (1,)), True),
        (Message("greeting", 1, HI, (2,)), True),
        (Message("greeting", 1, HI, (True,)), True),
        (Message("greeting", 1, HI), True),
    ],
    ids=[
        "the same", "a number in another spelling", "another version", "other attributes", "no attributes",
        "another trigger", "true is not 1", "no triggers",
    ],
)  # fmt: skip
def test_a_changed_message_goes_to_everybody(proposed, everybody):
    """A change of version, attributes or triggers is pushed to all, anything else to nobody who had it."""
    prior, targets = Message("greeting", 1, HI, (1,)), {"domain_sessionid": [A, B]}
    assert find_receivers(prior, targets, proposed, targets) == (targets if everybody else {})


def test_changed_targets_alone_go_to_those_who_are_added():
    """Who was there before gets nothing, nor does who is named in the other case, or goes."""
    message = Message("greeting", 1)
    old = {"domain_sessionid": [A, B], "domain_userid": [C]}
    new = {"domain_sessionid": [D, A.upper()], "domain_userid": [B, C]}
    assert find_receivers(message, old, message, new) == {"domain_sessionid": [D], "domain_userid": [B]}


def test_a_new_message_goes_to_everybody():
    """Without anything recorded, all targets are pushed to."""
    assert find_receivers(None, {}, Message("greeting", 1), {"k": [A]}) == {"k": [A]}


# Which numbers are refused


def test_what_was_pushed_under_a_number_stays_its_content():
    """The refusal names each field with both values, and the number to write."""
    prior = Message("greeting", 3, {"text": "Hi", "gone": "x", "same": "y"})
    history = PushHistory("loopback").after(Message("greeting", 1)).after(prior)
    proposed = Message("greeting", 3, {"text": "Hello", "new": "z", "same": "y"})
    assert refusal(history, prior, proposed) == (
        'version: attributes.gone: "x" removed; attributes.new: "z" added; attributes.text changed ("Hi" → "Hello"), '
        'but version is still 3. Version 3 of "greeting" has been pushed and cannot change. Set version=4.'
    )


def test_a_refusal_repeats_no_secret():
    """Of attributes that are a secret it is only said that they changed."""
    prior = Message("greeting", 1, {"code": "SAVE-10"})
    history = PushHistory("loopback").after(prior)
    told = refusal(history, prior, Message("greeting", 1, {"code": "SAVE-20"}), ["attributes"])
    assert told is not None
    assert told.startswith("version: attributes changed (secret), but version is still 1.")
    assert "SAVE" not in told
    assert "code" not in told


NUMBERS = {
    "the recorded number with its attributes": (3, {"text": "three"}, None),
    "a higher number": (4, {"text": "four"}, None),
    "a number that was leapt over before it was pushed": (7, {"text": "seven"}, None),
    "an earlier number with its attributes, to go back": (1, {"text": "one"}, None),
    "an earlier number with others": (
        1,
        {"text": "four"},
        'version: 1 of "greeting" has been pushed with other attributes. Set version=4.',
    ),
    "a lower number that this stack never pushed": (
        2,
        {"text": "four"},
        'version: 2 is lower than 3, the highest number that "greeting" has had. Set version=4.',
    ),
}


@pytest.mark.parametrize(("number", "attributes", "told"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(number, attributes, told):
    """A number never stands for two sets of attributes."""
    one, three = Message("greeting", 1, {"text": "one"}), Message("greeting", 3, {"text": "three"})
    history = PushHistory("loopback").after(one).after(three)
    assert refusal(history, three, Message("greeting", number, attributes)) == told


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abc")), max_size=12))
def test_no_sequence_of_pushes_gives_a_number_two_contents(wishes):
    """Whatever a program asks for in turn, each number that was pushed has had one content."""
    prior, history, pushed = None, PushHistory("loopback"), {}
    for number, text in wishes:
        message = Message("greeting", number, {"text": text})
        if refusal(history, prior, message) is None:
            prior, history = message, PushHistory.from_wire(history.after(message).to_wire())
            assert pushed.setdefault(number, text) == text


# Targets


@given(TARGETS, st.data())
def test_places_name_exactly_those_who_are_meant(targets, data):
    """Slices of the targets lead back to the same ids, and hold none."""
    some = data.draw(st.sets(st.sampled_from(sorted(members(targets)))))
    slices = places(targets, some)
    assert at_places(targets, slices) == some
    assert not any(key_id in " ".join(slices) for _, key_id in members(targets))


def test_places_are_slices_of_the_lists():
    """Neighbours are joined, so that a thousand ids in a row take one line."""
    targets = {"domain_userid": [A], "domain_sessionid": [A, B, C, D]}
    some = {("domain_sessionid", A), ("domain_sessionid", B), ("domain_sessionid", D), ("domain_userid", A)}
    assert places(targets, some) == ["domain_sessionid[0:2]", "domain_sessionid[3:4]", "domain_userid[0:1]"]


@given(TARGETS, TARGETS)
def test_the_recorded_order_is_kept(targets, recorded):
    """Who was there stands where they stood, new ones come last, and nobody is lost or added."""
    ordered = in_recorded_order(targets, recorded)
    assert members(ordered) == members(targets)
    assert count(ordered) == count(targets)
    for key, ids in ordered.items():
        kept = [one for one in recorded.get(key, []) if one in ids]
        assert ids[: len(kept)] == kept


def test_the_recorded_spelling_is_kept():
    """Upper and lower case of an id are the same, so a change of case shows as no change."""
    recorded = {"domain_sessionid": [A, B.upper()]}
    assert in_recorded_order({"domain_sessionid": [C, B, A.upper()]}, recorded) == {
        "domain_sessionid": [A, B.upper(), C]
    }
    assert exclude({"domain_sessionid": [A.upper()]}, members(recorded)) == {}


# What became of a push

ALL = {"domain_sessionid": [A, B, C, D]}


def part(*ids):
    return {"domain_sessionid": list(ids)}


DELIVERIES = {
    "all were served": ([(ALL, "served")], "success", 4, None),
    "nobody is subscribed": ([(ALL, "undelivered")], "undelivered", 0, {"undelivered": [(0, 4)]}),
    "no answer came": ([(ALL, "unconfirmed")], "unconfirmed", 0, {"unconfirmed": [(0, 4)]}),
    "some were served, of others nothing is known": (
        [(part(A, B), "served"), (part(C, D), "unconfirmed")],
        "partial",
        2,
        {"unconfirmed": [(2, 4)]},
    ),
    "some were served, the rest was not reached": (
        [(part(A), "served"), (part(B), "undelivered"), (part(C, D), "failed")],
        "partial",
        1,
        {"undelivered": [(1, 2)], "failed": [(2, 4)]},
    ),
    "nothing is known of some, the rest surely got nothing": (
        [(part(A), "unconfirmed"), (part(B), "undelivered"), (part(C, D), "failed")],
        "unconfirmed",
        0,
        {"unconfirmed": [(0, 1)], "undelivered": [(1, 2)], "failed": [(2, 4)]},
    ),
}


@pytest.mark.parametrize(("pushed", "status", "served", "unserved"), DELIVERIES.values(), ids=DELIVERIES)
def test_what_became_of_a_push_is_recorded(pushed, status, served, unserved):
    """A word, a count and the places of those who were not served; none where all were."""
    outputs = Delivery(ALL, {}).followed_by(pushed, ALL).to_wire()
    expected = {"status": status, "ids_served": served}
    if unserved is not None:
        expected["ids_not_served"] = {
            fate: [f"domain_sessionid[{start}:{end}]" for start, end in slices]
            for fate, slices in unserved.items()
        }
    assert outputs == expected


def test_a_later_push_completes_the_record():
    """Who is added counts with those who were there; who is taken off is no longer counted, wherever they stood."""
    first = Delivery(part(A, B, C), {}).followed_by(
        [(part(A), "served"), (part(B, C), "unconfirmed")], part(A, B, C)
    )
    now = part(D, C, A)
    later = Delivery.from_wire(first.to_wire(), part(A, B, C)).followed_by([(part(D), "served")], now)
    assert later.to_wire() == {
        "status": "partial",
        "ids_served": 2,
        "ids_not_served": {"unconfirmed": ["domain_sessionid[1:2]"]},
    }
    assert Delivery.from_wire(later.to_wire(), now).followed_by([], part(D, A)).status == "success"


# Faults

FAULTS = {
    "no targets": (
        {"name": "greeting", "version": 1},
        ["targets: is required"],
    ),
    "an empty mapping": (
        {**INPUTS, "targets": {}},
        ["targets: is empty; name at least one attribute key with its ids, as in "],
    ),
    "a list": (
        {**INPUTS, "targets": [A]},
        ["targets: is not a mapping of attribute keys to lists of ids, such as "],
    ),
    "an empty list": (
        {**INPUTS, "targets": {"domain_sessionid": [], "domain_userid": [A]}},
        ["targets.domain_sessionid: is an empty list; name at least one id, or leave the attribute key out"],
    ),
    "an id that is no list": (
        {**INPUTS, "targets": {"domain_sessionid": A}},
        ["targets.domain_sessionid: is not a list; write a single id as [id]"],
    ),
    "more attribute keys than the service takes": (
        {**INPUTS, "targets": {f"key_{number}": [A] for number in range(101)}},
        ["targets: has 101 attribute keys; 1 to 100 are allowed"],
    ),
    "an attribute key that is no name": (
        {**INPUTS, "targets": {"domain-sessionid": [A]}},
        ['targets: has the attribute key "domain-sessionid" that is not a name; a name has'],
    ),
    "an id for an attribute key": (
        {**INPUTS, "targets": {A: ["domain_sessionid"]}},
        ["targets: has the attribute key that is not a name; a name has"],
    ),
    "ids that can be guessed": (
        {**INPUTS, "targets": {"user_id": [A, "42", 43.0, A.replace("-", ""), f"{A}\n", f"{{{A}}}"]}},
        [
            f"targets.user_id[{index}]: is not a UUID (8-4-4-4-12 hexadecimal digits); "
            "Signals rejects ids that can be guessed"
            for index in range(1, 6)
        ],
    ),
    "an id named twice": (
        {**INPUTS, "targets": {"domain_sessionid": [A, B, A.upper()], "domain_userid": [A]}},
        [
            (
                "targets.domain_sessionid[2]: is the same id as targets.domain_sessionid[0]; name each once "
                "(upper and lower case are the same)"
            )
        ],
    ),
    "a thousand ids at fault": (
        {**INPUTS, "targets": {"domain_userid": [A, *map(str, range(1000))]}},
        [f"targets.domain_userid[{index}]: is not a UUID" for index in range(1, 6)]
        + ["targets.domain_userid: 995 more of its 1001 ids have faults"],
    ),
    "attributes that are no strings": (
        {**INPUTS, "attributes": {"discount": 10.0, "vip": True, "text": "ok"}},
        [
            "attributes.discount: is 10; attribute values must be strings: quote it",
            "attributes.vip: is true; attribute values must be strings",
        ],
    ),
    "one of each at once": (
        {"nam": "x", "name": "say hello", "version": 0.0, "attributes": {"a": 1.0}, "targets": {"k": ["42"]}},
        [
            'name: is "say hello"; a name has 1 to 128 letters, digits and underscores',
            "version: is 0; expected a whole number of 1 or more",
            "attributes.a: is 1; attribute values must be strings",
            "nam: ",
            "targets.k[0]: is not a UUID",
        ],
    ),
    "no version": (
        {"name": "greeting", "targets": {"k": [A]}},
        ["version: is required"],
    ),
}


@pytest.mark.parametrize(("raw", "told"), FAULTS.values(), ids=FAULTS)
def test_faults(raw, told):
    """Every fault is told, with its path, and no id with it."""
    found = faults(raw)
    assert len(found) == len(told), found
    for fault, beginning in zip(found, told, strict=True):
        assert fault.startswith(beginning), fault
    without_the_example = [fault.replace("218e8926-3858-431d-b2ed-66da03a1cbe5", "") for fault in found]
    assert not re.search("218e8926", " ".join(without_the_example), re.IGNORECASE)


def test_faults_repeat_no_secret():
    """Of attributes and keys that are secrets only the path is told."""
    raw = {
        **INPUTS,
        "attributes": {"code": 4711.0},
        "targets": {"the-key": [A]},
        "triggers": "ticket-12",
    }
    told = "\n".join(faults(raw, ["attributes", "targets", "triggers"]))
    assert told.count("is a secret") == 2
    for secret in ("4711", "the-key", "ticket-12", A):
        assert secret not in told


@pytest.mark.parametrize(
    "given",
    [{"attributes": {}}, {"attributes": None}, {"triggers": []}, {"triggers": None}, {}],
    ids=["empty attributes", "null attributes", "no triggers in the list", "null triggers", "neither"],
)
def test_what_is_empty_is_left_out(given):
    """Empty and absent are the same."""
    assert parsed(**given).message == Message("greeting", 1)


@given(TARGETS, st.data())
def test_what_is_unknown_is_not_judged(targets, data):
    """An unknown anywhere is neither refused nor guessed, and what stands beside it still is judged."""
    key = data.draw(st.sampled_from(sorted(targets)))
    for unknown in (UNKNOWN, {**targets, key: UNKNOWN}, {**targets, key: [*targets[key], UNKNOWN]}):
        assert parsed(targets=unknown).targets == unknown
    assert parsed(attributes={"a": UNKNOWN}).message is None
    assert parsed(attributes=UNKNOWN).message is None
    assert parsed(triggers=[{"a": UNKNOWN}]).message is None
    told = faults({**INPUTS, "name": UNKNOWN, "version": UNKNOWN, "targets": {key: [UNKNOWN, "42"]}})
    assert [fault.partition(":")[0] for fault in told] == [f"targets.{key}[1]"]


# What a preview says

RECORDED = Pushed(Message("greeting", 1, HI), {"domain_sessionid": [A, B, C]})
LINES = {
    "a new one": (
        None,
        {},
        "warning: greeting v1 will be pushed at once to 3 ids; cannot be undone: sent to domain_sessionid",
    ),
    "a new one for a single id": (
        None,
        {"targets": {"domain_sessionid": [A]}},
        "warning: greeting v1 will be pushed at once to 1 id; cannot be undone: sent to domain_sessionid",
    ),
    "no change": (RECORDED, {"attributes": HI}, None),
    "another order": (
        RECORDED,
        {"attributes": HI, "targets": {"domain_sessionid": [C, A.upper(), B]}},
        None,
    ),
    "another version": (
        RECORDED,
        {"attributes": HI, "version": 2},
        'warning: greeting v1 → v2 will be pushed at once to 3 ids; cannot be undone: version changed; text "Hi"; sent to domain_sessionid',
    ),
    "another version and other attributes": (
        RECORDED,
        {"version": 2},
        "warning: greeting v1 → v2 will be pushed at once to 3 ids; cannot be undone: version and attributes changed; sent to domain_sessionid",
    ),
    "a trigger": (
        RECORDED,
        {"attributes": HI, "triggers": ["again"]},
        'warning: greeting v1 will be pushed at once to 3 ids; cannot be undone: triggers changed; text "Hi"; sent to domain_sessionid',
    ),
    "ids added and removed": (
        RECORDED,
        {"attributes": HI, "targets": {"domain_sessionid": [A, D], "domain_userid": [A]}},
        'warning: greeting v1 will be pushed at once to 2 ids; cannot be undone: added to targets; text "Hi"; sent to domain_sessionid, domain_userid',
    ),
    "ids removed": (
        RECORDED,
        {"attributes": HI, "targets": {"domain_sessionid": [A]}},
        "info: greeting v1: 2 ids removed from targets; nothing is pushed",
    ),
    "targets that are not known": (
        None,
        {"targets": UNKNOWN},
        "warning: greeting v1 will be pushed at once to ids that are not known yet; cannot be undone",
    ),
    "some targets that are not known": (
        None,
        {"targets": {"domain_sessionid": [A, UNKNOWN], "domain_userid": UNKNOWN}},
        "warning: greeting v1 will be pushed at once to 1 id and others that are not known yet; cannot be undone: sent to domain_sessionid",
    ),
    "added targets that are not known": (
        RECORDED,
        {"attributes": HI, "targets": {"domain_sessionid": [A, B, C, UNKNOWN]}},
        'warning: greeting v1 will be pushed at once to ids that are not known yet; cannot be undone: added to targets; text "Hi"',
    ),
    "attributes that are not known": (
        RECORDED,
        {"attributes": UNKNOWN},
        "warning: greeting v1 may be pushed at once to 3 ids, depending on what is not known yet; cannot be undone: attributes that are not known yet; sent to domain_sessionid",
    ),
    "a name that is not known": (
        None,
        {"name": UNKNOWN},
        "warning: a direct intervention v1 will be pushed at once to 3 ids; cannot be undone: sent to domain_sessionid",
    ),
    "a version that is not known": (
        None,
        {"version": UNKNOWN},
        "warning: greeting will be pushed at once to 3 ids; cannot be undone: sent to domain_sessionid",
    ),
}


@pytest.mark.parametrize(("prior", "inputs", "line"), LINES.values(), ids=LINES)
def test_a_preview_says_to_how_many(prior, inputs, line):
    """A line for each push and none where nothing is pushed; ids are counted, not told."""
    remark = announce_push(prior, parsed(**inputs), Wording())
    assert (remark and f"{remark.severity}: {remark.text}") == line


@pytest.mark.parametrize(
    ("triggers", "line"),
    [
        ((), 'write triggers=["again"].'),
        (("launch of May",), 'add an item to triggers: triggers=[..., "again 2"].'),
    ],
    ids=["none yet", "some, which may be secrets"],
)
def test_a_push_that_went_wrong_says_how_to_push_again(triggers, line):
    """Counts by what became of them, the reason, and the line that pushes again, which always is a change."""
    pushed = [(part(A), "served"), (part(B, C), "unconfirmed"), (part(D), "failed")]
    remark = announce_delivery(Message("greeting", 1, HI, triggers), pushed, "no answer in time")
    assert remark is not None
    assert remark.severity == "warning"
    assert remark.text == (
        "greeting v1: 1 id served; 2 ids unconfirmed: the push was sent, and no response says whether it was delivered; "
        "1 id not served (no answer in time). Later runs do not retry it. "
        f"To push to all ids again, {line}"
    )


def test_a_push_that_went_well_says_nothing():
    """There is nothing to do about it."""
    assert announce_delivery(Message("greeting", 1), [(part(A), "served"), (part(B), "served")], "") is None


def test_an_id_is_checked_in_its_usual_form_only():
    """Any UUID passes in either case, whatever its version."""
    many = [str(uuid4()), str(UUID(int=0)), str(UUID(int=2**128 - 1)).upper()]
    assert parsed(targets={"domain_userid": many}).targets == {"domain_userid": many}
