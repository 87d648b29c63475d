"""The settings of a stack: which registry, with which credentials, and how it wants its interventions treated."""

from harness import Lifecycle, Stage, rule

_ELSEWHERE = "https://prod.signals.example.com"

EXPLICIT = Lifecycle(
    "a stack that numbers explicitly is told each number to write, and gets none by itself",
    [
        Stage(
            rule("cart"),
            "preview",
            config={"numbering": "explicit"},
            refused={"cart": ["version: this stack numbers explicitly (signals:numbering); set version=1."]},
        ),
        Stage(rule("cart", version=1), steps={"cart": "create"}),
        Stage(
            rule("cart", 80),
            "preview",
            refused={"cart": ["version: this stack numbers explicitly (signals:numbering); set version=2."]},
        ),
        Stage(rule("cart", 80, version=2), steps={"cart": "update"}, registry={"cart": {1: False, 2: True}}),
    ],
)

DEFAULTS = Lifecycle(
    "adopt and on_destroy have the defaults that the stack says",
    [
        Stage(
            rule("theirs") + rule("ours") + rule("kept", on_destroy="retain"),
            before=lambda outsider: outsider.stores("theirs", 1, 60),
            config={"adopt": "true", "onDestroy": "delete"},
            steps={"theirs": "create", "ours": "create", "kept": "create"},
            warns=(
                "theirs v2 goes live, taking over from others, v1 is withdrawn",
                "theirs: compared with v1",
            ),
            registry={"theirs": {1: False, 2: True}, "ours": {1: True}, "kept": {1: True}},
        ),
        Stage(
            command="destroy",
            steps={"theirs": "delete", "ours": "delete", "kept": "delete"},
            warns=("theirs: left in the registry, because this stack did not make them: v1",),
            registry={"theirs": {1: False}, "kept": {1: True}},
        ),
    ],
)

LOCAL_REVIEW = Lifecycle(
    "the local review asks nothing in preview, and a clash is refused when it comes to the write",
    [
        Stage(
            rule("cart") + rule("taken"),
            "preview",
            before=lambda outsider: outsider.stores("taken", 1, 60),
            config={"review": "local"},
            steps={"cart": "create", "taken": "create"},
            requests={},
        ),
        Stage(
            rule("taken"),
            refused={
                "taken": [
                    '"taken" is in the registry already, up to version 1: criteria.value changed (60 → 75)'
                ]
            },
            writes=0,
        ),
        Stage(rule("cart"), steps={"cart": "create"}, writes=1),
        Stage(rule("cart", 80), "preview", steps={"cart": "update"}, requests={}),
        Stage(steps={"cart": "update"}, writes=2, registry={"taken": {1: True}, "cart": {1: False, 2: True}}),
    ],
)

OTHER_REGISTRY = Lifecycle(
    "a stack never touches a registry other than the one that its resources are recorded in, unless it has moved",
    [
        Stage(rule("cart"), steps={"cart": "create"}),
        Stage(
            command="preview",
            config={"apiUrl": _ELSEWHERE},
            refused={
                "cart": [
                    (
                        f'"cart" belongs to the registry loopback, but signals:apiUrl is {_ELSEWHERE}: each registry '
                        "needs a stack of its own. Nothing was done."
                    )
                ]
            },
            requests={},
        ),
        Stage(
            rule("cart"),
            "refresh",
            config={},
            environment={"SNOWPLOW_SIGNALS_API_URL": _ELSEWHERE},
            refused={"cart": ['"cart" belongs to the registry loopback']},
            requests={},
        ),
        Stage(
            command="destroy",
            environment={"SNOWPLOW_SIGNALS_API_URL": _ELSEWHERE},
            refused={"cart": ['"cart" belongs to the registry loopback']},
            requests={},
            registry={"cart": {1: True}},
        ),
        Stage(
            command="preview",
            config={"apiUrl": _ELSEWHERE, "movedFrom": "loopback"},
            # The record of where it is moves along, or the setting could never go again.
            steps={"cart": "update"},
            requests={},
        ),
    ],
)

CREDENTIALS = Lifecycle(
    "wrong or missing settings are told in a sentence, a registry out of reach is a warning in preview",
    [
        Stage(
            rule("cart"),
            "preview",
            environment={"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "not-the-right-token"},
            refused={
                "cart": [
                    (
                        "the credentials are not accepted (401: Invalid authentication credentials). They came from the environment "
                        "variable SNOWPLOW_SIGNALS_SANDBOX_TOKEN"
                    )
                ]
            },
            hides=("not-the-right-token",),
        ),
        Stage(
            command="preview",
            environment={"SNOWPLOW_SIGNALS_API_URL": "", "SNOWPLOW_SIGNALS_SANDBOX_TOKEN": ""},
            refused={"": [("signals:apiUrl is missing: set it with", "There are no credentials.")]},
            requests={},
        ),
        Stage(
            command="preview",
            environment={
                "SNOWPLOW_SIGNALS_API_URL": "http://127.0.0.1:9",
                "SNOWPLOW_SIGNALS_RETRY_SECONDS": "0",
            },
            steps={"cart": "create"},
            warns=("the registry could not be reached, so this preview checks the program alone",),
        ),
        Stage(steps={"cart": "create"}, registry={"cart": {1: True}}),
        Stage(
            command="refresh",
            environment={"SNOWPLOW_SIGNALS_SANDBOX_TOKEN": "not-the-right-token"},
            refused={"cart": ["the credentials are not accepted (401"]},
            hides=("not-the-right-token",),
        ),
        Stage(
            command="destroy",
            environment={
                "SNOWPLOW_SIGNALS_API_URL": "http://127.0.0.1:9",
                "SNOWPLOW_SIGNALS_RETRY_SECONDS": "0",
            },
            refused={"cart": ["Signals is not available"]},
        ),
        Stage(requests={}),
    ],
)

_PLAIN_TOKEN = (
    "signals:sandboxToken is in plain text in the stack's configuration. Encrypt it with `pulumi config set --secret "
    "signals:sandboxToken`, or set the environment variable SNOWPLOW_SIGNALS_SANDBOX_TOKEN instead."
)

KEYS = Lifecycle(
    "a misspelt setting is refused with the right spelling, an unknown one and a readable token are warnings, once a run",
    [
        Stage(
            rule("cart") + rule("other"),
            "preview",
            config={"onDestory": "delete", "apiURL": "https://x.example.com", "review": "never"},
            refused={
                "": [
                    (
                        "signals:onDestory is not a setting. Did you mean signals:onDestroy?",
                        "signals:apiURL is not a setting. Did you mean signals:apiUrl?",
                        'signals:review is "never": use "remote" or "local".',
                    )
                ]
            },
            requests={},
        ),
        Stage(
            config={"colour": "red", "sandboxToken": "not-the-token", "apiKeyId": ""},
            steps={"cart": "create", "other": "create"},
            warns=["signals:colour is not a setting and has no effect.", _PLAIN_TOKEN],
            hides=(),
        ),
        Stage(command="preview", config={}),
    ],
)

LIFECYCLES = [EXPLICIT, DEFAULTS, LOCAL_REVIEW, OTHER_REGISTRY, CREDENTIALS, KEYS]
