"""Subclasses of ours: their types, what they take over, and that to Signals they are what their base is."""

from harness import Code, Lifecycle, Stage, moved, rule

_PRELUDE = """
from pulumi_snowplow_signals import DirectIntervention


class Untyped(RuleIntervention, name="Resource"):
    '''What a subclass was to Pulumi under 0.1.0.'''


class UntypedGreeting(DirectIntervention, name="Resource"):
    '''The same of the other resource.'''


class TeamRule(RuleIntervention):
    '''A subclass.'''


class ShopRule(TeamRule):
    '''A subclass of a subclass.'''


class TeamGreeting(DirectIntervention):
    '''A subclass of the other resource.'''


"""
_IDS = {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbea"]}
_GREETED = "hello v1 will be pushed at once to 1 id; cannot be undone"


def _of(kind: str, resource_name: str, over: float = 75, /, **inputs: object) -> str:
    return rule(resource_name, over, **inputs).replace("RuleIntervention(", f"{kind}(", 1)


def _greeting(kind: str, resource_name: str) -> str:
    return f'{kind}({resource_name!r}, name="hello", version=1, targets={_IDS})\n'


def _group(name: str, options: str = "") -> str:
    declared = f'pulumi.ComponentResource("demo:index:Group", {name!r}, {{}}, ResourceOptions({options}))'
    return f"group = {declared}\ngroup.register_outputs({{}})\n"


def _options(text: str) -> Code:
    return Code(f"ResourceOptions({text})")


_CHILD = _options("parent=group")
_WAS_OLD = 'aliases=[pulumi.Alias(name="old")]'

TAKEN_OVER = Lifecycle(
    "a subclass has the type of its base, and takes over what was stored without one, under an older name too",
    [
        Stage(
            _PRELUDE
            + _of("Untyped", "team")
            + _of("Untyped", "shop")
            + _of("Untyped", "old", name="renamed")
            + _greeting("UntypedGreeting", "hello")
            + _group("group")
            + _of("Untyped", "child", opts=_CHILD),
            steps=dict.fromkeys(("team", "shop", "old", "hello", "group", "child"), "create"),
            warns=[_GREETED, "1 id not delivered"],
        ),
        Stage(
            _PRELUDE
            + _of("TeamRule", "team")
            + _of("ShopRule", "shop")
            + _of("TeamRule", "new", name="renamed", opts=_options(_WAS_OLD))
            + _greeting("TeamGreeting", "hello")
            + _group("squad", 'aliases=[pulumi.Alias(name="group")]')
            + _of("TeamRule", "child", opts=_CHILD),
            requests={},
        ),
        Stage(
            _PRELUDE
            + _of("TeamRule", "team", 80)
            + _of("ShopRule", "shop")
            + _of("TeamRule", "new", name="renamed")
            + _greeting("TeamGreeting", "hello")
            + _group("squad")
            + rule("child", opts=_CHILD),
            steps={"team": "update"},
            inputs={"team": {**moved(75, 80), "version": (1, 2)}},
            registry={
                "team": {1: False, 2: True},
                "shop": {1: True},
                "renamed": {1: True},
                "child": {1: True},
            },
        ),
    ],
)

ONE_KIND = Lifecycle(
    "a subclass and its base cannot both declare one intervention, wherever they stand; a rule and a push can",
    [
        Stage(
            _PRELUDE + rule("one", name="cart") + _of("ShopRule", "other", name="cart"),
            "preview",
            refused={
                "": [
                    (
                        'ShopRule "other" and RuleIntervention "one" are both named "cart" in Signals. '
                        "Declare it once, or rename one of them."
                    )
                ]
            },
        ),
        Stage(
            _PRELUDE + _of("TeamRule", "cart") + _group("group") + rule("cart", opts=_CHILD),
            "preview",
            refused={
                "": [
                    'RuleIntervention "cart" in ComponentResource "group" and TeamRule "cart" are both named'
                ],
            },
        ),
        Stage(
            _PRELUDE + _of("TeamRule", "hello") + _greeting("DirectIntervention", "pushed"),
            steps={"hello": "create", "pushed": "create"},
            warns=[_GREETED, "1 id not delivered"],
        ),
    ],
)

LIFECYCLES = [TAKEN_OVER, ONE_KIND]
