"""The situations of a rule whose texts pages show, each produced anew by the real check against the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from registries import emptied

from pulumi_snowplow_signals import DirectIntervention, RuleIntervention
from pulumi_snowplow_signals.api.client import SignalsClient
from pulumi_snowplow_signals.api.settings import resolve
from pulumi_snowplow_signals.fields.remarks import Remark
from pulumi_snowplow_signals.gate import Gate
from pulumi_snowplow_signals.inputs import InputFault
from pulumi_snowplow_signals.lifecycle.lifecycle import INTERVENTIONS
from pulumi_snowplow_signals.lifecycle.run import Run
from signals_local.emulator import Emulator

CART_VALUE = "shopping:cart_value"
IDLE = "shopping:minutes_since_last_activity"


def criterion(attribute: str, operator: str, value: object = None) -> dict[str, Any]:
    """Return a criterion in wire shape."""
    return {"attribute": attribute, "operator": operator, **({} if value is None else {"value": value})}


def cart(value: float = 75.0, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of the documentation's cart intervention."""
    declared = {
        "name": "cart_abandonment_discount",
        "owner": "marketing@company.com",
        "criteria": {"all": [criterion(CART_VALUE, ">", value), criterion(IDLE, ">=", 15.0)]},
        "target_attribute_keys": ["domain_userid"],
    }
    return {**declared, **inputs}


def _told(said: Sequence[Remark]) -> list[str]:
    return [f"{remark.severity}: {remark.text}" for remark in said]


@dataclass
class Stack:
    """A stack with one resource, deployed by calling the lifecycle as an engine does."""

    emulator: Emulator
    recorded: Mapping[str, Any] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def preview(self, inputs: Mapping[str, Any]) -> list[str]:
        """Return the lines of a preview: its failures, or else its remarks."""
        said: list[Remark] = []
        with self._run(said) as run:
            checked = INTERVENTIONS.check(run, self.recorded, inputs)
        if checked.faults:
            return [str(violation) for violation in checked.faults]
        return _told(said)

    def up(self, inputs: Mapping[str, Any]) -> Stack:
        """Deploy."""
        with self._run([]) as run:
            checked = INTERVENTIONS.check(run, self.recorded, inputs)
            assert not checked.faults, checked.faults
            if not self.recorded:
                self.recorded = INTERVENTIONS.create(run, checked.inputs)[1]
            elif INTERVENTIONS.diff(self.recorded, checked.inputs).changes:
                self.recorded = INTERVENTIONS.update(run, self.recorded, checked.inputs)
        return self

    def refresh(self) -> list[str]:
        """Read the resource; give what is said meanwhile."""
        said: list[Remark] = []
        with self._run(said) as run:
            INTERVENTIONS.read(run, self.recorded["name"], self.recorded)
        return _told(said)

    def destroy(self) -> list[str]:
        """Delete the resource; give what is said meanwhile."""
        said: list[Remark] = []
        with self._run(said) as run:
            INTERVENTIONS.delete(run, self.recorded["name"], self.recorded)
        return _told(said)

    @contextmanager
    def _run(self, said: list[Remark]) -> Iterator[Run]:
        settings = resolve({"apiUrl": self.emulator.url, "sandboxToken": self.emulator.token}.get, {})
        with SignalsClient(settings) as client:
            yield Run(settings, lambda: client, said.append)


def _forgotten_increment(stack: Stack) -> list[str]:
    return stack.up(cart(version=1.0)).preview(cart(80.0, version=1.0))


def _several_faults(_: Stack) -> list[str]:
    criteria = {
        "all": [
            criterion(CART_VALUE, "==", 75.0),
            criterion(IDLE, ">="),
            {"any": [criterion("shopping:plan", "in", []), criterion(CART_VALUE, "changed")]},
        ]
    }
    ids = {"domain_sessionid": ["8f3d2a60"]}
    declarations: tuple[Callable[[], object], ...] = (
        lambda: RuleIntervention(**cart(criteria=criteria, owner="marketing", on_destroy="destroy")),
        lambda: DirectIntervention(
            name="maintenance_notice", version=1, attributes={"minutes": 10}, targets=ids
        ),  # type: ignore[dict-item]  # the fault
    )
    gate = Gate()
    for number, declare in enumerate(declarations):
        with pytest.raises(InputFault) as raised:
            declare()
        gate.note(str(number), raised.value.faults)
    return gate.describe().splitlines()


def _misspelt_attribute(stack: Stack) -> list[str]:
    return stack.preview(cart(criteria={"all": [criterion("shopping:cart_vale", ">", 75.0)]}))


def _name_is_taken(stack: Stack) -> list[str]:
    stack.up(cart(60.0))
    return Stack(stack.emulator).preview(cart(75.0))


def _moved_on(stack: Stack) -> list[str]:
    stack.up(cart(75.0, version=1.0))
    Stack(stack.emulator).up(cart(90.0, adopt=True))
    return stack.preview(cart(80.0, version=2.0))


def _create(stack: Stack) -> list[str]:
    return stack.preview(cart())


def _update(stack: Stack) -> list[str]:
    return stack.up(cart()).preview(cart(80.0))


def _much(stack: Stack) -> list[str]:
    extra = [criterion("shopping:plan", "in", ["free", "basic"]), criterion("shopping:visits", ">", 2)]
    before = {"all": [criterion(CART_VALUE, ">", 75.0), criterion(IDLE, ">=", 15.0)]}
    after = {"all": [criterion(CART_VALUE, ">", 80.0), *extra]}
    return stack.up(cart(criteria=before)).preview(cart(criteria=after))


def _described(stack: Stack) -> list[str]:
    return stack.up(cart()).preview(cart(description="Saves carts that are about to be lost"))


def _wrong_type(stack: Stack) -> list[str]:
    return stack.preview(cart(criteria=criterion(CART_VALUE, ">", "75")))


def _drift(stack: Stack) -> list[str]:
    stack.up(cart())
    Stack(stack.emulator).up(cart(90.0, adopt=True))
    return stack.refresh()


def _draft(stack: Stack) -> list[str]:
    return stack.up(cart()).preview(cart(80.0, published=False))


def _withdraw(stack: Stack) -> list[str]:
    return stack.up(cart()).preview(cart(published=False))


def _rollback(stack: Stack) -> list[str]:
    return stack.up(cart()).up(cart(80.0)).preview(cart(version=1.0))


def _adopt(stack: Stack) -> list[str]:
    stack.up(cart(60.0))
    return Stack(stack.emulator).preview(cart(75.0, adopt=True))


def _replace(stack: Stack) -> list[str]:
    return stack.up(cart()).preview(cart(name="basket_reminder"))


def _removed(stack: Stack) -> list[str]:
    return stack.up(cart()).destroy()


def _delete(stack: Stack) -> list[str]:
    stack.up(cart(60.0))
    return Stack(stack.emulator).up(cart(75.0, adopt=True, on_destroy="delete")).destroy()


SCENES: dict[str, Callable[[Stack], list[str]]] = {
    "forgotten-increment": _forgotten_increment,
    "several-faults": _several_faults,
    "misspelt-attribute": _misspelt_attribute,
    "name-is-taken": _name_is_taken,
    "moved-on": _moved_on,
    "create": _create,
    "update": _update,
    "much": _much,
    "described": _described,
    "wrong-type": _wrong_type,
    "draft": _draft,
    "withdraw": _withdraw,
    "rollback": _rollback,
    "adopt": _adopt,
    "replace": _replace,
    "removed": _removed,
    "delete": _delete,
    "drift": _drift,
}


@contextmanager
def new_stack() -> Iterator[Stack]:
    """Yield a stack with nothing in it, and a registry that has the shopping attributes."""
    with emptied() as emulator:
        emulator.publish_group(
            "shopping",
            {
                "cart_value": "double",
                "minutes_since_last_activity": "int32",
                "plan": "string",
                "visits": "int32",
            },
        )
        yield Stack(emulator)


def text_of(scene: str) -> str:
    """Return what a page has to show for a scene."""
    with new_stack() as stack:
        return "\n".join(SCENES[scene](stack))
