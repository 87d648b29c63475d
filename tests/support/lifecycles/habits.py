"""Pulumi's own options on a resource of ours: what each does, on both engines. docs/pulumi-options.md is the table for users."""

from typing import Any

from harness import Code, Lifecycle, Stage, rule

_PRELUDE = """
class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("demo:index:Group", name, {}, opts)
        self.register_outputs({})

group = Group("group")
nested = Group("nested", ResourceOptions(parent=group))
other = Other("other", "x")
"""
_MADE = ("group", "nested", "other", "parent_rule")
_DESCRIBED = (
    "pulumi.ResourceTransformationResult({**args.props, 'description': 'by a transformation'}, args.opts)"
)

# Each changes nothing of what happens to the definition: a changed one is an update.
HARMLESS = {
    "protected": "protect=True",
    "child": "parent=group",
    "grandchild": "parent=nested",
    "below_a_rule": "parent=parent_rule",
    "dependent": "depends_on=[other]",
    # A dynamic provider gives the engine no list of changed properties: see docs/limits-and-support.md.
    "replacing": 'replace_on_changes=["criteria"]',
    "replacing_any": 'replace_on_changes=["*"]',
    "deleted_first": "delete_before_replace=True",
    "retained": "retain_on_delete=True",
    "with_secrets": 'additional_secret_outputs=["rule", "owner"]',
    "deleted_with": "deleted_with=other",
    "transformed": f"transformations=[lambda args: {_DESCRIBED}]",
    "aliased": 'aliases=[pulumi.Alias(name="before")]',
}
# What only the real engine has.
HARMLESS_ON_PULUMI = {
    "slow": 'custom_timeouts=pulumi.CustomTimeouts(create="5m")',
    "hooked": "hooks=pulumi.ResourceHookBinding(before_create=[pulumi.ResourceHook('hook', lambda _: None)])",
    "remade": "transforms=[lambda args: pulumi.ResourceTransformResult("
    "{**args.props, 'description': 'by a transform'}, args.opts)]",
}
# What is written instead, for each input; the change is ignored.
IGNORED: dict[str, Any] = {
    "owner": "new@example.com",
    "description": "new",
    "criteria": Code('attribute("shopping:visits") > 1'),
    "target_attribute_keys": ["account_id"],
    "payload_attribute_groups": [{"name": "shopping", "version": 1}],
    "version": 2,
    "published": False,
    "adopt": True,
    "on_destroy": "delete",
    "name": "another_name",
}


def _rules(options: dict[str, str], over: float) -> str:
    declared = (rule(name, over, opts=Code(f"ResourceOptions({given})")) for name, given in options.items())
    return _PRELUDE + "parent_rule = " + rule("parent_rule", over) + "".join(declared)


def _ignoring(name: str, value: Any = None) -> str:
    given = {} if value is None else {name: value}
    return rule(f"ignores_{name}", opts=Code(f'ResourceOptions(ignore_changes=["{name}"])'), **given)


def _unprotected(options: dict[str, str]) -> dict[str, str]:
    return {name: given for name, given in options.items() if name != "protected"}


_IGNORING = [f"ignores_{name}" for name in IGNORED]

OPTIONS = Lifecycle(
    "Pulumi's options on a rule do what they say, and no changed definition is a replacement",
    [
        Stage(
            _rules(HARMLESS, 75),
            steps=dict.fromkeys((*_MADE, *HARMLESS), "create"),
        ),
        Stage(command="preview", requests={}),
        Stage(
            _rules(HARMLESS, 80),
            steps=dict.fromkeys(("parent_rule", *HARMLESS), "update"),
            registry={name: {1: False, 2: True} for name in ("parent_rule", *HARMLESS)},
        ),
        Stage(
            _rules(_unprotected(HARMLESS), 80),
            "preview",
            fails_with=["cannot be deleted"],
        ),
        Stage(
            _rules({"protected": "protect=False", **_unprotected(HARMLESS)}, 80),
            steps=None,
            requests={},
        ),
        Stage(
            command="destroy",
            steps=None,
            warns=None,
            # What is retained, and what goes with another resource, Pulumi does not hand to the provider.
            registry={
                name: {1: False, 2: name in ("retained", "deleted_with")}
                for name in ("parent_rule", *HARMLESS)
            },
        ),
    ],
)

ONLY_PULUMI = Lifecycle(
    "options that the local engine lacks do what they say on the real one",
    [
        Stage(
            _rules(HARMLESS_ON_PULUMI, 75),
            steps=dict.fromkeys((*_MADE, *HARMLESS_ON_PULUMI), "create"),
        ),
        Stage(
            _rules(HARMLESS_ON_PULUMI, 80),
            steps=dict.fromkeys(("parent_rule", *HARMLESS_ON_PULUMI), "update"),
            registry={name: {1: False, 2: True} for name in ("parent_rule", *HARMLESS_ON_PULUMI)},
        ),
    ],
    engines=("pulumi",),
    why_not="the local engine refuses each by its name: tests/local/engine",
)

IGNORE_CHANGES = Lifecycle(
    "a change that is ignored is none, whichever input it is of",
    [
        Stage(
            "".join(_ignoring(name, 1 if name == "version" else None) for name in IGNORED),
            steps=dict.fromkeys(_IGNORING, "create"),
        ),
        Stage("".join(_ignoring(*each) for each in IGNORED.items()), "preview", requests={}),
        Stage(requests={}, registry={name: {1: True} for name in _IGNORING}),
        Stage(
            rule("ignores_owner", 80, opts=Code('ResourceOptions(ignore_changes=["criteria"])'))
            + "".join(_ignoring(*each) for each in IGNORED.items() if each[0] != "owner"),
            requests={},
        ),
    ],
)

LIFECYCLES = [OPTIONS, ONLY_PULUMI, IGNORE_CHANGES]
