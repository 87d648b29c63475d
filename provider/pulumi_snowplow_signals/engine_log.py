"""Lines for the diagnostics of a preview or a deployment.

`pulumi.log` does not work in a dynamic provider's process. The engine's own log service does: its address is the first
argument that the engine gives to that process (`pulumi/dynamic/__main__.py`), and only a warning sent there is shown and
counted as one.
"""

from __future__ import annotations

import sys
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_snowplow_signals.fields.remarks import Remark

_SECONDS: Final = 5.0


def say(remark: Remark) -> None:
    """Show a remark to the user, under its resource; on standard error where the engine does not take it."""
    severity = engine_pb2.WARNING if remark.severity == "warning" else engine_pb2.INFO
    request = engine_pb2.LogRequest(severity=severity, message=remark.text, urn=remark.urn or "")
    try:
        # Not kept, though opening and closing takes a millisecond: where the engine goes first, gRPC reports its farewell
        # ("Got goaway") on standard error, which the user then reads. Seen with grpcio 1.85.
        with grpc.insecure_channel(sys.argv[1]) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_SECONDS)
    except (grpc.RpcError, IndexError, ValueError):
        sys.stderr.write(f"{remark.severity}: {remark.text}\n")
        sys.stderr.flush()
