"""What the program alone can tell: told for all resources at once, before anything of anybody is checked or made."""

from harness import Code, Lifecycle, Stage, rule

_CRITERIA = "attribute('shopping:cart_value') > 75"
_TEAM = (
    'owner: is "team"; expected the e-mail address of a person or team. An email address must have an @-sign.'
)
_HEAD = "3 resources have faults. Nothing was sent to Signals."

_SEVERAL = f"""
from pulumi_snowplow_signals import DirectIntervention

before = Other("before", "x")
bad = {rule("bad", owner="team", criteria={"attribute": "shopping:cart_value", "operator": "==", "value": 5})}
RuleIntervention("look", owner="team@example.com", criteria={_CRITERIA}, opts=ResourceOptions(import_="x"))
push = DirectIntervention("push", version=0, targets={{"domain_userid": ["nobody"]}})
{rule("good")}
# What depends on a faulty resource is usable, too.
{rule("dependent", description=Code("bad.rule"), opts=Code("ResourceOptions(depends_on=[push])"))}
Other("after", bad.rule)
Other("last", "x")
pulumi.export("rule", bad.rule)
pulumi.export("id", push.id)
"""

_TOLD = (
    _HEAD,
    f'RuleIntervention "bad": {_TEAM}',
    'RuleIntervention "bad": criteria.operator: is "=="; allowed are =,',
    'RuleIntervention "look": import_ does not work for dynamic resources',
    'DirectIntervention "push": version: is 0; expected a whole number of 1 or more',
    'DirectIntervention "push": targets.domain_userid[0]: is not a UUID',
)

SEVERAL = Lifecycle(
    "the faults of all resources are told at once, and nothing is made, of other providers neither",
    [
        Stage(_SEVERAL, "preview", refused={"": [_TOLD]}, hides=("nobody", "Traceback"), requests={}),
        Stage(refused={"": [_TOLD]}, requests={}, hides=("nobody", "Traceback")),
        # Nothing is there: all of it is still to be made.
        Stage(
            rule("good") + 'Other("before", "x")\n',
            "preview",
            steps={"good": "create", "before": "create"},
        ),
    ],
)

_ONE = rule("bad", owner="team")

ONE = Lifecycle(
    "one fault is told as it is, also where other resources are many, and a correct program then goes through",
    [
        Stage(
            "for i in range(20):\n    Other(f'before{i}', 'x')\n"
            + _ONE
            + "for i in range(20):\n    Other(f'after{i}', 'x')\n",
            refused={"": [f'RuleIntervention "bad": {_TEAM}']},
            requests={},
        ),
        Stage(rule("bad"), steps={"bad": "create"}, registry={"bad": {1: True}}),
        # Nothing of what is deployed is touched, and nothing is taken for gone.
        Stage(
            _ONE, refused={"": [f'RuleIntervention "bad": {_TEAM}']}, requests={}, registry={"bad": {1: True}}
        ),
    ],
)

ASYNC = Lifecycle(
    "a program given to pulumi.run, and one that declares in an apply, tell what they know by then",
    [
        Stage(
            f"""
import asyncio

async def main():
    good = {rule("good")}
    {_ONE}
    await asyncio.sleep(0.2)
    RuleIntervention("later", owner="late", criteria={_CRITERIA})
    return {{"name": good.name}}

pulumi.run(main)
""",
            refused={
                "": [(f'RuleIntervention "bad": {_TEAM}', 'RuleIntervention "later": owner: is "late"')]
            },
            requests={},
        ),
        Stage(
            f"""
pulumi.Output.from_input("x").apply(lambda _: RuleIntervention("inner", owner="team", criteria={_CRITERIA}).urn)
""",
            refused={"": [f'RuleIntervention "inner": {_TEAM}']},
            requests={},
        ),
    ],
)

_GROUP = """
class Group(pulumi.ComponentResource):
    def __init__(self, name, owner, opts=None):
        super().__init__("demo:index:Group", name, {}, opts)
        self.rule = RuleIntervention(
            f"{name}_rule", owner=owner, criteria=attribute("shopping:cart_value") > 75, opts=ResourceOptions(parent=self)
        )
        self.register_outputs({"rule": self.rule.rule})

"""

COMPONENT = Lifecycle(
    "a faulty resource of a component is told with its component, and the others wait for it",
    [
        Stage(
            _GROUP + 'Group("right", "team@example.com")\nGroup("wrong", "team")\n',
            refused={"": [f'RuleIntervention "wrong_rule" in Group "wrong": {_TEAM}']},
            requests={},
        ),
        Stage(
            _GROUP + 'Group("right", "team@example.com")\n',
            steps={"right": "create", "right_rule": "create"},
            registry={"right_rule": {1: True}},
        ),
    ],
)

_OPTIONS = {
    "opts={}": "opts: is dict. Write pulumi.ResourceOptions(...).",
    'opts=ResourceOptions(parent="x")': "opts.parent: is str. Write a resource.",
}

OPTIONS = Lifecycle(
    "options that are none, and a logical name that is none, are told in a sentence",
    [
        Stage(
            "".join(
                f'RuleIntervention("rule_{number}", owner="a@example.com", criteria={_CRITERIA}, {option})\n'
                for number, option in enumerate(_OPTIONS)
            )
            + "".join(
                f'RuleIntervention({name}, name="named", owner="a@example.com", criteria={_CRITERIA})\n'
                for name in ("5", '""', r'"a\a"')
            ),
            "preview",
            refused={
                "": [
                    (
                        *_OPTIONS.values(),
                        "RuleIntervention: the logical name is 5. Write a string.",
                        "RuleIntervention: the logical name is empty. Use the name in Signals, for example.",
                        r'the logical name is "a\u0007", which contains control characters. Remove them.',
                    )
                ]
            },
            requests={},
        ),
    ],
)

LIFECYCLES = [SEVERAL, ONE, ASYNC, COMPONENT, OPTIONS]
