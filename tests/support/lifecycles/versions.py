"""The version rule, a row after the other: which number a definition gets, and when it is refused."""

from harness import Lifecycle, Stage, moved, rule

CREATED = Lifecycle(
    "what is new is published under version 1 or the number given, and a second run changes nothing",
    [
        Stage(
            rule("numbered")
            + rule("given", version=1)
            + rule("later", version=7)
            + rule("draft", published=False),
            steps={"numbered": "create", "given": "create", "later": "create", "draft": "create"},
            says=(
                "numbered v1 goes live: shopping:cart_value > 75; sent to domain_userid",
                "later v7 goes live, the first number is 7",
                "draft v1 is stored as a draft",
            ),
            writes=4,
            registry={"numbered": {1: True}, "given": {1: True}, "later": {7: True}, "draft": {1: False}},
        ),
        Stage(requests={}),
        Stage(command="preview", requests={}),
        Stage(command="refresh", requests={"GET interventions/": 1}),
        Stage(
            command="destroy",
            steps={"numbered": "delete", "given": "delete", "later": "delete", "draft": "delete"},
            registry={"numbered": {1: False}, "given": {1: False}, "later": {7: False}, "draft": {1: False}},
        ),
    ],
)

CHANGED = Lifecycle(
    "a changed definition goes live under the next number or the higher one given, and what was live is withdrawn",
    [
        Stage(
            rule("numbered") + rule("given", version=1) + rule("leaping", version=1) + rule("same"),
            steps={"numbered": "create", "given": "create", "leaping": "create", "same": "create"},
        ),
        Stage(
            rule("numbered", 80)
            + rule("given", 80, version=2)
            + rule("leaping", 80, version=5)
            + rule("same", version=3),
            steps={"numbered": "update", "given": "update", "leaping": "update", "same": "update"},
            inputs={
                "numbered": {
                    **moved(75, 80),
                    "version": (1, 2),
                },
                "same": {"version": (1, 3)},
            },
            says=("numbered v1 → v2 goes live, v1 is withdrawn: shopping:cart_value > 75 → > 80",),
            writes=8,
            registry={
                "numbered": {1: False, 2: True},
                "given": {1: False, 2: True},
                "leaping": {1: False, 5: True},
                "same": {1: False, 3: True},
            },
        ),
        Stage(
            rule("numbered", 90) + rule("given", 80) + rule("leaping", 90) + rule("same"),
            steps={"numbered": "update", "leaping": "update"},
            registry={
                "numbered": {1: False, 2: False, 3: True},
                "given": {1: False, 2: True},
                "leaping": {1: False, 5: False, 6: True},
                "same": {1: False, 3: True},
            },
        ),
    ],
)

REFUSED = Lifecycle(
    "a number that was published is never used for another definition: preview refuses, with the number to write",
    [
        Stage(
            rule("forgotten", version=3, description="Over 75")
            + rule("lower", version=3)
            + rule("withdrawn", version=2),
            steps={"forgotten": "create", "lower": "create", "withdrawn": "create"},
        ),
        Stage(
            rule("forgotten", version=3, description="Over 75")
            + rule("lower", version=3)
            + rule("withdrawn", version=2, published=False),
            steps={"withdrawn": "update"},
            warns=("withdrawn v2 is WITHDRAWN, visitors no longer get it",),
        ),
        Stage(
            rule("forgotten", 80, version=3, description="Over 80")
            + rule("lower", 80, version=2)
            + rule("withdrawn", 80, version=2, published=False),
            "preview",
            refused={
                "forgotten": [
                    (
                        'version: description changed ("Over 75" → "Over 80"); criteria.value changed (75 → 80), '
                        'but version is still 3. Version 3 of "forgotten" has been published and cannot change. '
                        "Set version=4, or leave version out to have it numbered."
                    )
                ],
                "lower": [
                    'version: 2 is lower than 3, the highest number that "lower" has had. Set version=4, or'
                ],
                "withdrawn": ['Version 2 of "withdrawn" has been published and cannot change. Set version=3'],
            },
            writes=0,
            registry={"forgotten": {3: True}, "lower": {3: True}, "withdrawn": {2: False}},
        ),
        Stage(
            rule("withdrawn", 80, published=False) + rule("forgotten", 80) + rule("lower", 80),
            steps={"forgotten": "update", "lower": "update", "withdrawn": "update"},
            registry={
                "forgotten": {3: False, 4: True},
                "lower": {3: False, 4: True},
                "withdrawn": {2: False, 3: False},
            },
        ),
    ],
)

USED_BEFORE = Lifecycle(
    "a number is not used for two definitions after a destroy and a new create either",
    [
        Stage(rule("cart") + rule("basket"), steps={"cart": "create", "basket": "create"}),
        Stage(command="destroy", steps={"cart": "delete", "basket": "delete"}),
        Stage(
            rule("cart", 80) + rule("basket"),
            steps={"cart": "create", "basket": "create"},
            says=("basket v1 is already in the registry with this definition and is taken over, live",),
            warns=("cart v2 goes live under a name that already exists (v1)",),
            registry={"cart": {1: False, 2: True}, "basket": {1: True}},
        ),
    ],
    meant_down=("cart", "basket"),
)

ROLLED_BACK = Lifecycle(
    "a lower number comes back where the registry still holds exactly this definition under it, and nowhere else",
    [
        Stage(
            rule("cart", version=1) + rule("gone", version=1) + rule("other", version=1),
            steps={"cart": "create", "gone": "create", "other": "create"},
        ),
        Stage(
            rule("cart", 80, version=2) + rule("gone", 80, version=2) + rule("other", 80, version=2),
            steps={"cart": "update", "gone": "update", "other": "update"},
        ),
        Stage(
            rule("cart", version=1) + rule("gone", version=1) + rule("other", 70, version=1),
            "preview",
            before=lambda outsider: outsider.deletes("gone", 1),
            refused={
                "gone": [
                    "version: 1 cannot come back, since the registry no longer holds it with this definition"
                ],
                "other": [
                    (
                        'version: 1 of "other" has been published with another definition: '
                        "criteria.value changed (75 → 70). Set version=3"
                    )
                ],
            },
        ),
        Stage(
            rule("cart", version=1) + rule("gone", 80) + rule("other"),
            steps={"cart": "update", "other": "update"},
            inputs={
                "cart": {
                    **moved(80, 75),
                    "version": (2, 1),
                }
            },
            says=(
                "cart v2 → v1 goes live again, v2 is withdrawn",
                "other v2 → v3 goes live, v2 is withdrawn",
            ),
            registry={
                "cart": {1: True, 2: False},
                "gone": {2: True},
                "other": {1: False, 2: False, 3: True},
            },
        ),
        Stage(
            rule("cart", 80, version=2) + rule("gone", 80) + rule("other"),
            steps={"cart": "update"},
            says=("cart v1 → v2 goes live again, v1 is withdrawn",),
            registry={
                "cart": {1: False, 2: True},
                "gone": {2: True},
                "other": {1: False, 2: False, 3: True},
            },
        ),
    ],
)

DRAFTS = Lifecycle(
    "a draft keeps its number while it is edited, and loses it when it moves to another",
    [
        Stage(
            rule("edited", published=False)
            + rule("moved", published=False)
            + rule("released", published=False)
            + rule("kept", version=1, published=False),
            steps={"edited": "create", "moved": "create", "released": "create", "kept": "create"},
        ),
        Stage(
            rule("edited", 80, published=False)
            + rule("moved", 80, published=False, version=4)
            + rule("released", 80)
            + rule("kept", 80, version=1, published=False),
            steps={"edited": "update", "moved": "update", "released": "update", "kept": "update"},
            says=(
                "edited v1 is updated as a draft: shopping:cart_value > 75 → > 80",
                "released v1 goes live",
            ),
            warns=("moved v1 → v4 is stored as a draft, the draft v1 is deleted",),
            registry={"edited": {1: False}, "moved": {4: False}, "released": {1: True}, "kept": {1: False}},
        ),
        Stage(
            rule("edited", 80)
            + rule("moved", 85, published=False)
            + rule("released", 90)
            + rule("kept", 80, version=1, published=False),
            steps={"edited": "update", "moved": "update", "released": "update"},
            registry={
                "edited": {1: True},
                "moved": {4: False},
                "released": {1: False, 2: True},
                "kept": {1: False},
            },
        ),
    ],
)

DRAFT_BESIDE = Lifecycle(
    "a draft stands beside the live version until it is published, and only then replaces it",
    [
        Stage(rule("released") + rule("dropped"), steps={"released": "create", "dropped": "create"}),
        Stage(
            rule("released", 80, published=False) + rule("dropped", 80, published=False),
            steps={"released": "update", "dropped": "update"},
            inputs={
                "released": {
                    **moved(75, 80),
                    "published": (True, False),
                    "version": (1, 2),
                }
            },
            says=("released v1 → v2 is stored as a draft, v1 stays live",),
            registry={"released": {1: True, 2: False}, "dropped": {1: True, 2: False}},
        ),
        Stage(requests={}),
        Stage(command="refresh"),
        Stage(
            rule("released", 85, published=False) + rule("dropped", 80, published=False),
            steps={"released": "update"},
            registry={"released": {1: True, 2: False}, "dropped": {1: True, 2: False}},
        ),
        Stage(
            rule("released", 85) + rule("dropped", version=1),
            steps={"released": "update", "dropped": "update"},
            registry={"released": {1: False, 2: True}, "dropped": {1: True}},
            warns=("dropped v2 → v1 goes live again, the draft v2 is deleted",),
        ),
    ],
)

WITHDRAWN = Lifecycle(
    "what is withdrawn by published=False comes back under its number, unless it changed meanwhile",
    [
        Stage(rule("back") + rule("changed"), steps={"back": "create", "changed": "create"}),
        Stage(
            rule("back", published=False) + rule("changed", published=False),
            steps={"back": "update", "changed": "update"},
            inputs={"back": {"published": (True, False)}},
            warns=("back v1 is WITHDRAWN", "changed v1 is WITHDRAWN"),
            registry={"back": {1: False}, "changed": {1: False}},
        ),
        Stage(requests={}),
        Stage(
            rule("back") + rule("changed", 80),
            steps={"back": "update", "changed": "update"},
            inputs={"back": {"published": (False, True)}},
            says=("back v1 goes live: shopping:cart_value > 75", "changed v1 → v2 goes live"),
            registry={"back": {1: True}, "changed": {1: False, 2: True}},
        ),
    ],
    meant_down=("back", "changed"),
)

LIFECYCLES = [
    CREATED,
    CHANGED,
    REFUSED,
    USED_BEFORE,
    ROLLED_BACK,
    DRAFTS,
    DRAFT_BESIDE,
    WITHDRAWN,
]
