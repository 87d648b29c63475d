"""A realistic pull request, and what a preview of it prints: a withdrawal, a removal, a replacement, changes, something new."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness import Code, Engine, rule, settings_of
from registries import emptied

# Each after the one before, so that both engines go through them in the order of the program.
_IN_ORDER: Final = """
last = None


def after(last):
    return ResourceOptions(depends_on=[last] if last else [])


"""
_RULE: Final = (
    'all_of(attribute("shopping:cart_value") > {}, attribute("shopping:visits") >= {}, '
    'attribute("shopping:country") == "{}", attribute("shopping:member") == True)'
)


def _in_order(*declared: str) -> str:
    """Return a program that declares these rules one after the other."""
    return _IN_ORDER + "".join(f"last = {line}" for line in declared)


def _rule(resource_name: str, over: float = 75, /, **inputs: Any) -> str:
    return rule(resource_name, over, **inputs, opts=Code("after(last)"))


_SHOPPING: Final = [{"name": "shopping", "version": 1}]

BEFORE: Final = _in_order(
    _rule("checkout_help"),
    _rule("cart_reminder", payload_attribute_groups=_SHOPPING),
    _rule("vip_offer", criteria=Code(_RULE.format(75, 3, "NL")), target_attribute_keys=["domain_userid"]),
    _rule("welcome", description="Greets"),
    _rule("exit_intent", 60),
    _rule("loyalty", 10),
    _rule("winter_sale", on_destroy="delete"),
)
_AFTER: Final = (
    _rule("checkout_help", published=False),
    _rule("cart_reminder", name="basket_reminder", payload_attribute_groups=_SHOPPING),
    _rule("vip_offer", criteria=Code(_RULE.format(100, 5, "BE")), target_attribute_keys=["domain_userid"]),
    _rule("welcome", description="Greets a visitor"),
    _rule("exit_intent", 65),
    _rule("loyalty", 10),
    _rule("spring_sale", 50, target_attribute_keys=["domain_sessionid"]),
)
AFTER: Final = _in_order(*_AFTER)
BROKEN: Final = _in_order(
    *_AFTER,
    rule("spring_lottery", criteria=Code('attribute("shopping:cart_vale") > 75')),
)


def previews(engine: type[Engine], directory: Path, programs: Mapping[str, str]) -> dict[str, str]:
    """Return what previews of the pull request print.

    Args:
        engine: The engine.
        directory: An empty one.
        programs: The options of each preview, and its program.
    """
    with emptied() as emulator:
        emulator.publish_group(
            "shopping", {"cart_value": "double", "visits": "int32", "country": "string", "member": "bool"}
        )
        project = engine(directory, {**settings_of(emulator), **_AS_A_USER})
        project.start_cold()
        project.write(BEFORE)
        done = project.run("up", environment={})
        assert done.succeeded, done.text
        found = {}
        for options, program in programs.items():
            project.write(program)
            found[options] = _steady(project.show("preview", *options.split(), environment={}).text)
        return found


# One document instead of the events that the other tests read.
_AS_A_USER: Final = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "false"}


_DELETE: Final = re.compile(r"^ -[- ] pulumi.*\n", re.MULTILINE)
"""A row about a deletion: those of several resources are at work at once."""

_OF_A_RESOURCE: Final = re.compile(r"^  pulumi\S+ \(\w+\):\n(?:    .*\n)+\n", re.MULTILINE)
"""The diagnostics of a resource, which the real engine shows in an order of its own."""


def _steady(text: str) -> str:
    """Return what is printed, without what differs from run to run: progress, order, times, places in the SDK's source."""
    if text.startswith("{"):
        return json.dumps(_shown(json.loads(text)), indent=2, ensure_ascii=False) + "\n"
    text = re.sub(r"^@ .*\n\n?", "", text, flags=re.MULTILINE)
    text = re.sub(r"\A(Previewing .*\n)\n", r"\1", text)  # an empty line comes with the progress, or does not
    for part in (_DELETE, _OF_A_RESOURCE):
        in_order = iter(sorted(part.findall(text)))
        text = part.sub(lambda _, parts=in_order: next(parts), text)
    return text


def _shown(document: Any) -> dict[str, Any]:
    """Return of a document what a program that reads it looks at: steps, lines and counts."""
    steps = [
        {name: step[name] for name in ("op", "urn", "diffReasons", "replaceReasons") if name in step}
        for step in document["steps"]
    ]
    return {
        "steps": steps,
        "diagnostics": document.get("diagnostics", []),
        "changeSummary": document["changeSummary"],
    }  # fmt: skip
