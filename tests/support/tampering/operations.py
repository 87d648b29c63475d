"""The commands whose responses are tampered with: what was there before, and what is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cutting.operations import TAKEN, Step, cart
from cutting.trial import changes_left
from cutting.world import URL, World
from driver import Driver, Program

from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator.defaults import API_KEY, API_KEY_ID, ORGANIZATION_ID

CONSOLE: Mapping[str, str] = {
    "sandboxToken": "",
    "consoleUrl": URL,
    "organizationId": ORGANIZATION_ID,
    "apiKeyId": API_KEY_ID,
    "apiKey": API_KEY,
}
"""Credentials that have to be exchanged for a token first."""


def _theirs(world: World) -> None:
    """Have somebody else keep a rule of another name, which is in every list."""
    world.put("theirs", 1, 50)


@dataclass(frozen=True)
class Command:
    """A command, and how the stack came to be as it is.

    Args:
        name: What it is, as the summary says it.
        before: Programs that were deployed, and what somebody else did to the registry.
        program: What is deployed; None destroys.
        is_refresh: Whether it only refreshes.
        settings: The settings of the stack.
        believed: The lies that nothing contradicts, as the names of the ways end: a list that shows as withdrawn what
            somebody else has live, of which no stack knows. A refresh finds it afterwards.
    """

    name: str
    before: Sequence[Step]
    program: Program | None = None
    is_refresh: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    believed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def prepare(self, world: World, stack: Driver) -> None:
        """Bring registry and stack to where the command begins."""
        world.clear()
        _theirs(world)
        for step in self.before:
            if callable(step):
                step(world)
            else:
                stack.up(world.process(), step)

    def run(self, stack: Driver, run: Run) -> None:
        """Run it. Raise whatever a call of the provider raises."""
        if self.is_refresh:
            stack.refresh(run)
        elif self.program is None:
            stack.destroy(run)
        else:
            stack.up(run, self.program)

    def leftovers(self, stack: Driver, world: World) -> Sequence[str]:
        """Return what a preview still shows once it is done."""
        return [] if self.is_refresh else changes_left(stack, world, self.program)


_KEYS: Mapping[str, object] = {
    "target_attribute_keys": ["domain_userid"],
    "payload_attribute_groups": [{"name": "shopping", "version": 1}],
}

COMMANDS = [
    Command("create", [], cart(75, description="words", **_KEYS)),
    Command("create as draft", [], cart(75, published=False)),
    Command("change", [cart(75)], cart(80)),
    Command("withdraw", [cart(75)], cart(75, published=False)),
    Command("publish a draft", [cart(75, published=False)], cart(80)),
    Command("rollback", [cart(75), cart(80)], cart(75, version=1)),
    Command(
        "adopt",
        [lambda world: world.put("cart", 1, 60), lambda world: world.put("cart", 2, 70)],
        cart(75, **TAKEN),
        believed=("is_published: false",),
    ),
    Command("remove", [cart(75), cart(80)], {}),
    Command("destroy, deleting", [cart(75, on_destroy="delete"), cart(80, on_destroy="delete")]),
    Command("refresh", [cart(75), cart(80)], is_refresh=True),
    Command("refresh after drift", [cart(75), lambda world: world.put("cart", 2, 70)], is_refresh=True),
    Command("create with Console credentials", [], cart(75), settings=CONSOLE),
]
"""Every command on rules."""
