"""What a program declares becomes a definition, or every fault in it is told at once, with its path and a way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from forms import KINDS, form_of
from generated import declarations
from hypothesis import given
from hypothesis import strategies as st
from samples import CART, IDLE, PAID, PLAN, all_, any_, declared, is_, none, parse

from pulumi_snowplow_signals.criteria.operators import OPERATORS
from pulumi_snowplow_signals.criteria.tree import wire_of
from pulumi_snowplow_signals.fields.unknown import UNKNOWN
from pulumi_snowplow_signals.kinds.intervention import Intervention
from pulumi_snowplow_signals.kinds.options import Options
from pulumi_snowplow_signals.wording.wording import Wording

A, B = is_(CART, ">", 75), is_(IDLE, ">=", 15)
CHANGED = is_(PLAN, "changed")

ATTRIBUTE = (
    "an attribute is written group:attribute, and each part has 1 to 128 letters, digits and underscores"
)
ALLOWED = f"allowed are {', '.join(OPERATORS)}."
NODE = (
    "a criterion has attribute, operator and, for most operators, value; a group has one of all, any and none"
)
ONE_KEY = "a node has exactly one of all, any and none, or is a criterion"
ONE_KIND = "all items of a list must be strings, or all numbers, or all booleans"
NO_VALUE = "takes no value: remove it"
NAME = "a name has 1 to 128 letters, digits and underscores"
NUMBER = "expected a whole number of 1 or more"
OWNER = "expected the e-mail address of a person or team."
INPUTS = f"allowed: {', '.join([*Intervention.model_fields, *Options.model_fields])}."
PARTS = "allowed: attribute, operator, value, all, any, none."

# Criteria, and all that is told of them.
CRITERIA: list[tuple[Any, list[str]]] = [
    # the attribute
    (is_("cart_value", ">", 1), [f'criteria.attribute: is "cart_value"; {ATTRIBUTE}']),
    (is_("shopping:cart_value\n", ">", 1), [f'criteria.attribute: is "shopping:cart_value\\n"; {ATTRIBUTE}']),
    (is_("a:b:c", ">", 1), [f'criteria.attribute: is "a:b:c"; {ATTRIBUTE}']),
    (is_("x" * 129 + ":a", ">", 1), [f'criteria.attribute: is "{"x" * 59}…; {ATTRIBUTE}']),
    ({"operator": ">", "value": 1}, ["criteria.attribute: is required"]),
    # the operator: as other languages spell it, in capitals, with a slip
    (is_(CART, "==", 1), [f'criteria.operator: is "=="; {ALLOWED} Did you mean "="?']),
    (is_(CART, "<>", 1), [f'criteria.operator: is "<>"; {ALLOWED} Did you mean "!="?']),
    (is_(CART, "=>", 1), [f'criteria.operator: is "=>"; {ALLOWED} Did you mean ">="?']),
    (is_(CART, "GTE", 1), [f'criteria.operator: is "GTE"; {ALLOWED} Did you mean ">="?']),
    (is_(CART, "exists", 1), [f'criteria.operator: is "exists"; {ALLOWED} Did you mean "is not null"?']),
    (is_(CART, "IN", [1]), [f'criteria.operator: is "IN"; {ALLOWED} Did you mean "in"?']),
    (is_(CART, "notin", [1]), [f'criteria.operator: is "notin"; {ALLOWED} Did you mean "not in"?']),
    (is_(CART, "is nul"), [f'criteria.operator: is "is nul"; {ALLOWED} Did you mean "is null"?']),
    (is_(CART, "contains", 1), [f'criteria.operator: is "contains"; {ALLOWED}']),
    ({"attribute": CART}, ["criteria.operator: is required"]),
    # the value: missing, forbidden, or of another kind than the operator takes
    (is_(PLAN, "="), ['criteria.value: is missing: "=" needs a string, a number or a boolean']),
    (is_(PLAN, "=", [1]), ['criteria.value: is [1]; "=" takes a string, a number or a boolean']),
    (is_(PAID, ">", True), ['criteria.value: is true; ">" takes a number or a string']),
    (is_(PLAN, "like", 5.0), ['criteria.value: is 5; "like" takes a string']),
    (is_(PLAN, "rlike"), ['criteria.value: is missing: "rlike" needs a string']),
    (is_(PLAN, "in", "free"), ['criteria.value: is "free"; "in" takes a non-empty list']),
    (is_(PLAN, "in", []), ['criteria.value: is []; "in" takes a non-empty list']),
    (is_(PLAN, "in"), ['criteria.value: is missing: "in" needs a non-empty list']),
    (is_(PLAN, "is null", ""), [f'criteria.value: is "", but "is null" {NO_VALUE}']),
    (is_(PLAN, "is not null", []), [f'criteria.value: is [], but "is not null" {NO_VALUE}']),
    (is_(PLAN, "changed", False), [f'criteria.value: is false, but "changed" {NO_VALUE}']),
    (is_(PLAN, "in", ["a", 1]), [f'criteria.value: is ["a", 1]; {ONE_KIND}']),
    (is_(PLAN, "in", [1, True]), [f"criteria.value: is [1, true]; {ONE_KIND}"]),
    (is_(PLAN, "in", ["a", None]), [f'criteria.value: is ["a", null]; {ONE_KIND}']),
    (is_(PLAN, "=", {"a": 1}), ['criteria.value: is {"a": 1}; expected a string, number, boolean or a list of these']),
    (is_(CART, "=", float("nan")), ["criteria.value: is not a finite number"]),
    (is_(CART, "in", [float("-inf")]), ["criteria.value: is not a finite number"]),
    (is_(CART, "=", 2**53 + 1), ["criteria.value: is 9007199254740993; integers beyond 2^53 would lose digits"]),
    (is_(PLAN, "=", "a\0"), ["criteria.value: contains a null character, which Signals rejects"]),
    # groups
    (all_(), ['criteria: has an empty "all"; add at least one criterion']),
    (all_(A, any_(), none()), ['criteria.all[1]: has an empty "any"; add at least one criterion', 'criteria.all[2]: has an empty "none"; add at least one criterion']),
    ({"all": A}, ['criteria.all: is {"attribute": "shopping:cart_value", "operator": ">", "value…; expected a list']),
    ({"all": [A], "any": [B]}, [f"criteria: has the keys all, any; {ONE_KEY}"]),
    ({"all": [A], "any": [], "none": None}, [f"criteria: has the keys all, any; {ONE_KEY}", 'criteria: has an empty "any"; add at least one criterion']),
    ({"any": [B], **A}, [f"criteria: has the keys any, attribute, operator, value; {ONE_KEY}"]),
    (all_(A, 5.0, None, {}), [f"criteria.all[1]: is 5; {NODE}", f"criteria.all[2]: is null; {NODE}", f"criteria.all[3]: is {{}}; {NODE}"]),
    ({"al": [A]}, [f'criteria: is {{"al": [{{"attribute": "shopping:cart_value", "operator": ">"…; {NODE}']),
    ("shopping:cart_value > 75", [f'criteria: is "shopping:cart_value > 75"; {NODE}']),
    ({**A, "valeu": 1}, [f'criteria.valeu: does not exist; {PARTS} Did you mean "value"?']),
    ({"all": [A], "comment": "x"}, [f"criteria.comment: does not exist; {PARTS}"]),
    # `changed` alone, or under nothing but `all`
    (any_(A, CHANGED), ['criteria.any[1].operator: "changed" may stand alone or inside "all"; here it is inside "any"']),
    (none(CHANGED), ['criteria.none[0].operator: "changed" may stand alone or inside "all"; here it is inside "none"']),
    (all_(any_(all_(CHANGED))), ['criteria.all[0].any[0].all[0].operator: "changed" may stand alone or inside "all"; here it is inside "any"']),
]  # fmt: skip

# Other inputs, and all that is told of them.
INPUTS_AT_FAULT: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": "bad name"}, [f'name: is "bad name"; {NAME}']),
    ({"name": "good\n"}, [f'name: is "good\\n"; {NAME}']),
    ({"name": "x" * 129}, [f'name: is "{"x" * 59}…; {NAME}']),
    ({"name": 5.0}, ["name: is 5; expected a string"]),
    ({"owner": None}, ["owner: is required"]),
    ({"owner": "marketing"}, [f'owner: is "marketing"; {OWNER} An email address must have an @-sign.']),
    ({"owner": ["a@b.de"]}, ['owner: is ["a@b.de"]; expected a string']),
    ({"owner": f"{'a' * 250}@b.com"}, ["owner: is longer than 255 characters"]),
    ({"description": 5.0}, ["description: is 5; expected a string"]),
    ({"description": "a\0"}, ["description: contains a null character, which Signals rejects"]),
    ({"version": 0.0}, [f"version: is 0; {NUMBER}"]),
    ({"version": 1.5}, [f"version: is 1.5; {NUMBER}"]),
    ({"version": True}, [f"version: is true; {NUMBER}"]),
    ({"version": "1"}, [f'version: is "1"; {NUMBER}']),
    ({"version": 2.0**31}, [f"version: is 2147483648; {NUMBER}"]),
    ({"published": "yes"}, ['published: is "yes"; expected true or false']),
    ({"adopt": 1.0}, ["adopt: is 1; expected true or false"]),
    ({"on_destroy": "retian"}, ['on_destroy: is "retian"; allowed are "unpublish", "delete", "retain". Did you mean "retain"?']),
    ({"target_attribute_keys": "domain_userid"}, ['target_attribute_keys: is "domain_userid"; expected a list']),
    ({"target_attribute_keys": ["bad name", 5.0, {"nmae": "x"}]}, [
        f'target_attribute_keys[0].name: is "bad name"; {NAME}',
        'target_attribute_keys[1]: is 5; expected a name or {"name": ...}',
        "target_attribute_keys[2].name: is required",
        'target_attribute_keys[2].nmae: does not exist; allowed: name. Did you mean "name"?',
    ]),
    ({"payload_attribute_groups": [{"name": "g", "version": 0.0}, {"version": 1.0}]}, [
        f"payload_attribute_groups[0].version: is 0; {NUMBER}",
        "payload_attribute_groups[1].name: is required",
    ]),
    ({"ownr": "a@b.de"}, [f'ownr: does not exist; {INPUTS} Did you mean "owner"?']),
]  # fmt: skip


def told(raw: Mapping[str, Any], *, secret: tuple[str, ...] = ()) -> list[str]:
    """Return every fault in inputs."""
    parsed, options = parse(raw)
    assert parsed.definition is None or not parsed.faults
    return Wording.of(secret).faults((*parsed.faults, *options.faults))


@pytest.mark.parametrize(("criteria", "faults"), CRITERIA, ids=[faults[0][:90] for _, faults in CRITERIA])
def test_criteria(criteria: Any, faults: list[str]) -> None:
    """A fault in the criteria is told with its path, what was found and what is allowed."""
    assert told({**declared(), "criteria": criteria}) == faults


@pytest.mark.parametrize(("inputs", "faults"), INPUTS_AT_FAULT, ids=[row[1][0][:90] for row in INPUTS_AT_FAULT])  # fmt: skip
def test_inputs(inputs: dict[str, Any], faults: list[str]) -> None:
    """A fault in an input is told with its path, what was found and what is allowed."""
    assert told(declared(**inputs)) == faults


def test_every_fault_is_told_at_once() -> None:
    """All that is wrong with a resource is told in one go, so that it is mended in one go."""
    children = [criteria for criteria, _ in CRITERIA]
    raw = declared(all_(*children), name="bad name", owner="marketing", version=0.0)
    below = [
        fault.replace("criteria", f"criteria.all[{i}]", 1)
        for i, (_, faults) in enumerate(CRITERIA)
        for fault in faults
    ]
    expected = [f'name: is "bad name"; {NAME}', f'owner: is "marketing"; {OWNER} An email address must have an @-sign.', *below, f"version: is 0; {NUMBER}"]  # fmt: skip
    assert sorted(told(raw)) == sorted(expected)


def test_what_stands_below_a_fault_is_judged_as_well() -> None:
    """A node with two keys does not keep its children's faults back."""
    assert told(declared({"all": [is_(CART, "==", 75)], "any": [is_("cart", ">", 1)]})) == [
        f'criteria.all[0].operator: is "=="; {ALLOWED} Did you mean "="?',
        f'criteria.any[0].attribute: is "cart"; {ATTRIBUTE}',
        f"criteria: has the keys all, any; {ONE_KEY}",
    ]


def test_nesting_has_a_limit() -> None:
    """A hundred levels are taken; one more is refused, and the other inputs are judged all the same."""
    tree = A
    for _ in range(100):
        tree = all_(tree)
    assert told(declared(tree)) == []
    assert told(declared(all_(tree), owner="marketing")) == [
        f'owner: is "marketing"; {OWNER} An email address must have an @-sign.',
        "criteria: is nested more than 100 levels deep",
    ]


@pytest.mark.parametrize("criteria", [CHANGED, all_(CHANGED, A), all_(all_(CHANGED), A)])
def test_changed_may_stand_alone_or_under_all(criteria: Any) -> None:
    """`changed` is taken as the whole rule, and under nothing but `all`."""
    assert told(declared(criteria)) == []


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_takes_what_it_should(operator: Any) -> None:
    """Each operator takes the kinds of values of its row in the documentation, and no other."""
    taken = {kind for kind, value in KINDS.items() if not told(declared(is_(PLAN, operator, value)))}
    assert taken == form_of(operator).kinds


SECRET_WORD = "hush"
SECRETS: list[tuple[str, dict[str, Any]]] = [
    ("criteria", declared(is_(PLAN, SECRET_WORD, 1))),
    ("criteria", declared(is_(SECRET_WORD, "=", 1))),
    ("criteria", declared(is_(PLAN, "is null", SECRET_WORD))),
    ("criteria", declared({**A, SECRET_WORD: 1})),
    ("criteria", declared({"all": [A], SECRET_WORD: 1})),
    ("criteria", declared({SECRET_WORD: 1})),
    ("owner", declared(owner=SECRET_WORD)),
    ("target_attribute_keys", declared(target_attribute_keys=[f"{SECRET_WORD}!"])),
    ("target_attribute_keys", declared(target_attribute_keys=[{SECRET_WORD: 1}])),
    ("on_destroy", declared(on_destroy=SECRET_WORD)),
]


@pytest.mark.parametrize(("name", "raw"), SECRETS)
def test_secrets_are_withheld(name: str, raw: dict[str, Any]) -> None:
    """The fault of a secret is told by its path and what is allowed, without a word of what was found."""
    faults = told(raw, secret=(name,))
    assert faults
    assert [fault for fault in faults if SECRET_WORD in fault] == []
    assert any(SECRET_WORD in fault for fault in told(raw))


def test_the_near_spelling_of_a_secret_is_withheld() -> None:
    """What was meant would tell what was written."""
    assert told(declared(is_(PLAN, "==", "x")), secret=("criteria",)) == [
        f"criteria.operator: is a secret; {ALLOWED}"
    ]


@given(declarations())
def test_what_is_right_is_taken_as_it_is(raw: dict[str, Any]) -> None:
    """A program without a fault becomes the definition that it declares."""
    parsed, options = parse(raw)
    assert (parsed.faults, options.faults) == ((), ())
    assert parsed.definition is not None
    keys = [{"name": key} for key in raw.get("target_attribute_keys", ())]
    assert parsed.definition.equals(Intervention.stored({**raw, "target_attribute_keys": keys}))
    assert wire_of(parsed.definition.criteria) == raw["criteria"]
    found = options.options
    assert isinstance(found, Options)
    assert (found.version, found.published) == (raw.get("version"), raw.get("published", True))


@st.composite
def _partly_unknown(draw: st.DrawFn, value: Any) -> Any:
    """Return a value with unknowns in the place of some of what it holds."""
    if draw(st.integers(0, 3)) == 0:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: draw(_partly_unknown(item)) for key, item in value.items()}
    return [draw(_partly_unknown(item)) for item in value] if isinstance(value, list) else value


@given(st.data(), declarations())
def test_unknowns_are_no_faults(data: st.DataObject, raw: dict[str, Any]) -> None:
    """Wherever an output of another resource stands, nothing is refused that may turn out right."""
    assert told({name: data.draw(_partly_unknown(value)) for name, value in raw.items()}) == []


def test_the_rest_beside_an_unknown_is_judged() -> None:
    """An unknown keeps no fault beside it back, in the same criterion or the same list either."""
    raw = declared(
        all_(
            UNKNOWN,
            is_(UNKNOWN, "==", UNKNOWN),
            is_(PLAN, "in", [UNKNOWN, 1, "a"]),
            any_(is_(UNKNOWN, "changed")),
        ),
        owner=UNKNOWN,
        target_attribute_keys=[UNKNOWN, "bad name"],
    )
    assert [fault.partition(":")[0] for fault in told(raw)] == [
        "criteria.all[1].operator",
        "criteria.all[2].value",
        "criteria.all[3].any[0].operator",
        "target_attribute_keys[1].name",
    ]


def test_an_unknown_key_may_turn_out_to_be_absent() -> None:
    """Of a node with two keys, one unknown, nothing is said."""
    assert told(declared({"all": UNKNOWN, "any": [A]})) == []


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "none", "attribute", "operator", "value", "name", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*declared(), "version", "target_attribute_keys", "y"]), _json))
def test_nothing_crashes_it(raw: dict[str, Any]) -> None:
    """Whatever is declared, there is a definition or a fault, and each fault has a path and says something."""
    for fault in told(raw):
        path, _, reason = fault.partition(": ")
        assert path
        assert reason
        assert "\0" not in fault
