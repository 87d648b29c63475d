"""Histories that once broke a promise, each as short as it can be."""

from __future__ import annotations

from dataclasses import dataclass

from histories.operations import (
    Delete,
    Destroy,
    Operation,
    Publish,
    Put,
    Refresh,
    Remove,
    Settle,
    Taint,
    Up,
    Withdraw,
    write,
)


@dataclass(frozen=True)
class Scenario:
    """A history, and what the last deployment in it must say."""

    name: str
    operations: tuple[Operation, ...]
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def _scenario(name: str, *operations: Operation, says: tuple[str, ...] = ()) -> Scenario:
    return Scenario(name, operations, says)


_FOREIGN = (Put("cart", 1, 9), Publish("cart", 1))

SCENARIOS = [
    _scenario(
        "two outputs name one rule",
        write("alpha", "one", "cart", 1, output=True),
        Up("alpha"),
        write("alpha", "two", "cart", 1, output=True),
        Up("alpha"),
        write("alpha", "two", "cart", 2, output=True),
        Up("alpha"),
    ),
    _scenario(
        "two outputs name one rule in an empty registry",
        write("alpha", "spring", "cart", 1, output=True),
        write("alpha", "summer", "cart", 2, output=True),
        Up("alpha"),
        says=("failed", "spring", "summer"),
    ),
    _scenario(
        "two outputs name one rule, and are checked before anything is created",
        write("alpha", "spring", "cart", 1, output=True),
        write("alpha", "summer", "cart", 1, output=True),
        Up("alpha", checks_first=True),
        says=("failed", "spring", "summer"),
    ),
    _scenario(
        "a subclass names the same rule",
        write("alpha", "spring", "cart", 1),
        Up("alpha"),
        write("alpha", "summer", "cart", 1, team=True),
        Up("alpha"),
        says=("refused", "spring", "summer"),
    ),
    _scenario(
        "a subclass names the same rule and is checked first",
        write("alpha", "spring", "cart", 1),
        Up("alpha"),
        write("alpha", "summer", "cart", 1, team=True),
        Up("alpha", backwards=True),
        says=("refused", "spring", "summer"),
    ),
    _scenario(
        "a second resource adopts the same rule",
        write("alpha", "spring", "cart", 1),
        Up("alpha"),
        write("alpha", "summer", "cart", 2, team=True, adopt=True),
        Up("alpha"),
        says=("refused", "spring", "summer"),
    ),
    _scenario(
        "up, destroy, up, destroy",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Destroy("alpha"),
        Up("alpha"),
        Destroy("alpha"),
    ),
    _scenario(
        "what was live when it was adopted stays live, whatever followed",
        *_FOREIGN,
        write("alpha", "one", "cart", 1, adopt=True),
        Up("alpha"),
        write("alpha", "one", "cart", 2, adopt=True),
        Up("alpha"),
    ),
    _scenario(
        "a draft of somebody else is adopted and goes down again",
        Put("cart", 1, 1),
        write("alpha", "one", "cart", 1),
        Up("alpha"),
    ),
    _scenario(
        "another definition after a destroy",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Destroy("alpha"),
        write("alpha", "one", "cart", 2),
        Up("alpha"),
        says=("create cart",),
    ),
    _scenario(
        "an older definition comes back after a destroy",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        write("alpha", "one", "cart", 2),
        Up("alpha"),
        Destroy("alpha"),
        write("alpha", "one", "cart", 1, version=1),
        Up("alpha"),
        says=("create cart",),
    ),
    _scenario(
        "another definition beside what somebody else has live",
        *_FOREIGN,
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        says=("refused", "adopt=True"),
    ),
    _scenario(
        "a withdrawn version with the same definition beside a live one with another",
        *_FOREIGN,
        Put("cart", 2, 1),
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        says=("refused", "adopt=True"),
    ),
    _scenario(
        "a number that was deleted elsewhere",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Delete("cart", 1),
        Refresh("alpha"),
        write("alpha", "one", "cart", 2),
        Up("alpha"),
        says=("update cart",),
    ),
    _scenario(
        "deleted elsewhere and not changed",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Delete("cart", 1),
        Up("alpha", refresh=True),
        says=("update cart",),
    ),
    _scenario(
        "deleted elsewhere, then destroyed",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Delete("cart", 1),
        Refresh("alpha"),
        Destroy("alpha"),
    ),
    _scenario(
        "a draft that was deleted elsewhere",
        write("alpha", "one", "cart", 1, published=False),
        Up("alpha"),
        Delete("cart", 1),
        Up("alpha", refresh=True),
        says=("update cart",),
    ),
    _scenario(
        "a tainted resource",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Taint("alpha", "one"),
        Up("alpha"),
    ),
    _scenario(
        "a tainted resource with another definition",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        write("alpha", "one", "cart", 2),
        Taint("alpha", "one"),
        Up("alpha"),
    ),
    _scenario(
        "a tainted resource that is deleted first",
        write("alpha", "one", "cart", 1, delete_first=True),
        Up("alpha"),
        Taint("alpha", "one"),
        Up("alpha"),
    ),
    _scenario(
        "a resource under another logical name",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Remove("alpha", "one"),
        write("alpha", "two", "cart", 1),
        Up("alpha"),
    ),
    _scenario(
        "a resource under another logical name, with an alias",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Remove("alpha", "one"),
        write("alpha", "two", "cart", 1, alias="one"),
        Up("alpha"),
    ),
    _scenario(
        "a warning about what was withdrawn already",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Put("cart", 2, 9),
        Publish("cart", 2),
        write("alpha", "one", "cart", 2),
        Up("alpha"),
        write("alpha", "one", "cart", 3),
        Up("alpha"),
        write("alpha", "one", "cart", 4),
        Up("alpha"),
    ),
    _scenario(
        "a warning after a refresh about what was withdrawn already",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Put("cart", 2, 9),
        Publish("cart", 2),
        Up("alpha", refresh=True),
        write("alpha", "one", "cart", 3),
        Up("alpha"),
    ),
    _scenario(
        "two stacks take turns",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        write("beta", "one", "cart", 2, adopt=True),
        Up("beta"),
        Up("alpha", refresh=True),
        Up("beta", refresh=True),
        write("alpha", "one", "cart", 3),
        Up("alpha"),
    ),
    _scenario(
        "a rule that somebody else withdrew",
        write("alpha", "one", "cart", 1),
        Up("alpha"),
        Withdraw("cart", 1),
        Settle(),
    ),
]
