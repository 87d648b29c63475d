"""Values that a program does not mean: an output in an f-string, what Pulumi drops, what Pulumi takes for unknown."""

from typing import Any

from harness import Code, Lifecycle, Stage, declaration, rule

_ID = "218e8926-3858-431d-b2ed-66da03a1cbea"
_PUSH = "from pulumi_snowplow_signals import DirectIntervention, InterventionInstance\n"
_TEXT = 'text = pulumi.Output.from_input("shopping")\n'
# What Pulumi's protocol sends where a value is not known yet (`pulumi/runtime/rpc.py`, UNKNOWN).
_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_IN_TEXT = Code('f"{text}"')
_LINE = "Output.concat"


def _attempt(resource_name: str, declared: str) -> str:
    """Return a declaration that reports its fault and lets the program go on."""
    return f"attempt({resource_name!r}, lambda: {declared.strip()})\n"


def _rules(cases: dict[str, dict[str, Any]]) -> str:
    return "".join(_attempt(name, rule(name, **inputs)) for name, inputs in cases.items())


def _push(resource_name: str, **inputs: Any) -> str:
    given = {"version": 1, "attributes": {"text": "Hi"}, "targets": {"domain_sessionid": [_ID]}, **inputs}
    return declaration(resource_name, given).replace("RuleIntervention(", "DirectIntervention(", 1)


def _pushes(cases: dict[str, dict[str, Any]]) -> str:
    return _PUSH + "".join(_attempt(name, _push(name, **inputs)) for name, inputs in cases.items())


def _criterion(**fields: Any) -> dict[str, Any]:
    return {"attribute": "shopping:country", "operator": "=", "value": "NL", **fields}


_PUBLISHED: dict[str, dict[str, Any]] = {
    "in_description": {"description": Code('f"Rule of {text}"')},
    "in_str": {"description": Code("str(text)")},
    "in_value": {"criteria": _criterion(value=_IN_TEXT)},
    "in_values": {"criteria": _criterion(operator="in", value=["NL", _IN_TEXT])},
    "in_nested": {"criteria": {"all": [_criterion(), {"any": [_criterion(value=_IN_TEXT)]}]}},
    "in_expression": {"criteria": Code('attribute("shopping:country") == f"{text}"')},
}
# What an output raises ends the program, so that each of these needs a run of its own.
_LATER: dict[str, dict[str, Any]] = {
    "in_output": {"description": Code('pulumi.Output.from_input(f"Rule of {text}")')},
    "in_secret": {"description": Code('pulumi.Output.secret(f"Rule of {text}")')},
}

OUTPUT_IN_RULES = Lifecycle(
    "an output in an f-string is refused as a text of a rule, with the line to write",
    [
        Stage(
            _TEXT + _rules(_PUBLISHED),
            fails_with=[(name, _LINE) for name in _PUBLISHED],
            writes=0,
        ),
        *(
            Stage(_TEXT + _rules({name: inputs}), fails_with=[_LINE], writes=0)
            for name, inputs in _LATER.items()
        ),
    ],
)

_NAMES: dict[str, dict[str, Any]] = {
    "in_name": {"name": Code('f"cart_{text}"')},
    "in_owner": {"owner": Code('f"{text}@example.com"')},
    "in_attribute": {"criteria": _criterion(attribute=Code('f"{text}:country"'))},
    "in_expression": {"criteria": Code('attribute(f"{text}:country") == "NL"')},
    "in_key": {"target_attribute_keys": [_IN_TEXT]},
    "in_group": {"payload_attribute_groups": [{"name": _IN_TEXT, "version": 1}]},
    "in_policy": {"on_destroy": _IN_TEXT},
}
_PUSHED_NAMES: dict[str, dict[str, Any]] = {
    "in_push_name": {"name": _IN_TEXT},
    "in_target_id": {"targets": {"domain_sessionid": [_IN_TEXT]}},
    "in_target_key": {"targets": {_IN_TEXT: [_ID]}},
}

OUTPUT_IN_NAMES = Lifecycle(
    "an output in an f-string is refused where it makes a name, an id or a choice, with the line to write",
    [
        Stage(
            _TEXT
            + _rules(_NAMES)
            + _pushes(_PUSHED_NAMES)
            + _attempt("look", 'RuleIntervention.get("look", f"{text}")'),
            fails_with=[(name, _LINE) for name in (*_NAMES, *_PUSHED_NAMES, "look")],
            writes=0,
        ),
    ],
)

OUTPUT_IN_A_LOGICAL_NAME = Lifecycle(
    "an output in an f-string is refused as a logical name, with the line to write",
    [
        Stage(
            _TEXT + _attempt("logical", rule("logical", name="cart").replace("'logical'", 'f"{text}"', 1)),
            "preview",
            fails_with=["write a plain string"],
        ),
    ],
)

_PUSHED: dict[str, dict[str, Any]] = {
    "in_value": {"attributes": {"text": Code('f"Hello {text}"')}},
    "in_attribute_name": {"attributes": {_IN_TEXT: "Hello"}},
    "in_trigger": {"triggers": [_IN_TEXT]},
    "in_instance": {
        "version": None,
        "attributes": None,
        "instance": Code(
            'InterventionInstance(name="hello", version=1, attributes={"text": f"Hello {text}"})'
        ),
    },
}
# Known only when the outputs are, after what the program alone can tell.
_PUSHED_LATER: dict[str, dict[str, Any]] = {
    "in_output": {"attributes": Code('pulumi.Output.from_input({"text": f"Hello {text}"})')},
}

OUTPUT_IN_PUSHES = Lifecycle(
    "an output in an f-string is refused as a text that is pushed, with the line to write",
    [
        Stage(
            _TEXT + _pushes(_PUSHED),
            fails_with=[(name, _LINE) for name in _PUSHED],
            writes=0,
        ),
        Stage(_TEXT + _pushes(_PUSHED_LATER), fails_with=[("in_output", _LINE)], writes=0),
    ],
)

TEXT_OF_AN_OUTPUT = Lifecycle(
    "what Output.concat and .apply make is taken as a text, wherever it stands",
    [
        Stage(
            _TEXT
            + rule(
                "cart",
                description=Code('pulumi.Output.concat("Rule of ", text)'),
                owner=Code('text.apply(lambda given: f"{given}@example.com")'),
                criteria=_criterion(attribute=Code('pulumi.Output.concat(text, ":country")')),
            ),
            steps={"cart": "create"},
            registry={"cart": {1: True}},
        ),
    ],
)

_LESS: dict[str, tuple[dict[str, Any], str]] = {
    "only_null": ({"attributes": {"gone": None}}, "gone"),
    "one_null": ({"attributes": {"text": "Hi", "gone": None}}, "gone"),
    "null_ids": ({"targets": {"domain_sessionid": [_ID], "domain_userid": None}}, "domain_userid"),
}
_LESS_LATER: dict[str, dict[str, Any]] = {
    "null_in_output": {"attributes": Code('pulumi.Output.from_input({"text": "Hi", "gone": None})')},
    "null_in_secret": {"attributes": Code('pulumi.Output.secret({"text": "Hi", "gone": None})')},
    "null_output": {"attributes": {"text": "Hi", "gone": Code("pulumi.Output.from_input(None)")}},
}

LESS_THAN_WRITTEN = Lifecycle(
    "a push that would leave with less than was written is refused",
    [
        Stage(
            _pushes({name: inputs for name, (inputs, _) in _LESS.items()}),
            fails_with=[(name, place) for name, (_, place) in _LESS.items()],
            writes=0,
        ),
        *(
            Stage(_pushes({name: inputs}), fails_with=["attributes.gone"], writes=0)
            for name, inputs in _LESS_LATER.items()
        ),
    ],
)

_MARKED: dict[str, dict[str, Any]] = {
    "trigger": {"triggers": [_MARKER]},
    "nested_trigger": {"triggers": [{"build": [1, _MARKER]}]},
    "marked_attribute": {"attributes": {"text": _MARKER}},
}
_MARKED_LATER: dict[str, dict[str, Any]] = {
    "trigger_in_output": {"triggers": Code(f"pulumi.Output.from_input([{_MARKER!r}])")},
}

UNKNOWN_MARKER = Lifecycle(
    "a push with a value that Pulumi takes for an unknown one is refused",
    [
        Stage(
            _pushes(_MARKED),
            fails_with=[
                ("trigger", "triggers"),
                ("nested_trigger", "triggers"),
                ("marked_attribute", "attributes"),
            ],
            writes=0,
        ),
        Stage(_pushes(_MARKED_LATER), fails_with=[("trigger_in_output", "triggers")], writes=0),
    ],
)

NO_ID = Lifecycle(
    "a push to null, or to what Pulumi takes for unknown, is refused",
    [
        Stage(
            _pushes(
                {
                    "null_id": {"targets": {"domain_sessionid": [_ID, None]}},
                    "marked_id": {"targets": {"domain_sessionid": [_MARKER]}},
                }
            ),
            fails_with=[("null_id", "targets"), ("marked_id", "targets")],
            writes=0,
        ),
    ],
)

WHOLE = Lifecycle(
    "a push leaves with all that was written: empty texts, spaces, zeros and nested triggers",
    [
        Stage(
            _PUSH
            + _push(
                "whole",
                attributes={"empty": "", "space": " ", "zero": "0"},
                triggers=[0, "", False, {"build": [1, 2]}],
            ),
            steps={"whole": "create"},
            warns=None,
            writes=1,
        ),
        Stage(command="preview", requests={}),
    ],
)

LIFECYCLES = [
    OUTPUT_IN_RULES,
    OUTPUT_IN_NAMES,
    OUTPUT_IN_A_LOGICAL_NAME,
    OUTPUT_IN_PUSHES,
    TEXT_OF_AN_OUTPUT,
    LESS_THAN_WRITTEN,
    UNKNOWN_MARKER,
    NO_ID,
    WHOLE,
]
