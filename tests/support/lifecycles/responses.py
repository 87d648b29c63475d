"""Responses that contradict each other or say too little: nothing is reported as done that may not be."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from harness import OWNER, Lifecycle, Outsider, Stage, rule

_PATH = "/api/v1/registry/interventions/"
_ABSENT = {"status": 404, "body": {"detail": "Not Found"}}
_ELSEWHERE = {"status": 307, "headers": {"Location": f"{_PATH}elsewhere/versions/1"}}
# Long retries would tell nothing more: the response does not change.
_AT_ONCE = {"SNOWPLOW_SIGNALS_RETRY_SECONDS": "0"}


def _stored(name: str, **fields: Any) -> dict[str, Any]:
    """Return version 1 of a rule as the registry sends it, with fields replaced. A field that is `...` is left out."""
    criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
    body = {"name": name, "version": 1, "owner": OWNER, "criteria": criteria, "is_published": True, **fields}
    return {key: value for key, value in body.items() if value is not ...}


def _answers(
    method: str | None,
    names: Iterable[str],
    answer: Callable[[str], dict[str, Any]],
    count: int | None = None,
) -> Callable[[Outsider], None]:
    """Replace the response to requests for version 1 of these names, by default to all of them, whatever their method."""

    def order(outsider: Outsider) -> None:
        for name in names:
            path = f"{_PATH}{name}/versions/1"
            outsider.emulator.fail(method=method, path=path, count=count, **answer(name))

    return order


def _listed(*bodies: dict[str, Any]) -> Callable[[Outsider], None]:
    """Replace the response to requests for the list."""
    return lambda outsider: outsider.emulator.fail(
        method="GET", path=_PATH, status=200, body=bodies, count=None
    )


def _mended(outsider: Outsider) -> None:
    outsider.emulator.clear_faults()


_WRONG: Mapping[str, tuple[str | None, Callable[[str], dict[str, Any]]]] = {
    # What the list shows as live is said not to exist.
    "absent": (None, lambda _: _ABSENT),
    # A response does not say whether the version is live.
    "no_flag": (None, lambda name: {"status": 200, "body": _stored(name, is_published=...)}),
    "null_flag": (None, lambda name: {"status": 200, "body": _stored(name, is_published=None)}),
    # The path that a redirect leads to does not exist.
    "redirected": (None, lambda _: _ELSEWHERE),
    # A withdrawal is answered with a version that is live.
    "not_done": ("PUT", lambda name: {"status": 200, "body": _stored(name)}),
}
_KEPT = rule("kept")
# A stage has one rule that fails: an engine begins no step after a failure.
_CHANGES: Mapping[str, tuple[str, dict[int, bool]]] = {
    "an update": (rule("cart", 80), {1: False, 2: True}),
    "a withdrawal": (rule("cart", published=False), {1: False}),
    "a removal": ("", {1: False}),
}


def _failing(
    promise: str, before: str, after: str, wrong: Callable[[Outsider], None], versions: dict[int, bool]
) -> Lifecycle:
    """Return the lifecycle of a change to a rule that gets wrong responses, and of the next run."""
    registry = {"kept": {1: True}, **({"cart": versions} if versions else {})}
    return Lifecycle(
        promise,
        [
            Stage(_KEPT + before, steps=dict.fromkeys(("kept", "cart"), "create")),
            Stage(_KEPT + after, before=wrong, environment=_AT_ONCE, refused={"cart": ["cart"]}),
            Stage(
                _KEPT + after,
                before=_mended,
                steps=None,
                warns=None if after else (),
                registry=registry,
            ),
        ],
    )


DISAGREEING = [
    _failing(
        f"{change} fails where responses do not agree, or say too little: {kind}",
        rule("cart"),
        after,
        _answers(method, ["cart"], answer),
        versions,
    )
    for change, (after, versions) in _CHANGES.items()
    for kind, (method, answer) in _WRONG.items()
]

DELETIONS = [
    _failing(
        f"a removal with on_destroy=delete fails where a version that is there is said not to exist: {method or 'all'}",
        rule("cart", on_destroy="delete"),
        "",
        _answers(method, ["cart"], lambda _: _ABSENT),
        {},
    )
    for method in (None, "DELETE")
]

ASKED_AGAIN = Lifecycle(
    "a single response that contradicts the list is asked for again, and the run succeeds",
    [
        Stage(
            "".join(rule(name) for name in ("updated", "withdrawn", "removed")),
            steps=dict.fromkeys(("updated", "withdrawn", "removed"), "create"),
        ),
        Stage(
            rule("updated", 80) + rule("withdrawn", published=False),
            before=_answers(None, ("updated", "withdrawn", "removed"), lambda _: _ABSENT, count=1),
            steps={"updated": "update", "withdrawn": "update", "removed": "delete"},
            warns=None,
            registry={
                "updated": {1: False, 2: True},
                "withdrawn": {1: False},
                "removed": {1: False},
            },
        ),
    ],
)

REFRESHED = Lifecycle(
    "a refresh looks closer where a list says too little, and fails where that says too little or leads to a 404",
    [
        Stage(_KEPT, steps={"kept": "create"}),
        Stage(
            command="refresh",
            before=_listed(_stored("kept", is_published=...)),
        ),
        Stage(
            command="refresh",
            before=_answers(
                "GET", ["kept"], lambda name: {"status": 200, "body": _stored(name, is_published=...)}
            ),
            environment=_AT_ONCE,
            fails_with=["is_published"],
        ),
        Stage(
            command="refresh",
            before=lambda outsider: [
                _mended(outsider),
                _listed()(outsider),
                _answers("GET", ["kept"], lambda _: _ELSEWHERE)(outsider),
            ],
            environment=_AT_ONCE,
            fails_with=["kept"],
        ),
        Stage(command="refresh", before=_mended),
    ],
)

REALLY_GONE = Lifecycle(
    "where list and response agree that a version is gone, an update and a removal succeed",
    [
        Stage(
            "".join(rule(name) for name in ("updated", "removed")) + rule("deleted", on_destroy="delete"),
            steps=dict.fromkeys(("updated", "removed", "deleted"), "create"),
        ),
        Stage(
            rule("updated", 80),
            before=lambda outsider: [outsider.deletes(name, 1) for name in ("updated", "removed", "deleted")],
            steps={"updated": "update", "removed": "delete", "deleted": "delete"},
            warns=None,
            registry={"updated": {2: True}},
        ),
    ],
    meant_down=("updated",),
)

LIFECYCLES = [*DISAGREEING, *DELETIONS, ASKED_AGAIN, REFRESHED, REALLY_GONE]
