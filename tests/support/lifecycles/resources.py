"""Resources that go, move and are replaced; and Pulumi's own options on ours."""

from harness import Code, Lifecycle, Stage, moved, rule

_WAYS = ("unpublish", "delete", "retain")
_TYPE = "pulumi-python:dynamic/signals:RuleIntervention"


def _urn(name: str) -> str:
    return f"urn:pulumi:dev::interventions::{_TYPE}::{name}"


def _options(text: str) -> Code:
    return Code(f"ResourceOptions({text})")


REMOVED = Lifecycle(
    "what goes is withdrawn, deleted or retained, as on_destroy says; a change of that alone is no request",
    [
        Stage(
            "".join(rule(way, on_destroy=way) + rule(f"to_{way}") for way in _WAYS) + rule("usual"),
            steps=dict.fromkeys([*_WAYS, *(f"to_{way}" for way in _WAYS), "usual"], "create"),
        ),
        Stage(
            "".join(rule(way, 80, on_destroy=way) + rule(f"to_{way}", on_destroy=way) for way in _WAYS)
            + rule("usual"),
            steps=dict.fromkeys([*_WAYS, "to_delete", "to_retain"], "update"),
            inputs={"to_delete": {"on_destroy": ("unpublish", "delete")}},
            writes=6,
        ),
        Stage(
            rule("usual"),
            steps=dict.fromkeys([*_WAYS, *(f"to_{way}" for way in _WAYS)], "delete"),
            registry={
                "unpublish": {1: False, 2: False},
                "retain": {1: False, 2: True},
                "to_unpublish": {1: False},
                "to_retain": {1: True},
                "usual": {1: True},
            },
        ),
    ],
)

RENAMED = Lifecycle(
    "another name is another intervention: the new one goes live, the old one is taken down",
    [
        Stage(rule("cart"), steps={"cart": "create"}),
        Stage(
            rule("cart", name="basket"),
            "preview",
            steps={"cart": "replace"},
            says=("basket v1 goes live: shopping:cart_value > 75",),
            writes=0,
        ),
        Stage(
            rule("cart", name="basket"),
            steps={"cart": "replace"},
            registry={"cart": {1: False}, "basket": {1: True}},
        ),
        Stage(requests={}),
    ],
)

MOVED = Lifecycle(
    "a resource that only changed its logical name keeps its live rule, with an alias or without",
    [
        Stage(
            rule("aliased", name="with_alias") + rule("bare", name="without"),
            steps={"aliased": "create", "bare": "create"},
        ),
        Stage(
            rule("renamed", name="with_alias", opts=_options('aliases=[pulumi.Alias(name="aliased")]'))
            + rule("moved", name="without"),
            steps={"moved": "create", "bare": "delete"},
            says=(
                "without v1 is already in the registry with this definition and is taken over, live",
                'without: deleting the old resource withdraws nothing, because the program still declares "without"',
            ),
            warns=(
                'without: on_destroy is "retain", because a version was live before this stack took it over',
            ),
            writes=0,
            registry={"with_alias": {1: True}, "without": {1: True}},
        ),
        Stage(
            rule("renamed", 80, name="with_alias") + rule("moved", 80, name="without"),
            steps={"renamed": "update", "moved": "update"},
            registry={"with_alias": {1: False, 2: True}, "without": {1: False, 2: True}},
        ),
    ],
)

REPLACED = Lifecycle(
    "a forced replacement leaves the live rule alone and forgets no number",
    [
        Stage(
            rule("cart") + rule("basket", opts=_options("delete_before_replace=True")),
            steps={"cart": "create", "basket": "create"},
        ),
        Stage(
            rule("cart", 80) + rule("basket", 80, opts=_options("delete_before_replace=True")),
            steps={"cart": "update", "basket": "update"},
        ),
        Stage(
            options=("--replace", _urn("cart"), "--replace", _urn("basket")),
            steps={"cart": "replace", "basket": "replace"},
            says=(
                'cart: deleting the old resource withdraws nothing, because the program still declares "cart"',
                'basket: deleting the old resource withdraws nothing, because the program still declares "basket"',
            ),
            warns=(
                'cart: on_destroy is "retain", because a version was live before',
                'basket: on_destroy is "retain", because a version was live before',
            ),
            writes=0,
            registry={"cart": {1: False, 2: True}, "basket": {1: False, 2: True}},
        ),
        Stage(
            # Pulumi checks what is to be replaced without what was recorded of it.
            rule("cart", 85) + rule("basket", 80),
            "preview",
            options=("--replace", _urn("cart")),
            refused={
                "cart": [
                    (
                        'name: "cart" is in the registry already, up to version 2: criteria.value changed (80 → 85). '
                        "Add adopt=True to take it over under version 3, or choose another name."
                    )
                ]
            },
        ),
        Stage(
            rule("cart", 90) + rule("basket", 75, version=1),
            steps={"cart": "update", "basket": "update"},
            registry={"cart": {1: False, 2: False, 3: True}, "basket": {1: True, 2: False}},
        ),
    ],
    engines=("pulumi",),
    why_not="it does not take --replace",
)

IGNORED = Lifecycle(
    "ignore_changes on any input does no harm, the computed ones included",
    [
        Stage(
            rule("criteria") + rule("rule") + rule("version") + rule("history") + rule("published"),
            steps=dict.fromkeys(("criteria", "rule", "version", "history", "published"), "create"),
        ),
        Stage(
            rule("criteria", 80, opts=_options('ignore_changes=["criteria"]'))
            + rule("rule", 80, opts=_options('ignore_changes=["rule"]'))
            + rule("version", version=5, opts=_options('ignore_changes=["version"]'))
            + rule("history", 80, opts=_options('ignore_changes=["__signals"]'))
            + rule("published", published=False, opts=_options('ignore_changes=["published"]')),
            steps={"rule": "update", "history": "update"},
            inputs={
                "rule": {
                    **moved(75, 80),
                    "version": (1, 2),
                }
            },
            registry={
                "criteria": {1: True},
                "rule": {1: False, 2: True},
                "version": {1: True},
                "history": {1: False, 2: True},
                "published": {1: True},
            },
        ),
        Stage(
            rule("criteria", 80)
            + rule("rule", 80)
            + rule("version")
            + rule("history", 90)
            + rule("published"),
            steps={"criteria": "update", "history": "update"},
            registry={
                "criteria": {1: False, 2: True},
                "rule": {1: False, 2: True},
                "version": {1: True},
                "history": {1: False, 2: False, 3: True},
                "published": {1: True},
            },
        ),
    ],
)

GUARDED = Lifecycle(
    "protect, retain_on_delete, parent and depends_on do with ours what they do with any resource",
    [
        Stage(
            rule("guarded", opts=_options("protect=True"))
            + rule("retained", opts=_options("retain_on_delete=True"))
            + 'group = pulumi.ComponentResource("demo:index:Group", "group")\ngroup.register_outputs({})\n'
            + "first = "
            + rule("first", opts=_options("parent=group"))
            + rule("second", opts=_options("depends_on=[first]")),
            steps=dict.fromkeys(("guarded", "retained", "group", "first", "second"), "create"),
        ),
        Stage(
            rule("retained", opts=_options("retain_on_delete=True")),
            "preview",
            refused={"guarded": ["protect"]},
        ),
        Stage(
            rule("guarded", 80, opts=_options("protect=True")),
            steps={
                "guarded": "update",
                "retained": "delete",
                "group": "delete",
                "first": "delete",
                "second": "delete",
            },
            registry={
                "guarded": {1: False, 2: True},
                "retained": {1: True},
                "first": {1: False},
                "second": {1: False},
            },
        ),
    ],
)

TWICE = Lifecycle(
    "two resources of one intervention are refused, where they are declared or where the names are known at last",
    [
        Stage(
            rule("one", name="cart") + rule("other", name="cart"),
            "preview",
            refused={
                "": ['RuleIntervention "other" and RuleIntervention "one" are both named "cart" in Signals']
            },
        ),
        Stage(
            'source = Other("source", "cart")\n'
            "one = "
            + rule("one", name=Code("source.given"))
            + rule("other", name=Code("source.given"), opts=_options("depends_on=[one]")),
            refused={"other": ['two resources of this program are named "cart" in Signals']},
            registry={"cart": {1: True}},
        ),
    ],
)

IMPORTED = Lifecycle(
    "import_ is refused with a hint to adopt, and .get looks at what others manage",
    [
        Stage(
            rule("cart", opts=_options('import_="cart"')),
            "preview",
            before=lambda outsider: outsider.stores("cart", 3),
            refused={"": ["Set adopt=True to take over what is in the registry."]},
        ),
        Stage(
            'found = RuleIntervention.get("found", "cart")\npulumi.export("number", found.version)\n'
            + rule("mine", owner=Code("found.owner")),
            steps={"found": "read", "mine": "create"},
            registry={"cart": {3: True}, "mine": {1: True}},
        ),
        Stage(command="destroy", steps=None, registry={"cart": {3: True}, "mine": {1: False}}),
    ],
)

LIFECYCLES = [REMOVED, RENAMED, MOVED, REPLACED, IGNORED, GUARDED, TWICE, IMPORTED]
