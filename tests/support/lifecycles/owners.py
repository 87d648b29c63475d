"""One owner of a name: two resources never publish under the same name in Signals, however the name is written."""

from harness import Code, Lifecycle, Stage, declaration, rule

_SUBCLASS = "class TeamRule(RuleIntervention):\n    pass\n\n\n"
_PUSH = "from pulumi_snowplow_signals import DirectIntervention\n"
# Their children have one logical name, and are two resources all the same.
_COMPONENTS = """\
shop = pulumi.ComponentResource("demo:index:Shop", "shop")
team = pulumi.ComponentResource("demo:index:Team", "team")
"""
_BOTH = ("basket_rule", "checkout_rule", "cart")


def _output(text: str) -> Code:
    """Return an output that is known in a preview."""
    return Code(f"pulumi.Output.from_input({text!r})")


def _named(resource_name: str, over: float = 75, /, name: str = "cart", **inputs: object) -> str:
    """Return the line that declares a rule whose name is an output."""
    return rule(resource_name, over, name=_output(name), **inputs)


def _of_team(declared: str) -> str:
    return declared.replace("RuleIntervention(", "TeamRule(", 1)


def _push(resource_name: str) -> str:
    ids = {"domain_sessionid": ["218e8926-3858-431d-b2ed-66da03a1cbea"]}
    given = {"name": _output("greeting"), "version": 1, "targets": ids}
    return declaration(resource_name, given).replace("RuleIntervention(", "DirectIntervention(", 1)


_ADOPTING = ("box_rule", "crate_rule", "box")
_FIRST = _named("basket_rule") + _named("box_rule", name="box")

SECOND = Lifecycle(
    "a second owner of a name that is an output is refused, whichever is checked first, and with adopt=True too",
    [
        Stage(_FIRST, steps={"basket_rule": "create", "box_rule": "create"}),
        Stage(
            _FIRST + _named("checkout_rule") + _named("crate_rule", 80, name="box", adopt=True),
            "preview",
            fails_with=(_BOTH, _ADOPTING),
            writes=0,
        ),
        Stage(
            _named("box_rule", name="box")
            + "first = "
            + _named("checkout_rule")
            + _named("basket_rule", opts=Code("ResourceOptions(depends_on=[first])")),
            fails_with=(_BOTH,),
            writes=0,
            registry={"cart": {1: True}, "box": {1: True}},
        ),
        Stage(
            _named("basket_rule")
            + "second = "
            + _named("box_rule", name="box")
            + _named(
                "crate_rule",
                80,
                name="box",
                adopt=True,
                version=7,
                opts=Code("ResourceOptions(depends_on=[second])"),
            ),
            fails_with=(_ADOPTING,),
            writes=0,
            registry={"cart": {1: True}, "box": {1: True}},
        ),
    ],
)

OF_A_SUBCLASS = Lifecycle(
    "a subclass makes no second owner of a name possible",
    [
        Stage(
            _SUBCLASS + _of_team(rule("checkout_rule", name="cart")) + rule("basket_rule", name="cart"),
            "preview",
            fails_with=(_BOTH,),
        ),
        Stage(rule("basket_rule", name="cart"), steps={"basket_rule": "create"}),
        Stage(
            _SUBCLASS
            + "first = "
            + rule("basket_rule", name="cart")
            + _of_team(
                rule(
                    "checkout_rule",
                    80,
                    name="cart",
                    adopt=True,
                    opts=Code("ResourceOptions(depends_on=[first])"),
                )
            ),
            fails_with=(_BOTH,),
            writes=0,
            registry={"cart": {1: True}},
        ),
    ],
)

BOTH_NEW = Lifecycle(
    "two new owners of a name are refused in preview, where the name is known",
    [
        Stage(
            _named("basket_rule")
            + _named("checkout_rule")
            + _named("box_rule", name="box")
            + rule("crate_rule", 80, name="box", adopt=True)
            + _named("tin_rule", name="tin", published=False)
            + _named("can_rule", 80, name="tin", version=2)
            + _COMPONENTS
            + _named("child", name="sack", opts=Code("ResourceOptions(parent=shop)"))
            + _named("child", name="sack", opts=Code("ResourceOptions(parent=team)")),
            "preview",
            fails_with=(_BOTH, _ADOPTING, ("tin_rule", "can_rule", "tin"), ("child", "sack")),
        ),
    ],
)

KNOWN_LATE = Lifecycle(
    "a second owner whose name is known late is refused by the names of both resources",
    [
        Stage(
            'source = Other("source", "cart")\n'
            "one = "
            + rule("basket_rule", name=Code("source.given"))
            + rule(
                "checkout_rule", name=Code("source.given"), opts=Code("ResourceOptions(depends_on=[one])")
            ),
            fails_with=(_BOTH,),
            registry={"cart": {1: True}},
        ),
        Stage(command="preview", fails_with=(_BOTH,), writes=0),
    ],
)

PUSHED_TWICE = Lifecycle(
    "two direct interventions of one name are refused in preview, where the name is known",
    [
        Stage(
            _PUSH + _push("first_push") + _push("second_push"),
            "preview",
            fails_with=(("first_push", "second_push", "greeting"),),
        ),
    ],
)

_FOUR = ("moved", "replaced", "watched", "leaving")

ONE_OWNER = Lifecycle(
    "what is renamed, replaced, looked at or given up by another in the same run is no second owner",
    [
        Stage(
            rule("moved", name="cart")
            + rule("replaced", name="basket")
            + rule("watched", name="crate")
            + rule("leaving", name="bag"),
            steps=dict.fromkeys(_FOUR, "create"),
        ),
        Stage(
            _named("moved_on")
            + rule("replaced", name="box")
            + rule("watched", name="crate")
            + 'RuleIntervention.get("look", "crate")\n'
            + rule("leaving", 80, name="sack")
            + rule("arriving", name="bag"),
            steps={
                "moved_on": "create",
                "moved": "delete",
                "replaced": "replace",
                "look": "read",
                "leaving": "replace",
                "arriving": "create",
            },
            warns=None,
            registry={
                "cart": {1: True},
                "basket": {1: False},
                "box": {1: True},
                "crate": {1: True},
                "sack": {1: True},
                "bag": {1: True},
            },
        ),
        Stage(
            _named("moved_on", 80)
            + _named("replaced", name="box")
            + rule("watched", 80, name="crate")
            + rule("leaving", 80, name="sack")
            + rule("arriving", 90, name="bag"),
            steps=None,
            warns=None,
            registry={
                "cart": {1: False, 2: True},
                "basket": {1: False},
                "box": {1: True},
                "crate": {1: False, 2: True},
                "sack": {1: True},
                "bag": {1: False, 2: True},
            },
        ),
    ],
)

LIFECYCLES = [SECOND, OF_A_SUBCLASS, BOTH_NEW, KNOWN_LATE, PUSHED_TWICE, ONE_OWNER]
