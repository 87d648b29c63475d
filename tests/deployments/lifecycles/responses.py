"""Responses that contradict each other or say too little: nothing is reported as done that may not be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harness import OWNER, Lifecycle, Outsider, Stage, rule

_PATH = "/api/v1/registry/interventions/"
_ABSENT = {"status": 404, "body": {"detail": "Not Found"}}
_ELSEWHERE = {"status": 307, "headers": {"Location": f"{_PATH}elsewhere/versions/1"}}
# Long retries would tell nothing more: the response does not change.
_AT_ONCE = {"SNOWPLOW_SIGNALS_RETRY_SECONDS": "0"}
# No step begins after the first failure, so that all of them begin before it.
_SIDE_BY_SIDE = ("--parallel", "32")


def _stored(name: str, **fields: Any) -> dict[str, Any]:
    """Return version 1 of a rule as the registry sends it, with fields replaced. A field that is `...` is left out."""
    criteria = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
    body = {"name": name, "version": 1, "owner": OWNER, "criteria": criteria, "is_published": True, **fields}
    return {key: value for key, value in body.items() if value is not ...}


def _answers(
    method: str, names: Iterable[str], answer: Callable[[str], dict[str, Any]], count: int | None = None
) -> Callable[[Outsider], None]:
    """Replace the response to requests for version 1 of these names, by default to all of them."""

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


_WRONG: Mapping[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    # What the list shows as live is said not to exist.
    "absent": ("GET", lambda _: _ABSENT),
    # A response does not say whether the version is live.
    "no_flag": ("GET", lambda name: {"status": 200, "body": _stored(name, is_published=...)}),
    "null_flag": ("GET", lambda name: {"status": 200, "body": _stored(name, is_published=None)}),
    # The path that a redirect leads to does not exist.
    "redirected": ("GET", lambda _: _ELSEWHERE),
    # A withdrawal is answered with a version that is live.
    "not_done": ("PUT", lambda name: {"status": 200, "body": _stored(name)}),
}
_ALL = tuple(_WRONG)


def _wrong(kind_of: Mapping[str, str]) -> Callable[[Outsider], None]:
    """Replace the responses about each of these rules by one that is wrong in this way."""

    def order(outsider: Outsider) -> None:
        for name, kind in kind_of.items():
            method, answer = _WRONG[kind]
            _answers(method, [name], answer)(outsider)

    return order


def _refused(program: str, kind_of: Mapping[str, str]) -> Stage:
    """Return the stage in which each of these rules gets its wrong response, and is refused."""
    return Stage(
        program,
        before=_wrong(kind_of),
        environment=_AT_ONCE,
        options=_SIDE_BY_SIDE,
        refused={name: [name] for name in kind_of},
    )


def _changes(promise: str, kinds: Sequence[str], *, engines: Sequence[str], why_not: str) -> Lifecycle:
    """Return the lifecycle of updates and withdrawals that get wrong responses, and of the next run."""
    updated, withdrawn = ({f"{what}_{kind}": kind for kind in kinds} for what in ("updated", "withdrawn"))
    names = {**updated, **withdrawn}
    after = "".join(
        [*(rule(name, 80) for name in updated), *(rule(name, published=False) for name in withdrawn)]
    )
    return Lifecycle(
        promise,
        [
            Stage("".join(map(rule, names)), steps=dict.fromkeys(names, "create")),
            _refused(after, names),
            Stage(
                after,
                before=_mended,
                steps=None,
                warns=None,
                registry={
                    **{name: {1: False, 2: True} for name in updated},
                    **{name: {1: False} for name in withdrawn},
                },
            ),
        ],
        engines=engines,
        why_not=why_not,
    )


def _removals(promise: str, kinds: Sequence[str], *, engines: Sequence[str], why_not: str) -> Lifecycle:
    """Return the lifecycle of removals that get wrong responses, and of the next run."""
    names = {f"removed_{kind}": kind for kind in kinds}
    kept = rule("kept")
    return Lifecycle(
        promise,
        [
            Stage(kept + "".join(map(rule, names)), steps=dict.fromkeys(["kept", *names], "create")),
            _refused(kept, names),
            Stage(
                kept,
                before=_mended,
                steps=None,
                registry={"kept": {1: True}, **{name: {1: False} for name in names}},
            ),
        ],
        engines=engines,
        why_not=why_not,
    )


_CHANGES = "an update and a withdrawal fail where responses do not agree, or say too little"
_REMOVALS = "a removal fails where responses do not agree, or say too little"
# The real engine stops at the first failure, so that each kind needs a stack there; here, all of them share one.
_TOGETHER: Mapping[str, Any] = {
    "engines": ("local",),
    "why_not": "it stops at the first failure, and tries each alone",
}
_ALONE: Mapping[str, Any] = {"engines": ("pulumi",), "why_not": "it tries all of them together"}

DISAGREEING = [
    _changes(_CHANGES, _ALL, **_TOGETHER),
    _removals(_REMOVALS, _ALL, **_TOGETHER),
    *(_changes(f"{_CHANGES}: {kind}", [kind], **_ALONE) for kind in _ALL),
    *(_removals(f"{_REMOVALS}: {kind}", [kind], **_ALONE) for kind in _ALL),
]

_KEPT = rule("kept")

DELETION = Lifecycle(
    "a removal with on_destroy=delete fails where a version that is there is said not to exist",
    [
        Stage(
            _KEPT + rule("hidden", on_destroy="delete") + rule("denied", on_destroy="delete"),
            steps=dict.fromkeys(("kept", "hidden", "denied"), "create"),
        ),
        Stage(
            _KEPT,
            before=lambda outsider: [
                _answers("GET", ["hidden"], lambda _: _ABSENT)(outsider),
                _answers("DELETE", ["denied"], lambda _: _ABSENT)(outsider),
            ],
            environment=_AT_ONCE,
            options=_SIDE_BY_SIDE,
            refused={name: [name] for name in ("hidden", "denied")},
        ),
        Stage(_KEPT, before=_mended, steps=None, registry={"kept": {1: True}}),
    ],
)

ASKED_AGAIN = Lifecycle(
    "a single response that contradicts the list is asked for again, and the run succeeds",
    [
        Stage(
            "".join(rule(name) for name in ("updated", "withdrawn", "removed")),
            steps=dict.fromkeys(("updated", "withdrawn", "removed"), "create"),
        ),
        Stage(
            rule("updated", 80) + rule("withdrawn", published=False),
            before=_answers("GET", ("updated", "withdrawn", "removed"), lambda _: _ABSENT, count=1),
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

LIFECYCLES = [*DISAGREEING, DELETION, ASKED_AGAIN, REFRESHED, REALLY_GONE]
