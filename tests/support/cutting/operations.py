"""What is cut: a stack as it is, the change that fails, and what may come after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driver import Declared, Program

from cutting.world import OWNER, World

CART = "cart"


def cart(
    over: float,
    /,
    logical_name: str = "rule",
    *,
    forced: bool = False,
    delete_first: bool = False,
    **inputs: Any,
) -> Program:
    """Return a program of one rule over the value of the cart; what `over` changes is the definition."""
    criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": over}
    given = {"name": CART, "owner": OWNER, "criteria": criteria, "rule": "", **inputs}
    return {logical_name: Declared(given, replaced=forced, delete_first=delete_first)}


Step = Program | Callable[[World], None]
"""A program that is deployed, or what somebody else does to the registry."""


@dataclass(frozen=True)
class Operation:
    """A change that is cut.

    Args:
        name: What it is, as the summary says it.
        before: How the stack came to be as it is; the last program is what a reverted change goes back to.
        change: The program that is deployed, and fails; None destroys.
        edited: What the program may be edited to afterwards.
        meant_down: Whether the name is meant to be without a live version, after the change or what follows it.
        makes: Whether it creates a resource. Of a creation that fails Pulumi keeps nothing: where the program is reverted
            instead of deployed again, no state leads to what is in the registry already.
        forgets: Whether the stack is meant to forget the name's numbers, and may begin with 1 again.
        is_on_paper: Whether only the state changes, and nothing in the registry.
    """

    name: str
    before: Sequence[Step]
    change: Program | None
    edited: Program
    meant_down: bool = False
    makes: bool = False
    forgets: bool = False
    is_on_paper: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def publishes(self) -> bool:
        """Return whether the change publishes a version."""
        if self.is_on_paper:
            return False
        before = self.reverted.items()
        after = (self.change or {}).items()
        return any(each.inputs.get("published", True) for name, each in after if (name, each) not in before)

    @property
    def is_forced(self) -> bool:
        """Return whether a replacement is forced that nothing in the program asks for."""
        return any(declared.replaced for declared in (self.change or {}).values())

    @property
    def reverted(self) -> Program:
        """The program before the change."""
        return next((step for step in reversed(self.before) if not callable(step)), {})


def _somebody_puts(version: int, over: float, *, live: bool = True) -> Callable[[World], None]:
    return lambda world: world.put(CART, version, over, live=live)


TAKEN: Mapping[str, Any] = {"adopt": True, "on_destroy": "unpublish"}

OPERATIONS = [
    Operation("create", [], cart(75), cart(90), makes=True),
    Operation("create with a number", [], cart(75, version=7), cart(90, version=8), makes=True),
    Operation("create as draft", [], cart(75, published=False), cart(90, published=False), makes=True),
    Operation("update", [cart(75)], cart(80), cart(90)),
    Operation("update under a number", [cart(75, version=1)], cart(80, version=2), cart(90, version=3)),
    Operation("publish again under a number", [cart(75)], cart(75, version=4), cart(90)),
    Operation(
        "edit a draft", [cart(75, published=False)], cart(80, published=False), cart(90, published=False)
    ),
    Operation("edit a draft and publish it", [cart(75, published=False)], cart(80), cart(90)),
    Operation("publish a draft", [cart(75, published=False)], cart(75), cart(90)),
    Operation(
        "move a draft",
        [cart(75, published=False)],
        cart(75, published=False, version=2),
        cart(90, published=False, version=3),
    ),
    Operation("move a draft and publish it", [cart(75, published=False)], cart(80, version=2), cart(90)),
    Operation(
        "draft beside a live version", [cart(75)], cart(80, published=False), cart(90, published=False)
    ),
    Operation(
        "publish a draft beside a live version", [cart(75), cart(80, published=False)], cart(80), cart(90)
    ),
    Operation("withdraw", [cart(75)], cart(75, published=False), cart(80), meant_down=True),
    Operation("publish", [cart(75), cart(75, published=False)], cart(75), cart(80), meant_down=True),
    Operation("rollback", [cart(75), cart(80)], cart(75, version=1), cart(90)),
    Operation(
        "adopt",
        [_somebody_puts(1, 60, live=False), _somebody_puts(2, 70)],
        cart(75, **TAKEN),
        cart(90, **TAKEN),
        makes=True,
    ),
    Operation(
        "adopt several live versions",
        [_somebody_puts(1, 60), _somebody_puts(2, 70)],
        cart(75, **TAKEN),
        cart(90, **TAKEN),
        makes=True,
    ),
    Operation(
        "take over",
        [_somebody_puts(1, 60, live=False), _somebody_puts(2, 75)],
        cart(75, **TAKEN),
        cart(90, **TAKEN),
        is_on_paper=True,
    ),
    Operation(
        "take over and publish",
        [_somebody_puts(1, 75, live=False)],
        cart(75, **TAKEN),
        cart(90, **TAKEN),
        makes=True,
    ),
    Operation(
        "take over as a draft",
        [_somebody_puts(1, 75)],
        cart(75, published=False, **TAKEN),
        cart(90, **TAKEN),
        meant_down=True,
    ),
    Operation(
        "update beside versions of somebody else",
        [cart(75), _somebody_puts(2, 60), _somebody_puts(3, 70)],
        cart(80),
        cart(90),
    ),
    Operation(
        "replace by name",
        [cart(75)],
        cart(75, name="other"),
        cart(90, name="other"),
        makes=True,
        meant_down=True,
    ),
    Operation(
        "replace by name, deleting first",
        [cart(75)],
        cart(75, name="other", delete_first=True),
        cart(90, name="other"),
        makes=True,
        meant_down=True,
    ),
    Operation(
        "rename the logical name",
        [cart(75), cart(80)],
        cart(80, "renamed"),
        cart(90, "renamed"),
        is_on_paper=True,
    ),
    Operation("rename and change", [cart(75)], cart(80, "renamed", **TAKEN), cart(90, "renamed", **TAKEN)),
    Operation("forced replace", [cart(75), cart(80)], cart(80, forced=True), cart(90), is_on_paper=True),
    # Pulumi tells a forced replacement nothing of what was before, so that a change needs consent.
    Operation("forced replace and change", [cart(75)], cart(80, forced=True, **TAKEN), cart(90, **TAKEN)),
    Operation(
        "forced replace, deleting first",
        [cart(75)],
        cart(75, forced=True, delete_first=True),
        cart(90),
        makes=True,
        is_on_paper=True,
    ),
    Operation(
        "change a policy alone",
        [cart(75)],
        cart(75, on_destroy="delete"),
        cart(80),
        meant_down=True,
        is_on_paper=True,
    ),
    Operation("remove, withdrawing", [cart(75), cart(80)], {}, cart(90), meant_down=True),
    Operation("destroy, withdrawing", [cart(75), cart(80)], None, cart(90), meant_down=True),
    Operation(
        "destroy, deleting",
        [cart(75, on_destroy="delete"), cart(80, on_destroy="delete")],
        None,
        cart(90, on_destroy="delete"),
        meant_down=True,
        forgets=True,
    ),
    Operation(
        "destroy after a rollback, deleting",
        [
            cart(75, on_destroy="delete"),
            cart(80, on_destroy="delete"),
            cart(75, on_destroy="delete", version=1),
        ],
        None,
        cart(90, on_destroy="delete"),
        meant_down=True,
        forgets=True,
    ),
    Operation(
        "destroy a draft beside a live version, deleting",
        [cart(75, on_destroy="delete"), cart(80, on_destroy="delete", published=False)],
        None,
        cart(90, on_destroy="delete"),
        meant_down=True,
        forgets=True,
    ),
]
"""Every operation."""
