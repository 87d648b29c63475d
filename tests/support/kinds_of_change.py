"""One stack in which every kind of change happens, and the lines that are said of each: the resources are called after them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness import Code, Engine, Outsider, declaration, rule, settings_of
from harness.outcome import Message, Outcome
from registries import emptied

from signals_local.emulator import Emulator

_IMPORTS: Final = "from pulumi_snowplow_signals import DirectIntervention\n"
_VISITORS: Final = tuple(f"218e8926-3858-431d-b2ed-66da03a1cbe{digit}" for digit in "ab")


def criteria(*written: str) -> Code:
    """Return criteria that all have to hold."""
    return Code(f"all_of({', '.join(written)})")


def push(resource_name: str, **inputs: Any) -> str:
    """Return the line that declares a direct intervention."""
    given = {
        "version": 1,
        "attributes": {"title": "Back in ten minutes"},
        "targets": {"domain_sessionid": _VISITORS[:1]},
        **inputs,
    }
    return declaration(resource_name, given).replace("RuleIntervention(", "DirectIntervention(", 1)


_FOUR: Final = (
    'attribute("shopping:cart_value") > 75',
    'attribute("shopping:visits") >= 3',
    'attribute("shopping:country") == "NL"',
    'attribute("shopping:member") == True',
)
_OTHER_FOUR: Final = (
    'attribute("shopping:cart_value") > 90',
    'attribute("shopping:visits") >= 5',
    'attribute("shopping:country") == "BE"',
    'attribute("shopping:member") == True',
)

_UNCHANGED: Final = (
    "changed_elsewhere",
    "deleted_elsewhere",
    "withdrawn_elsewhere",
    "live_beside",
    "live_instead",
    "never_changed",
)
_BEFORE: Final = "".join(
    [
        _IMPORTS,
        rule("new"),
        rule("new_for_a_key", target_attribute_keys=["user_id", "domain_userid"]),
        rule("new_for_two_groups", criteria=criteria(_FOUR[0], 'attribute("reading:pages") > 3')),
        rule("new_with_payload", payload_attribute_groups=[{"name": "shopping", "version": 1}, {"name": "reading", "version": 2}]),
        rule("new_draft", published=False),
        rule("new_from_seven", version=7),
        rule("new_and_secret", criteria=Code('pulumi.Output.secret(attribute("shopping:cart_value") > 75)')),
        rule("new_with_a_wrong_type", criteria=Code('attribute("shopping:cart_value") > "75"')),
        rule("new_with_a_wrong_list", criteria=Code('attribute("shopping:country").in_([31, 32])')),
        rule("new_with_a_doubtful_pattern", criteria=Code('attribute("shopping:country").rlike("(?<=N)L")')),
        rule("new_draft_without_its_group", published=False, criteria=Code('attribute("shoping:cart_value") > 75')),
        rule("taken_over"),
        rule("adopted", adopt=True),
        rule("revived"),
        rule("new_version"),
        rule("new_version_of_much", criteria=criteria(*_FOUR)),
        rule("new_version_of_secrets", description=Code('pulumi.Output.secret("one")')),
        rule("new_number", version=1),
        rule("new_key"),
        rule("only_described"),
        rule("only_another_owner"),
        rule("draft_edited", published=False),
        rule("draft_published", published=False),
        rule("draft_beside_live"),
        rule("withdrawn"),
        rule("rolled_back"),
        rule("above_others"),
        rule("replaced"),
        rule("replaced_and_deleted", on_destroy="delete"),
        rule("replaced_and_retained", on_destroy="retain"),
        rule("removed"),
        rule("removed_and_deleted", on_destroy="delete"),
        rule("removed_and_retained", on_destroy="retain"),
        rule("removed_draft", published=False),
        *map(rule, _UNCHANGED),
        rule("published_elsewhere", published=False),
        push("pushed"),
        push("pushed_to_more"),
        push("pushed_to_fewer", targets={"domain_sessionid": _VISITORS}),
        push("pushed_again"),
        push("pushed_secret", attributes=Code('pulumi.Output.secret({"title": "Hi"})')),
        push("pushed_renamed"),
        push("pushed_and_removed"),
    ]
)  # fmt: skip
_AFTER: Final = "".join(
    [
        _IMPORTS,
        rule("new_version", 80),
        rule("new_version_of_much", criteria=criteria(*_OTHER_FOUR)),
        rule("new_version_of_secrets", description=Code('pulumi.Output.secret("two")')),
        rule("new_number", 80, version=5),
        rule("new_key", target_attribute_keys=["user_id"]),
        rule("only_described", description="Says what it is"),
        rule("only_another_owner", owner="others@example.com"),
        rule("draft_edited", 80, published=False),
        rule("draft_published"),
        rule("draft_beside_live", 80, published=False),
        rule("withdrawn", published=False),
        rule("rolled_back", version=1),
        rule("above_others", 80),
        rule("replaced", name="replacement"),
        rule("replaced_and_deleted", name="replacement_of_deleted"),
        rule("replaced_and_retained", name="replacement_beside"),
        *map(rule, _UNCHANGED),
        rule("published_elsewhere", published=False),
        push("pushed", attributes={"title": "Back in five minutes"}, version=2),
        push("pushed_to_more", targets={"domain_sessionid": _VISITORS}),
        push("pushed_to_fewer"),
        push("pushed_again", triggers=["again"]),
        push("pushed_secret", attributes=Code('pulumi.Output.secret({"title": "Ho"})'), version=2),
        push("pushed_renamed", name="pushed_as"),
    ]
)


def _prepare(outsider: Outsider) -> None:
    outsider.stores("taken_over", 1)
    outsider.stores("adopted", 1, 60)
    outsider.stores("revived", 1, 60, live=False)


def _drift(outsider: Outsider) -> None:
    outsider.deletes("changed_elsewhere", 1)
    outsider.stores("changed_elsewhere", 1, 99)
    outsider.deletes("deleted_elsewhere", 1)
    outsider.withdraws("withdrawn_elsewhere", 1)
    outsider.stores("live_beside", 2, 99)
    outsider.withdraws("live_instead", 1)
    outsider.stores("live_instead", 2, 99)
    outsider.sets_live("published_elsewhere", 1, live=True)


@dataclass(frozen=True)
class Part:
    """A part of the snapshot: a command, and what it says.

    Attributes:
        title: What it shows.
        command: The command.
        program: The program from here on; None keeps it.
        before: What others do first.
        options: The command's options.
        environment: Further variables.
        is_shown: Whether the lines are shown, and not those of an earlier part once more.
    """

    title: str
    command: str
    program: str | None = None
    before: Callable[[Outsider], None] | None = None
    options: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    is_shown: bool = True


_ROLLED_BACK: Final = rule("rolled_back"), rule("rolled_back", 80)
_UNREACHABLE: Final = {
    "SNOWPLOW_SIGNALS_API_URL": "http://127.0.0.1:9",
    "SNOWPLOW_SIGNALS_RETRY_SECONDS": "0",
}
PARTS: Final = (
    Part("A registry that cannot be reached: once a run", "preview", rule("one") + rule("two"), environment=_UNREACHABLE),
    Part("preview of what is new", "preview", _BEFORE, _prepare),
    Part("", "up", is_shown=False),
    Part("", "up", _BEFORE.replace(*_ROLLED_BACK), is_shown=False),
    Part("refresh, after others did something", "refresh", before=_drift),
    Part("refresh once more: what is known is not said again", "refresh"),
    Part(
        "preview of changes", "preview", _AFTER,
        lambda outsider: outsider.stores("above_others", 2, 60),
    ),
    Part("up: what only the deployment says", "up"),
    Part("destroy", "destroy"),
)  # fmt: skip


def lines_of_every_change(engine: type[Engine], directory: Path) -> Iterator[str]:
    """Yield the lines of the snapshot: those of each command, by resource."""
    with emptied() as emulator, closing(Outsider(emulator)) as outsider:
        _publish_groups(emulator)
        project = engine(directory, settings_of(emulator))
        project.start_cold()
        told: set[Message] = set()
        for part in PARTS:
            outcome = _carry_out(part, project, outsider)
            assert outcome.succeeded, outcome.text
            if part.is_shown:
                yield from section(part.title, [found for found in spoken(outcome) if found not in told])
                told = {*spoken(outcome)}


def _publish_groups(emulator: Emulator) -> None:
    emulator.publish_group(
        "shopping", {"cart_value": "double", "visits": "int32", "country": "string", "member": "bool"}
    )
    emulator.publish_group("reading", {"pages": "int32"}, version=2, key="domain_sessionid")


def _carry_out(part: Part, project: Engine, outsider: Outsider) -> Outcome:
    if part.before is not None:
        part.before(outsider)
    if part.program is not None:
        project.write(part.program)
    return project.run(part.command, *part.options, environment=part.environment)


def spoken(outcome: Outcome) -> list[Message]:
    """Return every line of a command but those for debugging."""
    return outcome.of("info", "info#err", "warning", "error")


def section(title: str, found: Sequence[Message]) -> Iterator[str]:
    """Yield a part of a snapshot: the lines of each resource under its name."""
    yield f"# {title}\n"
    names = sorted({message.name for message in found})
    for name in names:
        yield f"{name or 'the stack'}:"
        for message in found:
            if message.name == name:
                yield f"  {message.severity.removesuffix('#err')}: {_steady(message.text)}"
        yield ""
    if not names:
        yield "(nothing)\n"


def _steady(text: str) -> str:
    """Return a text without what differs from run to run."""
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text).replace("\n", "\n  ")
