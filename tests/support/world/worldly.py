"""A dynamic provider whose world is a directory: what exists is a file each, and every call is a line in `calls`.

What a resource's inputs ask for:
- `key` changed: replace; `first_delete`: delete before that; `lazy`: leave the comparison to the engine;
- `bad`: fail the check with that text; `fail`: the name of the call to fail;
- `tell`: log that text as a warning; `slow`: seconds that create takes; `slow_check`: seconds that check takes;
  `slow_delete`: seconds that delete takes; `until`: a file of the world that create waits for;
- `die`: end the provider's process in the middle of create.
The input `serial` is computed by check: kept while the resource lives, started afresh when it is replaced.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path

import grpc
import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

HIDDEN = ("__provider",)


def world():
    return Path(os.environ["WORLD"])


def plain(value):
    """What JSON can hold, unknowns by name."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key not in HIDDEN}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else "[unknown]"


def note(call, *arguments):
    with (world() / "calls").open("a") as calls:
        fcntl.flock(calls, fcntl.LOCK_EX)
        calls.write(json.dumps([call, *map(plain, arguments)], sort_keys=True) + "\n")


def number_of(name):
    """How many there have been of this name: makes ids differ, the same way in both engines."""
    counter = world() / f"{name}.count"
    count = int(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text(str(count))
    return count


def wanted(properties):
    return {key: value for key, value in properties.items() if key not in (*HIDDEN, "out", "count")}


class Worldly(ResourceProvider):
    serialize_as_secret_always = False

    def configure(self, req):
        note("configure", {key: req.config.get(key) for key in ("world:greeting", "other:object")})

    def check(self, olds, news):
        note("check", olds, news)
        time.sleep(news.get("slow_check", 0))
        failures = [CheckFailure("", news["bad"])] if isinstance(news.get("bad"), str) else []
        if news.get("tell"):
            tell(news["tell"])
        return CheckResult({**news, "serial": olds.get("serial", "first")}, failures)

    def diff(self, id_, olds, news):
        note("diff", id_, olds, news)
        fail_if(news, "diff")
        if news.get("lazy"):
            return DiffResult()
        before, after = wanted(olds), wanted(news)
        changed = [key for key in {*before, *after} if before.get(key) != after.get(key)]
        return DiffResult(
            changes=bool(changed),
            replaces=[key for key in changed if key == "key"],
            delete_before_replace=bool(news.get("first_delete")),
        )

    def create(self, props):
        note("create", props)
        time.sleep(props.get("slow", 0))
        while "until" in props and not (world() / props["until"]).exists():
            time.sleep(0.02)
        if props.get("die"):
            os._exit(1)
        fail_if(props, "create")
        name = props["name"]
        count = number_of(name)
        id_ = f"{name}-{count}"
        write(id_, wanted(props))
        return CreateResult(id_, {**wanted(props), "out": f"out of {id_}", "count": count})

    def read(self, id_, props):
        note("read", id_, props)
        fail_if(props, "read")
        file = world() / f"{id_}.json"
        if not file.exists():
            return ReadResult("", {})
        found = json.loads(file.read_text())
        outs = {**props, **found, "out": props.get("out", f"out of {id_}")}
        outs.pop("__provider", None)
        return ReadResult(id_, outs, dict(found) if found.get("tells_inputs") else None)

    def update(self, id_, olds, news):
        note("update", id_, olds, news)
        fail_if(news, "update")
        write(id_, wanted(news))
        return UpdateResult({**wanted(news), "out": f"out of {id_}, again", "count": olds.get("count")})

    def delete(self, id_, props):
        note("delete", id_, props)
        time.sleep(props.get("slow_delete", 0))
        fail_if(props, "delete")
        (world() / f"{id_}.json").unlink(missing_ok=True)


def write(id_, properties):
    (world() / f"{id_}.json").write_text(json.dumps(properties, sort_keys=True))


def fail_if(properties, call):
    if properties.get("fail") == call:
        sys.tracebacklimit = 0
        raise ValueError(f"{call} fails as asked") from None


def tell(text):
    """Log a warning the way a provider can: at the engine's address, which is its first argument."""
    with grpc.insecure_channel(sys.argv[1]) as channel:
        engine_pb2_grpc.EngineStub(channel).Log(
            engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=text)
        )


class Thing(Resource, module="world", name="Thing"):
    out: pulumi.Output[str]
    count: pulumi.Output[int]

    def __init__(self, logical_name, props, opts=None):
        super().__init__(Worldly(), logical_name, {"out": None, "count": None, **props}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, logical_name, opts=None):
        super().__init__("world:index:Group", logical_name, {}, opts)
