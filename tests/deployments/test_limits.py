"""What is far larger than anybody's interventions: deployed or refused in a sentence, and always shown in few lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from harness import Code, Engine, Outsider, rule
from harness.outcome import Outcome
from thorough import SOAK

from signals_local.emulator import Emulator, serve

CRITERION = 'attribute("shopping:cart_value") > 75'
MANY_VALUES = 'attribute("shopping:country").in_([f"country_{{number}}" for number in range({})])'
MEGABYTE = 2**20
IDS = {"domain_sessionid": ["218e8926-3858-431d-b2ed-66da03a1cbea"]}
# A line that a person may be shown of one resource, whatever is in it.
SHORT = 1_000
# Each resource costs the same requests, so that more of them show more of the same.
MANY = {"local": 1_000, "pulumi": 200} if SOAK else {"local": 200, "pulumi": 50}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with the attributes that the rules are about."""
    with serve() as emulator:
        emulator.publish_group("shopping", {"cart_value": "double", "country": "string"})
        yield emulator


def carry_out(project: Engine, command: str, program: str | None = None) -> Outcome:
    """Run a command that succeeds."""
    if program is not None:
        project.write(program)
    outcome = project.run(command, environment={})
    assert outcome.succeeded, outcome.text[-SHORT:]
    return outcome


def refused(project: Engine, program: str, sentence: str) -> None:
    """Hold that a preview of a program is refused with a sentence, and with no more than that."""
    project.write(program)
    outcome = project.run("preview", environment={})
    assert not outcome.succeeded
    assert any(sentence in found.text for found in outcome.of("error"))
    # Of ours: the real engine may interrupt the program that it no longer needs, and show where that was.
    assert "/pulumi_snowplow_signals/" not in outcome.text
    lines_are_short(outcome)


def lines_are_short(outcome: Outcome) -> None:
    """Hold that no message is longer than somebody can read."""
    assert [found.text[:SHORT] for found in outcome.messages if len(found.text) > SHORT] == []


def stored(emulator: Emulator, field: str) -> list[Any]:
    """Return what the registry holds of a field, by version."""
    with closing(Outsider(emulator)) as outsider:
        held = outsider.everything()
    return [version[field] for version in sorted(held, key=lambda version: version["version"])]


def nested(levels: int) -> str:
    """Return a program whose rule has this many levels of groups."""
    loop = f"tree = {CRITERION}\nfor _ in range({levels}):\n    tree = InterventionCriteriaAll(all=[tree])\n"
    return loop + rule("deep", criteria=Code("tree"))


def test_a_tree_of_a_hundred_levels_is_deployed_and_a_deeper_one_refused(
    project: Engine, emulator: Emulator
) -> None:
    """The deepest that is allowed goes all the way; one more level is told in a sentence, as is ten times as many."""
    carry_out(project, "preview", nested(100))
    carry_out(project, "up")
    assert carry_out(project, "up").operations == {}
    assert carry_out(project, "refresh").operations == {}
    for levels in (101, 1_000):
        refused(project, nested(levels), "criteria: is nested more than 100 levels deep")
    carry_out(project, "destroy")


def test_a_list_of_ten_thousand_values_is_deployed_and_shown_cut(project: Engine, emulator: Emulator) -> None:
    """All of them reach the registry and are in the rule; the messages tell five, how many there are, and a digest."""
    program = rule("many", criteria=Code(MANY_VALUES.format(10_000)))
    planned = carry_out(project, "preview", program)
    (said,) = (str(step.new["rule"]) for step in planned.steps)
    assert said.count("country_") == 10_000
    assert any("… 10000 in all, #" in found.text for found in planned.messages)
    lines_are_short(planned)
    carry_out(project, "up")
    (criteria,) = stored(emulator, "criteria")
    assert len(criteria["value"]) == 10_000
    assert carry_out(project, "up").operations == {}
    changed = carry_out(project, "up", rule("many", criteria=Code(MANY_VALUES.format(10_100))))
    assert changed.operations == {"many": "update"}
    assert any("and 90 more" in found.text for found in changed.messages)
    lines_are_short(changed)
    refused(
        project,
        rule("many", criteria=Code(MANY_VALUES.format(10_000)), version=2),
        "and 90 more, but version is still 2",
    )


def test_a_description_of_a_megabyte_is_kept_and_its_change_is_shown_cut(
    project: Engine, emulator: Emulator
) -> None:
    """It arrives to the letter, and of a change by one character the messages show that character's surroundings."""
    middle = MEGABYTE // 2
    text = f'"{{}}".join(["x" * {middle}] * 2)'
    carry_out(project, "up", rule("long", description=Code(text.format("before"))))
    assert carry_out(project, "up").operations == {}
    assert carry_out(project, "refresh").operations == {}
    refused(
        project,
        rule("long", description=Code(text.format("beforE")), version=1),
        'x…" → "…',
    )
    changed = carry_out(project, "up", rule("long", description=Code(text.format("beforE"))))
    assert any("beforE" in found.text for found in changed.messages)
    lines_are_short(changed)
    sides = "x" * middle
    assert stored(emulator, "description") == [f"{sides}before{sides}", f"{sides}beforE{sides}"]
    carry_out(project, "destroy")


def test_a_direct_message_of_a_megabyte_is_pushed_and_its_change_is_shown_cut(
    project: Engine, emulator: Emulator
) -> None:
    """Signals takes it; what is refused of it afterwards shows where it changed, and no key in full."""

    def greeting(attributes: str) -> str:
        return (
            "from pulumi_snowplow_signals import DirectIntervention\n"
            f"DirectIntervention('greeting', version=1, targets={IDS!r}, attributes={attributes})\n"
        )

    text = f'{{{{"text": "{{}}".join(["x" * {MEGABYTE // 2}] * 2)}}}}'
    carry_out(project, "up", greeting(text.format("before")))
    pushed = [each["status"] for each in emulator.requests() if each["path"] == "/api/v1/interventions"]
    assert pushed == [200]
    refused(project, greeting(text.format("beforE")), '→ "…xxxxxxxxxxxxxxxbeforExxx')
    refused(project, greeting(f'{{"x" * {MEGABYTE}: 5}}'), "x…: is 5; attribute values must be strings")
    refused(project, greeting('{"a\\x1b[2J": 5}'), "attributes.a\\u001b[2J: is 5")


def test_many_resources_are_made_looked_at_and_taken_down(project: Engine, emulator: Emulator) -> None:
    """Each takes one request to be made, none to stay as it is, and all are withdrawn in the end."""
    many = MANY[project.name]
    loop = f"for number in range({many}):\n    {rule('placeholder')}"
    program = loop.replace("'placeholder'", 'f"rule_{number}"')
    made = carry_out(project, "up", program)
    assert list(made.operations.values()) == ["create"] * many
    mark = emulator.mark()
    assert carry_out(project, "up").operations == {}
    assert emulator.requests(since=mark) == []
    gone = carry_out(project, "destroy")
    assert list(gone.operations.values()) == ["delete"] * many
    assert [version["is_published"] for version in emulator.history()["versions"]] == [False] * many
