"""`signals-local fire`: values for a visitor by the command line, and what came of them in plain words."""

import json
import re
import socket

import pytest

from signals_local.cli import main
from signals_local.emulator.live.event import typed

USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"
SESSION = "8c9104e3-c300-4b20-82f2-93b7fa0b8feb"


@pytest.fixture
def fire(api, capsys):
    """Runs the command against the emulator; returns its exit code and what it wrote."""

    def run(*values, options=()):
        code = main(["fire", "--url", api.url, *options, *values])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_a_rule_that_fires_is_told_with_its_reasons_and_its_payload(api, fire):
    """The values that made each criterion true, who was sent what, and the message as a subscriber receives it."""
    api.publish(
        name="with_payload",
        criteria={"attribute": "shopping:cart_value", "operator": ">", "value": 75},
        payload_attribute_groups=[{"name": "shopping", "version": 1}],
    )
    fire(f"domain_userid={USER}", "shopping:minutes_since_last_activity=20")
    with api.listening(domain_userid=USER) as listener:
        code, told, _ = fire(f"domain_userid={USER}", "shopping:cart_value=90")
        received = [listener.next(), listener.next()]
    assert code == 0
    first, second = told.split("with_payload v1 fired\n")
    assert first.startswith(
        f"""\
cart_abandonment_discount v1 fired
  rule: shopping:cart_value > 75 and shopping:minutes_since_last_activity >= 15
    - shopping:cart_value > 75 turned true (no value → 90)
    - shopping:minutes_since_last_activity >= 15 is true (20)
  sent to domain_userid {USER} (1 listener)
  payload:
"""
    )
    payloads = [json.loads(text.split("payload:")[1]) for text in (first, second)]
    assert payloads == received
    assert payloads[1]["attributes"] == {"cart_value": "90", "minutes_since_last_activity": "20"}


def test_a_rule_that_stays_quiet_is_told_with_its_reasons(fire):
    """Which criterion is missing, that it fired already, and that it was true before."""
    _, told, _ = fire(f"domain_userid={USER}", "shopping:cart_value=90")
    assert told == (
        "Nothing fired.\n"
        "cart_abandonment_discount v1 did not fire: its criteria are not met\n"
        "  rule: shopping:cart_value > 75 and shopping:minutes_since_last_activity >= 15\n"
        "    - shopping:cart_value > 75 turned true (no value → 90)\n"
        "    - shopping:minutes_since_last_activity >= 15 is not true (no value)\n"
    )
    fire(f"domain_userid={USER}", "shopping:minutes_since_last_activity=20")
    _, told, _ = fire(f"domain_userid={USER}", "shopping:cart_value=95")
    assert (
        "did not fire: its criteria were met before already, and a rule fires when they become met\n" in told
    )
    assert "shopping:cart_value > 75 is true (90 → 95)" in told
    fire(f"domain_userid={USER}", "shopping:cart_value=null")
    _, told, _ = fire(f"domain_userid={USER}", "shopping:cart_value=90")
    assert f"turned true and was not sent to domain_userid {USER}: sent to this target before\n" in told


def test_a_rule_with_changed_says_what_changed(api, fire):
    """`changed` looks at the step and not at the value."""
    api.publish(name="moves", criteria={"attribute": "shopping:cart_value", "operator": "changed"})
    assert (
        "- shopping:cart_value changed (no value → 1)"
        in fire(f"domain_userid={USER}", "shopping:cart_value=1")[1]
    )
    told = fire(f"domain_userid={USER}", "shopping:cart_value=1")[1]
    assert "moves v1 did not fire: its criteria are not met" in told
    assert "- shopping:cart_value did not change (1)" in told


def test_a_rule_of_many_criteria_is_cut(api, fire):
    """Nobody reads a hundred verdicts."""
    each = {"attribute": "shopping:cart_value", "operator": ">", "value": 1}
    api.publish(name="long", criteria={"all": [each] * 100})
    told = fire(f"domain_userid={USER}", "shopping:cart_value=1")[1].split("long v1")[1]
    assert told.count("    - ") == 21
    assert "    - and 80 criteria more\n" in told


def test_an_attribute_that_no_rule_refers_to_is_told(api, fire):
    """Where nothing was judged, the attributes that would be are named."""
    api.emulator.publish_group("other", {"shown": "bool"})
    code, told, _ = fire(f"domain_userid={USER}", "other:shown=true")
    assert (code, told) == (
        0,
        """\
Nothing fired.
No live rule refers to other:shown.
The live rules refer to example_group:test_attribute, shopping:cart_value, shopping:minutes_since_last_activity.
""",
    )
    for name in ("say_hello", "cart_abandonment_discount"):
        api.withdraw(name)
    assert fire(f"domain_userid={USER}", "other:shown=false")[1].endswith("No rule is live.\n")


def test_without_values_it_offers_the_attributes(api, fire):
    """A newcomer is shown what can be given and a line to start from."""
    code, told, _ = fire()
    assert code == 0
    lines = told.splitlines()
    assert lines[0] == "Attributes that can be given a value:"
    assert "  shopping:cart_value  double, of domain_userid, in cart_abandonment_discount v1" in lines
    example = (
        r"For example: signals-local fire domain_sessionid=[0-9a-f-]{36} example_group:test_attribute=VALUE"
    )
    assert re.fullmatch(example, lines[-1])
    api.emulator.reset()
    assert fire()[1].startswith("No attribute group is published")


REFUSED = {
    "an unknown attribute": ([f"domain_userid={USER}", "shopping:cart_vale=1"], "no published attribute group has shopping:cart_vale. Did you mean shopping:cart_value?"),
    "another type": ([f"domain_userid={USER}", "shopping:cart_value=much"], "shopping:cart_value is of type double, which 'much' is not"),
    "a fraction for a whole number": ([f"domain_userid={USER}", "shopping:minutes_since_last_activity=1.5"], "is of type int32, which '1.5' is not"),
    "no number": ([f"domain_userid={USER}", "shopping:cart_value=NaN"], "is of type double, which 'NaN' is not"),
    "no visitor": (["shopping:cart_value=1"], "shopping:cart_value belongs to domain_userid. Add the visitor's id, such as domain_userid="),
    "no value": ([f"domain_userid={USER}", "shopping:cart_value"], "'shopping:cart_value' is not NAME=VALUE"),
    "no name": (["=1"], "'=1' is not NAME=VALUE"),
    "a value twice": ([f"domain_userid={USER}", "shopping:cart_value=1", "shopping:cart_value=2"], "shopping:cart_value is given twice"),
    "an empty id": (["domain_userid=", "shopping:cart_value=1"], "domain_userid: String should have at least 1 character"),
    "a name that is none": ([f"domain_userid={USER}", "shop ping:cart_value=1"], "pattern"),
}  # fmt: skip


@pytest.mark.parametrize(("values", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sent_is_told_in_a_line(fire, values, says):
    """A slip of the pen is one line on stderr with exit code 1, and nothing is stored."""
    code, told, complaint = fire(*values)
    assert (code, told) == (1, "")
    assert says in complaint
    assert complaint.startswith("signals-local fire: ")
    assert complaint.count("\n") == 1


def test_nothing_answers(capsys):
    """Where no API runs, the line says how to start one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert main(["fire", "--port", str(port), "domain_userid=a", "a:b=1"]) == 1
    complaint = capsys.readouterr().err
    assert f"no local Signals API answers at http://127.0.0.1:{port}" in complaint
    assert "Start one with: signals-local api" in complaint
    for url in ("nonsense", "http://[", "http://127.0.0.1:99999", "ftp://127.0.0.1"):
        assert main(["fire", "--url", url, "domain_userid=a", "a:b=1"]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def test_something_else_answers(start, capsys, api):
    """Another server on the port is told from an emulator, and a wrong token from a right one."""
    assert main(["fire", "--url", f"{api.url}/api/v1", "domain_userid=a", "a:b=1"]) == 1
    assert "/api/v1 is no local Signals API: it answered 404" in capsys.readouterr().err
    with start(token="s3cret") as guarded:
        guarded.emulator.publish_group("shopping", {"cart_value": "double"})
        assert main(["fire", "--url", guarded.url, "domain_userid=a", "shopping:cart_value=1"]) == 1
        assert "was started with another token. Give it with --token" in capsys.readouterr().err
        options = [
            "fire",
            "--url",
            guarded.url,
            "--token",
            "s3cret",
            "domain_userid=a",
            "shopping:cart_value=1",
        ]
        assert main(options) == 0


TYPED = [
    ("90", "double", 90), ("1e3", "float", 1000.0), ("-7", "int32", -7), ("7.0", "int64", 7.0), ("true", "bool", True), ("False", "bool", False),
    ("90", "string", "90"), ("", "string", ""), ("a=b", "string", "a=b"), ("é", "bytes", "é"), ("null", "string", None), ("null", "double", None),
    ("2026-01-01", "timestamp", "2026-01-01"), ("1700000000", "unix_timestamp", 1_700_000_000), ('["a","b"]', "string_list", ["a", "b"]),
    ("a, b", "string_list", ["a", "b"]), ("a", "string_list", ["a"]), ("1,2", "int32_list", [1, 2]), ("[1, 2.5]", "double_list", [1, 2.5]),
    ('{"a": 1}', "dict", {"a": 1}), ("true,false", "bool_list", [True, False]),
]  # fmt: skip
UNTYPED = [
    ("", "double"), ("x", "int32"), ("1.5", "int64"), ("1e999", "double"), ("1", "bool"), ("yes", "bool"), ("[1]", "dict"), ("a,b", "int32_list"),
    ("{}", "string_list"), ("true", "int32"), ('"7"', "double"), ("[null]", "string_list"), ("0x10", "int32"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declared", "value"), TYPED)
def test_a_text_is_read_as_its_attribute_is_registered(text, declared, value):
    """A value has the type of its attribute, whatever it looks like."""
    assert typed(text, declared) == value
    assert type(typed(text, declared)) is type(value)


@pytest.mark.parametrize(("text", "declared"), UNTYPED)
def test_a_text_of_another_type_is_refused(text, declared):
    """What the attribute could never be is refused, and not stored as something else."""
    with pytest.raises(ValueError, match=declared):
        typed(text, declared)
