"""What others delete or publish, and what was looked at: numbers are kept, warnings are said once, nothing is made up."""

from harness import Lifecycle, Outsider, Stage, moved, rule

_KINDS = ("same", "changed", "given", "second", "dropped")


def _rules(**over: float) -> str:
    """Return one rule for each way on; a cart value of its own makes another definition."""
    return (
        rule("same", over.get("same", 75))
        + rule("changed", over.get("changed", 75))
        + rule("given", over.get("given", 75), version=1)
        + rule("second", over.get("second", 75))
        + rule("draft", published=False)
    )


def _all_deleted(outsider: Outsider) -> None:
    for name in ("same", "changed", "given", "draft", "dropped"):
        outsider.deletes(name, 1)
    outsider.deletes("second", 2)


_GONE = {"published": (True, False)}

DELETED = Lifecycle(
    "a version that others deleted keeps its number: the same definition comes back under it, another goes above",
    [
        Stage(
            _rules() + rule("dropped"),
            steps=dict.fromkeys((*_KINDS, "draft"), "create"),
        ),
        Stage(_rules(second=80) + rule("dropped"), steps={"second": "update"}),
        Stage(
            command="refresh",
            before=_all_deleted,
            steps=None,
            inputs=dict.fromkeys(_KINDS, _GONE),
            warns=None,
            mentions=[(name, "deleted") for name in _KINDS],
            writes=0,
        ),
        Stage(command="refresh", steps={}, warns=None),
        Stage(
            _rules(changed=80, given=80, second=90) + rule("dropped"),
            "preview",
            refused={"given": ["version=2"]},
        ),
        Stage(
            _rules(changed=80, second=90),
            steps={
                **dict.fromkeys(("same", "changed", "given", "second", "draft"), "update"),
                "dropped": "delete",
            },
            inputs={"changed": {**moved(75, 80), "published": (False, True), "version": (1, 2)}},
            warns=None,
            registry={
                "same": {1: True},
                "changed": {2: True},
                "given": {1: True},
                "second": {1: False, 3: True},
                "draft": {1: False},
            },
        ),
        Stage(requests={}),
    ],
    meant_down=("same", "changed", "given", "second"),
)

DELETED_AND_DESTROYED = Lifecycle(
    "a destroy succeeds after others deleted a version, and a refresh found it",
    [
        Stage(
            rule("cart") + rule("basket", on_destroy="delete") + rule("draft", published=False),
            steps=dict.fromkeys(("cart", "basket", "draft"), "create"),
        ),
        Stage(
            command="destroy",
            options=("--refresh",),
            before=lambda outsider: ([outsider.deletes(name, 1) for name in ("cart", "basket", "draft")]),
            steps=None,
            warns=None,
            writes=0,
            registry={},
        ),
    ],
)

DELETED_AND_REFRESHED = Lifecycle(
    "up --refresh publishes a changed definition under the next number after others deleted the version",
    [
        Stage(rule("cart"), steps={"cart": "create"}),
        Stage(
            rule("cart", 80),
            options=("--refresh",),
            before=lambda outsider: outsider.deletes("cart", 1),
            steps=None,
            warns=None,
            registry={"cart": {2: True}},
        ),
    ],
    meant_down=("cart",),
)

STALE = Lifecycle(
    "a version of others that an up withdrew is not warned of again",
    [
        Stage(rule("found") + rule("changed"), steps={"found": "create", "changed": "create"}),
        Stage(
            rule("found") + rule("changed", 70),
            options=("--refresh",),
            before=lambda outsider: [outsider.stores(name, 2, 60) for name in ("found", "changed")],
            steps=None,
            warns=None,
            registry={"found": {1: True, 2: False}, "changed": {1: False, 2: False, 3: True}},
        ),
        Stage(
            rule("found", 80) + rule("changed", 80),
            steps={"found": "update", "changed": "update"},
            registry={
                "found": {1: False, 2: False, 3: True},
                "changed": {1: False, 2: False, 3: False, 4: True},
            },
        ),
    ],
)


def _there(outsider: Outsider) -> None:
    outsider.stores("cart", 2)
    outsider.stores("cart", 3, 80, live=False)


_NO_VERSION = {"negative": "-1", "zero": "0", "half": "1.5", "text": '"1"', "truth": "True"}


def _look(resource_name: str, arguments: str) -> str:
    return f"attempt({resource_name!r}, lambda: RuleIntervention.get({resource_name!r}, {arguments}))\n"


NOTHING_THERE = Lifecycle(
    "a look at what is not in the registry fails, and so does one at a version that is no whole number from 1",
    [
        Stage(
            _look("absent", '"nope"'), before=_there, fails_with=[("absent", "nope", "not in the registry")]
        ),
        Stage(
            _look("missing", '"cart", version=7'),
            fails_with=[("missing", "cart", "7", "not in the registry")],
        ),
        *(
            Stage(_look(name, f'"cart", version={version}'), fails_with=[(name, "version")])
            for name, version in _NO_VERSION.items()
        ),
        Stage(_look("misnamed", '"no name"'), "preview", fails_with=[("misnamed", '"no name"')]),
    ],
)

GONE_MEANWHILE = Lifecycle(
    "a look at what was in the registry, and no longer is, fails",
    [
        Stage('RuleIntervention.get("look", "cart")\n', before=_there, steps={"look": "read"}),
        Stage(
            before=lambda outsider: [outsider.deletes("cart", 2), outsider.deletes("cart", 3)],
            fails_with=[("look", "cart", "not in the registry")],
        ),
    ],
)

LOOKED_AT = Lifecycle(
    "a look shows the highest version or the one that is named, live or not",
    [
        Stage(
            'RuleIntervention.get("newest", "cart").rule.apply(lambda seen: pulumi.log.info(f"newest: {seen}"))\n'
            'RuleIntervention.get("named", "cart", version=2).rule.apply('
            'lambda seen: pulumi.log.info(f"named: {seen}"))\n',
            before=_there,
            steps={"newest": "read", "named": "read"},
            says=("newest: shopping:cart_value > 80", "named: shopping:cart_value > 75"),
            registry={"cart": {2: True, 3: False}},
        ),
    ],
)

LIFECYCLES = [
    DELETED,
    DELETED_AND_DESTROYED,
    DELETED_AND_REFRESHED,
    STALE,
    NOTHING_THERE,
    GONE_MEANWHILE,
    LOOKED_AT,
]
