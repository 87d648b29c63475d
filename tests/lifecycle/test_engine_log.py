"""Lines for the diagnostics, as an engine takes them, and what becomes of them where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/signals:RuleIntervention::cart"

SAYS = f"""
from pulumi_snowplow_signals.engine_log import say
from pulumi_snowplow_signals.fields.remarks import Remark

say(Remark("info", "of the stack"))
say(Remark("warning", "of a rule", {URN!r}))
say(Remark("info", "of no rule", None))
"""


class Engine(engine_pb2_grpc.EngineServicer):
    """An engine that keeps the lines that it is sent."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str, str]] = []

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802  # gRPC's own names
        """Take a line."""
        self.lines.append((request.severity, request.message, request.urn))
        return empty_pb2.Empty()


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    """An engine, and its address."""
    engine, server = Engine(), grpc.server(ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield engine, f"127.0.0.1:{port}"
    server.stop(0)


def printed(*arguments: str) -> str:
    """Return what a process prints that was given these arguments, as an engine gives its address."""
    done = subprocess.run(
        [sys.executable, "-c", SAYS, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def test_a_line_is_shown_under_its_resource(engine: tuple[Engine, str]) -> None:
    """A line that names a URN carries it; the others are the stack's. Nothing is printed."""
    taker, address = engine
    assert printed(address) == ""
    assert taker.lines == [
        (engine_pb2.INFO, "of the stack", ""),
        (engine_pb2.WARNING, "of a rule", URN),
        (engine_pb2.INFO, "of no rule", ""),
    ]


@pytest.mark.parametrize("arguments", [(), ("127.0.0.1:1",)], ids=["no address", "nobody there"])
def test_no_line_is_lost_without_an_engine(arguments: tuple[str, ...]) -> None:
    """Where the engine does not take it, a line is printed."""
    lines = printed(*arguments).splitlines()
    assert [line for line in lines if " of " in line] == [
        "info: of the stack",
        "warning: of a rule",
        "info: of no rule",
    ]
