"""One lifecycle with a bit of everything, which has to end the same whatever is true of the service."""

from harness import Lifecycle, Outsider, Stage, rule


def _was_there(outsider: Outsider) -> None:
    outsider.stores("adopted", 1, 60)
    outsider.stores("equal", 1)


_NAMES = ("updated", "withdrawn", "rolled_back", "draft", "adopted", "equal")

ANYWHERE = Lifecycle(
    "create, update, withdraw, roll back, adopt, refresh and destroy",
    [
        Stage(
            rule("updated")
            + rule("withdrawn")
            + rule("rolled_back", version=1)
            + rule("draft", published=False)
            + rule("adopted", adopt=True, on_destroy="unpublish")
            + rule("equal"),
            before=_was_there,
            steps=dict.fromkeys(_NAMES, "create"),
            warns=(
                "adopted v2 goes live, taking over",
                "adopted: compared with v1 in the registry",
                'equal: on_destroy is "retain", because a version was live',
            ),
            registry={
                "updated": {1: True},
                "withdrawn": {1: True},
                "rolled_back": {1: True},
                "draft": {1: False},
                "adopted": {1: False, 2: True},
                "equal": {1: True},
            },
        ),
        Stage(
            rule("updated", 80)
            + rule("withdrawn", published=False)
            + rule("rolled_back", 80, version=2)
            + rule("draft", 80, published=False)
            + rule("adopted", adopt=True, on_destroy="unpublish")
            + rule("equal", 80),
            steps=dict.fromkeys(("updated", "withdrawn", "rolled_back", "draft", "equal"), "update"),
            warns=("withdrawn v1 is WITHDRAWN",),
            registry={
                "updated": {1: False, 2: True},
                "withdrawn": {1: False},
                "rolled_back": {1: False, 2: True},
                "draft": {1: False},
                "adopted": {1: False, 2: True},
                "equal": {1: False, 2: True},
            },
        ),
        Stage(command="refresh"),
        Stage(
            rule("updated", 80)
            + rule("withdrawn")
            + rule("rolled_back", version=1)
            + rule("draft", 80)
            + rule("adopted", adopt=True, on_destroy="unpublish")
            + rule("equal", 80),
            steps=dict.fromkeys(("withdrawn", "rolled_back", "draft"), "update"),
            registry={
                "updated": {1: False, 2: True},
                "withdrawn": {1: True},
                "rolled_back": {1: True, 2: False},
                "draft": {1: True},
                "adopted": {1: False, 2: True},
                "equal": {1: False, 2: True},
            },
        ),
        Stage(command="preview", requests={}),
        Stage(
            command="destroy",
            steps=dict.fromkeys(_NAMES, "delete"),
            registry={
                "updated": {1: False, 2: False},
                "withdrawn": {1: False},
                "rolled_back": {1: False, 2: False},
                "draft": {1: False},
                "adopted": {1: False, 2: False},
                "equal": {1: False, 2: True},
            },
        ),
    ],
    meant_down=("withdrawn",),
)
