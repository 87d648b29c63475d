"""What others do to the registry: what was there before, what came behind our back, what a refresh finds."""

from harness import Lifecycle, Outsider, Stage, moved, rule


def _was_there(outsider: Outsider) -> None:
    outsider.stores("equal", 1)
    outsider.stores("withdrawn", 4, live=False)
    outsider.stores("different", 1, 60)
    outsider.stores("older", 1, live=False)
    outsider.stores("older", 2, 60)
    outsider.stores("several", 1, 60)
    outsider.stores("several", 2)


_TAKEN_OVER = (
    rule("equal", version=1)
    + rule("withdrawn")
    + rule("different", adopt=True)
    + rule("older", adopt=True)
    + rule("several", adopt=True)
)
_NAMES = ("equal", "withdrawn", "different", "older", "several")
_ADOPTED = {
    "equal": {1: True},
    "withdrawn": {4: True},
    "different": {1: False, 2: True},
    "older": {1: False, 2: False, 3: True},
    "several": {1: False, 2: True},
}

ADOPTED = Lifecycle(
    "what others made is taken over as it is where it is equal, with adopt=True where it is not, and kept by a destroy "
    "where it was live",
    [
        Stage(
            rule("equal", version=1)
            + rule("different")
            + rule("older")
            + rule("several", version=1, adopt=True),
            "preview",
            before=_was_there,
            refused={
                "different": [
                    (
                        'name: "different" is in the registry already, up to version 1: criteria.value changed (60 → 75). '
                        "Add adopt=True to take it over under version 2, or choose another name."
                    )
                ],
                "older": [
                    '"older" is in the registry already, up to version 2: criteria.value changed (60 → 75)'
                ],
                "several": [
                    'version: 1 of "several" is in the registry already: criteria.value changed (60 → 75)'
                ],
            },
            writes=0,
        ),
        Stage(
            _TAKEN_OVER,
            steps=dict.fromkeys(_NAMES, "create"),
            says=(
                "equal v1 is already in the registry with this definition and is taken over, live",
                "withdrawn v4 is already in the registry with this definition and is taken over, live",
                'different: on_destroy is "retain", because a version was live before this stack took it over',
            ),
            warns=(
                'equal: on_destroy is "retain", because a version was live before this stack took it over',
                'several: on_destroy is "retain", because a version was live before this stack took it over',
                "several v2 is already in the registry with this definition and is taken over, live, v1 is withdrawn",
                "different v2 goes live, taking over from others, v1 is withdrawn",
                "different: compared with v1 in the registry: criteria.value changed (60 → 75)",
                "older v3 goes live, taking over from others, v2 is withdrawn",
                "older: compared with v2 in the registry: criteria.value changed (60 → 75)",
            ),
            writes=6,
            registry=_ADOPTED,
        ),
        Stage(requests={}),
        Stage(
            command="destroy",
            steps=dict.fromkeys(_NAMES, "delete"),
            writes=1,
            registry={**_ADOPTED, "withdrawn": {4: False}},
        ),
    ],
    meant_down=("withdrawn",),
)


def _others_publish(outsider: Outsider) -> None:
    outsider.stores("unchanged", 4, 60)
    outsider.stores("numbered", 4, 60)
    outsider.stores("given", 4, 60)


MOVED_ON = Lifecycle(
    "where somebody else published a newer version, a change shows it, goes above it and withdraws it",
    [
        Stage(
            rule("unchanged") + rule("numbered") + rule("given"),
            steps={"unchanged": "create", "numbered": "create", "given": "create"},
        ),
        Stage(
            rule("unchanged") + rule("numbered", 80) + rule("given", 80, version=3),
            "preview",
            before=_others_publish,
            refused={
                "given": [
                    (
                        'version: 3 is not free. Version 4 of "given" was stored outside this stack (last known here: '
                        "1). To match the program: criteria.value changed (60 → 80). Either copy the "
                        "definition of version 4 and version=4 into the program, or set version=5 to replace it."
                    )
                ]
            },
        ),
        Stage(
            rule("unchanged") + rule("numbered", 80) + rule("given", 80, version=5),
            steps={"numbered": "update", "given": "update"},
            warns=(
                "numbered v1 → v5 goes live, v1, v4 are withdrawn",
                "given v1 → v5 goes live, v1, v4 are withdrawn",
                (
                    "numbered: v4 was stored outside this stack (last known here: v1); v4 is withdrawn by this "
                    "change. To match the program: criteria.value changed (60 → 80)"
                ),
                "given: v4 was stored outside this stack",
            ),
        ),
        Stage(
            command="refresh",
            steps={"unchanged": "update"},
            warns=(
                "unchanged v4 was published elsewhere and is live beside v1: shopping:cart_value > 75 → > 60",
            ),
            writes=0,
        ),
        Stage(
            steps={"unchanged": "update"},
            warns=(
                "unchanged v1 stays live, v4 is withdrawn",
                "unchanged: v4 was stored outside this stack (last known here: v1); v4 is withdrawn",
            ),
            registry={
                "unchanged": {1: True, 4: False},
                "numbered": {1: False, 4: False, 5: True},
                "given": {1: False, 4: False, 5: True},
            },
        ),
        Stage(command="refresh"),
        Stage(requests={}),
    ],
)


def _drift(outsider: Outsider) -> None:
    outsider.edits("draft", 1, description="Edited in the Console")
    outsider.deletes("deleted", 1)
    outsider.withdraws_group("reading", 2)
    outsider.publishes_group("reading", 2)


_PAGES = {"attribute": "reading:pages", "operator": ">=", "value": 3}

DRIFT = Lifecycle(
    "a refresh finds what changed behind our back, field by field, and the next up mends it without a new number",
    [
        Stage(
            rule("draft", published=False)
            + rule("deleted")
            + rule("cascade", criteria=_PAGES)
            + rule("kept"),
            steps={"draft": "create", "deleted": "create", "cascade": "create", "kept": "create"},
        ),
        Stage(
            command="refresh",
            before=_drift,
            steps={"draft": "update", "deleted": "update", "cascade": "update"},
            inputs={
                "draft": {"description": (None, "Edited in the Console")},
                "deleted": {"published": (True, False)},
                "cascade": {"published": (True, False)},
            },
            warns=(
                'draft v1 was changed elsewhere: description: "Edited in the Console" added',
                "deleted v1 was deleted elsewhere, visitors no longer get it",
                "cascade v1 was withdrawn elsewhere, visitors no longer get it",
            ),
            writes=0,
        ),
        Stage(
            steps={"draft": "update", "deleted": "update", "cascade": "update"},
            says=("cascade v1 goes live", "deleted v1 goes live"),
            registry={
                "draft": {1: False},
                "deleted": {1: True},
                "cascade": {1: True},
                "kept": {1: True},
            },
        ),
        Stage(command="refresh"),
    ],
    meant_down=("deleted", "cascade"),
)

WITHDRAWN_BY_OTHERS = Lifecycle(
    "with --refresh, an up finds in one go what was withdrawn or deleted behind our back",
    [
        Stage(rule("cart") + rule("basket"), steps={"cart": "create", "basket": "create"}),
        Stage(
            rule("cart") + rule("basket", 80),
            options=("--refresh",),
            before=lambda outsider: outsider.withdraws("cart", 1),
            steps={"cart": "update", "basket": "update"},
            warns=("cart v1 was withdrawn elsewhere, visitors no longer get it",),
            registry={"cart": {1: True}, "basket": {1: False, 2: True}},
        ),
    ],
    meant_down=("cart",),
)


def _somebody_was_there(outsider: Outsider) -> None:
    outsider.withdraws("withdrawn", 1)
    outsider.deletes("deleted", 1)
    outsider.stores("newer", 5, 60)
    outsider.stores("newer_too", 5, 60)


DESTROYED_AFTER_OTHERS = Lifecycle(
    "a destroy ends whatever others did meanwhile, and leaves what they made with a warning",
    [
        Stage(
            rule("withdrawn")
            + rule("deleted", on_destroy="delete")
            + rule("newer")
            + rule("newer_too", on_destroy="delete"),
            steps=dict.fromkeys(("withdrawn", "deleted", "newer", "newer_too"), "create"),
        ),
        Stage(
            command="destroy",
            before=_somebody_was_there,
            steps=dict.fromkeys(("withdrawn", "deleted", "newer", "newer_too"), "delete"),
            warns=(
                "newer: left in the registry, because this stack did not make them: v5 (live)",
                "newer_too: left in the registry, because this stack did not make them: v5 (live)",
            ),
            registry={"withdrawn": {1: False}, "newer": {1: False, 5: True}, "newer_too": {5: True}},
        ),
    ],
)

DRAFT_BELOW_OTHERS = Lifecycle(
    "a draft below what somebody else published is no longer edited in place: it may have been live meanwhile",
    [
        Stage(rule("cart", published=False), steps={"cart": "create"}, registry={"cart": {1: False}}),
        Stage(
            rule("cart", 80, version=1, published=False),
            "preview",
            before=lambda outsider: outsider.stores("cart", 2, 60),
            refused={"cart": ['Version 1 of "cart" may have been published by now and cannot change']},
            writes=0,
        ),
        Stage(
            rule("cart", 80, published=False),
            steps={"cart": "update"},
            inputs={
                "cart": {
                    **moved(75, 80),
                    "version": (1, 3),
                }
            },
            warns=(
                "cart v1 → v3 is stored as a draft, the draft v1 is deleted, v2 stays live",
                "cart: v2 was stored outside this stack (last known here: v1); v2 stays as it is",
            ),
            registry={"cart": {2: True, 3: False}},
        ),
        Stage(requests={}),
    ],
)

DRAFT_FOUND = Lifecycle(
    "no draft is made of what is found under its number, since that may have been published",
    [
        Stage(
            rule("cart", version=1, published=False),
            before=lambda outsider: outsider.stores("cart", 1),
            config={"review": "local"},
            refused={"cart": ["may have been published"]},
            writes=0,
            registry={"cart": {1: True}},
        ),
    ],
)

LIFECYCLES = [
    ADOPTED,
    MOVED_ON,
    DRIFT,
    WITHDRAWN_BY_OTHERS,
    DESTROYED_AFTER_OTHERS,
    DRAFT_BELOW_OTHERS,
    DRAFT_FOUND,
]
