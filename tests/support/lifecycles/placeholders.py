"""What stands in the place of a value: refused before anything is written or pushed, whenever it comes to light."""

from harness import Code, Lifecycle, Stage, rule

_IMPORTS = "from pulumi_snowplow_signals import DirectIntervention\n"
_TARGETS = {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbea"]}
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_FORMATTED = "contains an output that was formatted as text, so its value is missing. Write Output.concat("
_NONE = "is None, which Pulumi silently drops. Write a value, or remove it."
_MARKED = f'is "{_UNKNOWN}", which Pulumi uses to mark a value that is not known yet. Use another value.'
_SOURCE = 'source = Other("source", "x")\n'


def _push(**inputs: object) -> str:
    written = "".join(f", {name}={value!r}" for name, value in inputs.items())
    return f'{_IMPORTS}DirectIntervention("hello", version=1, targets={_TARGETS}{written})\n'


def _later(expression: str) -> Code:
    return Code(f"source.given.apply(lambda x: {expression})")


WRITTEN = Lifecycle(
    "what the program writes in the place of a value is refused in a preview, with the line to write",
    [
        Stage(
            _SOURCE
            + rule("cart", description=Code('f"for {source.given}"'), owner=Code('f"{source.given}@x.nl"')),
            "preview",
            refused={
                "": [
                    f'RuleIntervention "cart": description: {_FORMATTED}',
                    f'RuleIntervention "cart": owner: {_FORMATTED}',
                ]
            },
        ),
        Stage(
            _push(attributes={"code": None, "text": "Hi"}, triggers=[_UNKNOWN]),
            "preview",
            refused={
                "": [
                    f'DirectIntervention "hello": attributes.code: {_NONE}',
                    f'DirectIntervention "hello": triggers[0]: {_MARKED}',
                ]
            },
        ),
    ],
)

# What a preview cannot know, since the value is another resource's.
RESOLVED = Lifecycle(
    "what an output turns out to hold in the place of a value is refused before the resource is made",
    [
        Stage(
            _SOURCE + rule("cart", description=_later('f"for {source.given}"')),
            "preview",
            steps={"source": "create", "cart": "create"},
        ),
        Stage(refused={"": [f'RuleIntervention "cart": description: {_FORMATTED}']}, writes=0, registry={}),
        *(
            Stage(_SOURCE + push, refused={"": [f'DirectIntervention "hello": {told}']}, writes=0)
            for push, told in (
                (_push(attributes={"code": _later("None")}), f"attributes.code: {_NONE}"),
                (_push(attributes={"text": _later('f"{source.given}"')}), f"attributes.text: {_FORMATTED}"),
                (_push(triggers=[_later(repr(_UNKNOWN))]), f"triggers[0]: {_MARKED}"),
            )
        ),
    ],
)

# Another way past the constructor: Pulumi lets a program change the inputs of every resource before they are sent.
CHANGED = Lifecycle(
    "what a transformation puts in the place of a value is refused by check",
    [
        Stage(
            'text = f"for {pulumi.Output.from_input(1)}"\n'
            "def change(args):\n"
            '    return pulumi.ResourceTransformationResult({**args.props, "description": text}, args.opts)\n'
            "pulumi.runtime.register_stack_transformation(change)\n" + rule("cart"),
            "preview",
            refused={"cart": [f"description: {_FORMATTED}"]},
        ),
    ],
)

LIFECYCLES = [WRITTEN, RESOLVED, CHANGED]
