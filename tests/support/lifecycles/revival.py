"""Names that were live before: what a create makes of them, and what a destroy leaves."""

from harness import OWNER, Lifecycle, Outsider, Stage, rule

_OTHER_OWNER = "others@example.com"
_LIST = "/api/v1/registry/interventions/"


_OURS = ("numbered", "given", "draft")
_THEIRS = ("equal", "adopted")


def _withdrawn_by_others(outsider: Outsider) -> None:
    outsider.stores("equal", 4, live=False)
    outsider.stores("adopted", 1, 60, live=False)


NOTHING_WAS_LIVE = Lifecycle(
    "a destroy takes down what the stack brought to life: after an earlier destroy, or after others withdrew it",
    [
        Stage(
            rule("numbered") + rule("given", version=1) + rule("draft", published=False),
            steps=dict.fromkeys(_OURS, "create"),
        ),
        Stage(command="destroy", steps=dict.fromkeys(_OURS, "delete")),
        Stage(
            rule("numbered")
            + rule("given", version=1)
            + rule("draft")
            + rule("equal")
            + rule("adopted", adopt=True),
            before=_withdrawn_by_others,
            steps=dict.fromkeys((*_OURS, *_THEIRS), "create"),
            warns=None,
            registry={
                **{name: {1: True} for name in _OURS},
                "equal": {4: True},
                "adopted": {1: False, 2: True},
            },
        ),
        Stage(
            command="destroy",
            steps=dict.fromkeys((*_OURS, *_THEIRS), "delete"),
            registry={
                **{name: {1: False} for name in _OURS},
                "equal": {4: False},
                "adopted": {1: False, 2: False},
            },
        ),
    ],
    meant_down=_OURS,
)


def _live_before(outsider: Outsider) -> None:
    outsider.stores("equal", 1)
    outsider.stores("different", 1, 60)
    outsider.stores("beside", 1, 60)
    outsider.stores("beside", 2, live=False)
    outsider.stores("written", 1)


_TAKEN_OVER = ("equal", "different", "beside", "written")


def _taken_over(over: float) -> str:
    return (
        rule("equal", over)
        + rule("different", over, adopt=True)
        + rule("beside", over, adopt=True)
        + rule("written", over, on_destroy="unpublish")
    )


RETAINS_BY_DEFAULT = Lifecycle(
    "a preview says that a destroy will leave what was live before this stack took it over",
    [
        Stage(
            _taken_over(75),
            "preview",
            before=_live_before,
            steps=dict.fromkeys(_TAKEN_OVER, "create"),
            warns=None,
            mentions=[(name, "retain") for name in ("equal", "different", "beside")],
        ),
    ],
)

RETAINED = Lifecycle(
    "what was live before this stack took it over is left by a destroy, also after later versions",
    [
        Stage(_taken_over(75), before=_live_before, steps=dict.fromkeys(_TAKEN_OVER, "create"), warns=None),
        Stage(_taken_over(80), steps=dict.fromkeys(_TAKEN_OVER, "update"), warns=None),
        Stage(
            command="destroy",
            steps=dict.fromkeys(_TAKEN_OVER, "delete"),
            warns=None,
            registry={
                "equal": {1: False, 2: True},
                "different": {1: False, 2: False, 3: True},
                "beside": {1: False, 2: False, 3: True},
                "written": {1: False, 2: False},
            },
        ),
    ],
)


def _withdrawn_before(outsider: Outsider) -> None:
    for name in ("numbered", "returning", "free", "draft"):
        outsider.stores(name, 4, 75 if name == "returning" else 60, live=False)
        outsider.stores(name, 7, 65, live=False)
    outsider.stores("inherited", 4, 60, live=False, owner=_OTHER_OWNER)
    outsider.stores("inherited", 7, 65, live=False)


_REVIVED = ("numbered", "returning", "free", "draft", "inherited")

REVIVED = Lifecycle(
    "a name of which nothing is live is revived, with a warning that names the versions there",
    [
        Stage(
            rule("numbered")
            + rule("returning", version=4)
            + rule("free", version=9)
            + rule("draft", published=False)
            + rule("inherited"),
            before=_withdrawn_before,
            steps=dict.fromkeys(_REVIVED, "create"),
            warns=[(name, "4", "7") for name in _REVIVED],
            registry={
                "numbered": {4: False, 7: False, 8: True},
                "returning": {4: True, 7: False},
                "free": {4: False, 7: False, 9: True},
                "draft": {4: False, 7: False, 8: False},
                "inherited": {4: False, 7: False, 8: True},
            },
        ),
        Stage(
            "".join(rule(name, 80) for name in _REVIVED),
            steps=dict.fromkeys(_REVIVED, "update"),
            registry={
                "numbered": {4: False, 7: False, 8: False, 9: True},
                "returning": {4: False, 7: False, 8: True},
                "free": {4: False, 7: False, 9: False, 10: True},
                "draft": {4: False, 7: False, 8: True},
                "inherited": {4: False, 7: False, 8: False, 9: True},
            },
        ),
        Stage(
            command="destroy",
            steps=dict.fromkeys(_REVIVED, "delete"),
            registry={
                "numbered": {4: False, 7: False, 8: False, 9: False},
                "returning": {4: False, 7: False, 8: False},
                "free": {4: False, 7: False, 9: False, 10: False},
                "draft": {4: False, 7: False, 8: False},
                "inherited": {4: False, 7: False, 8: False, 9: False},
            },
        ),
    ],
)

NUMBER_TAKEN = Lifecycle(
    "a number that another definition has is refused with the number to write, and no consent is asked for",
    [
        Stage(
            rule("oldest", version=4) + rule("newest", version=7),
            "preview",
            before=lambda outsider: (
                [
                    outsider.stores(name, number, over, live=False)
                    for name in ("oldest", "newest")
                    for number, over in ((4, 60), (7, 65))
                ]
            ),
            refused={"oldest": ["version=8"], "newest": ["version=8"]},
            hides=("adopt=True",),
            writes=0,
        ),
    ],
)


def _needs_consent(outsider: Outsider) -> None:
    outsider.stores("live", 1, 60)
    outsider.stores("live_below", 1, 60)
    outsider.stores("live_below", 2, 65, live=False)
    outsider.stores("owned", 1, 60, live=False, owner=_OTHER_OWNER)
    outsider.stores("lost", 1, 60, live=False)
    outsider.stores("lost", 2, 65, live=False, owner=_OTHER_OWNER)


_ASKED = ("live", "live_below", "owned", "lost")

CONSENT = Lifecycle(
    "consent is asked for where another definition is live, or the newest version is another owner's",
    [
        Stage(
            "".join(rule(name) for name in _ASKED),
            "preview",
            before=_needs_consent,
            refused={name: ["adopt=True"] for name in _ASKED},
            writes=0,
        ),
        Stage(
            "".join(rule(name, adopt=True) for name in _ASKED),
            steps=dict.fromkeys(_ASKED, "create"),
            warns=None,
            registry={
                "live": {1: False, 2: True},
                "live_below": {1: False, 2: False, 3: True},
                "owned": {1: False, 2: True},
                "lost": {1: False, 2: False, 3: True},
            },
        ),
    ],
)


def _published_meanwhile(outsider: Outsider) -> None:
    """Hide from the list what somebody publishes between the check and the create."""
    outsider.stores("cart", 1, 60, live=False)
    listed = outsider.everything()
    outsider.stores("cart", 3, 65)
    outsider.emulator.fail(method="GET", path=_LIST, status=200, body=listed)


DECIDED_AGAIN = Lifecycle(
    "a create asks for consent where another definition went live after the check",
    [
        Stage(
            rule("cart", owner=OWNER),
            before=_published_meanwhile,
            fails_with=[("cart", "3", "adopt=True")],
            writes=0,
            registry={"cart": {1: False, 3: True}},
        ),
    ],
)

LIFECYCLES = [
    NOTHING_WAS_LIVE,
    RETAINS_BY_DEFAULT,
    RETAINED,
    REVIVED,
    NUMBER_TAKEN,
    CONSENT,
    DECIDED_AGAIN,
]
