"""Values that are none: refused by sentence on both engines, where they are written and where they come to light late.

`tests/inputs` tries every value for every argument in one process; these go the whole way.
"""

from harness import Code, Lifecycle, Stage, rule

_IMPORTS = """\
import asyncio, datetime, decimal, enum, pathlib
from pulumi_snowplow_signals import DirectIntervention
within_itself = []
within_itself.append(within_itself)
class Raising:
    def __getattr__(self, name):
        raise ValueError(name)
    __repr__ = __eq__ = __hash__ = __getattr__
class Plan(str, enum.Enum):
    FREE = "free"
async def fetch(value):
    await asyncio.sleep(0)
    return value
def later(value):
    return pulumi.Output.from_input(0).apply(lambda _: value)
"""

_REFUSED = {
    "bytes": ({"owner": Code('b"x"')}, "owner: is bytes. Write x.decode()."),
    "path": (
        {"owner": Code('pathlib.PurePosixPath("x")')},
        "owner: is PurePosixPath. Write str(x).",
    ),
    "date": ({"description": Code("datetime.date(2026, 1, 1)")}, "description: is date. Write x.isoformat()"),
    "set": (
        {"target_attribute_keys": Code('{"user"}')},
        "target_attribute_keys: is a set, whose order changes",
    ),
    "number": ({"version": Code("10**400")}, "version: is an integer beyond 2^53"),
    "decimal": ({"version": Code('decimal.Decimal("NaN")')}, "version: is not a finite number"),
    "cycle": (
        {"criteria": Code("{'all': within_itself}")},
        "criteria.all[0]: is a list that contains itself.",
    ),
    "surrogate": ({"description": Code(r'"\ud800"')}, "description: is a string with an unpaired surrogate"),
    "raising": ({"description": Code("Raising()")}, "description: is Raising; expected a string"),
    "options": ({"opts": Code("{}")}, "opts: is dict. Write pulumi.ResourceOptions(...)."),
    "unexpected": ({"is_published": True}, "is_published: is published here. Write published=True"),
}


def _attempt(name: str, inputs: dict[str, object]) -> str:
    return f"attempt({name!r}, lambda: {rule(name, **inputs).strip()})\n"


WRITTEN = Lifecycle(
    "what is no value is refused where it is written, each by a sentence, and the program goes on",
    [
        Stage(
            _IMPORTS
            + "".join(_attempt(name, inputs) for name, (inputs, _) in _REFUSED.items())
            + "attempt('number for a name', lambda: RuleIntervention(5, owner='a@b.de', criteria={}))\n",
            "preview",
            fails_with=[
                *(("", f'RuleIntervention "{name}": {told}') for name, (_, told) in _REFUSED.items()),
                ("", "RuleIntervention: the logical name is 5. Write a string."),
            ],
            hides=("Traceback",),
        ),
    ],
)

LATE = Lifecycle(
    "what is no value is refused without a traceback where an output or a coroutine brings it late",
    [
        Stage(
            _IMPORTS + rule("cart", **{argument: Code(value)}),
            "preview",
            # Read as a person gets it: among the events of the real engine are Pulumi's own tracebacks, for debugging.
            shows=(f'RuleIntervention "cart": {argument}: {told}',),
            refused={"": [told]},
            hides=("Traceback",),
        )
        for argument, value, told in (
            ("owner", 'later(b"x")', "is bytes. Write x.decode()."),
            ("owner", 'fetch(b"x")', "is bytes. Write x.decode()."),
            ("description", "pulumi.Output.from_input(Raising())", "is Raising; expected a string"),
        )
    ],
)

TAKEN = Lifecycle(
    "what is exactly a text, a number or a list is taken as one, and an equal value in another form is no change",
    [
        Stage(
            _IMPORTS
            + rule(
                "cart",
                owner=Code('fetch("team@example.com")'),
                version=Code("decimal.Decimal(2)"),
                description=Code("Plan.FREE"),
                target_attribute_keys=Code("{'domain_userid': 1}.keys()"),
            ),
            steps={"cart": "create"},
            registry={"cart": {2: True}},
        ),
        Stage(
            rule(
                "cart",
                owner="team@example.com",
                version=2,
                description="free",
                target_attribute_keys=["domain_userid"],
            ),
            steps={},
        ),
        Stage(
            rule("cart", target_attribute_keys=["domain_userid", {"name": "domain_userid"}]),
            "preview",
            refused={
                "": [
                    'RuleIntervention "cart": target_attribute_keys: has an entry twice: "domain_userid". Name each once.'
                ]
            },
        ),
    ],
)

LIFECYCLES = [WRITTEN, LATE, TAKEN]
