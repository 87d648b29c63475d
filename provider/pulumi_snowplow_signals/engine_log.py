"""Sends lines to the diagnostics of a preview or a deployment.

`pulumi.log` does not work in the process of a dynamic provider, but the engine's log service does. Its address is the first
argument of that process (`pulumi/dynamic/__main__.py`). Only warnings that are sent there are shown and counted as such.
"""

from __future__ import annotations

import sys
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_snowplow_signals.fields.remarks import Remark

_SECONDS: Final = 5.0


def say(remark: Remark) -> None:
    """Show a remark under its resource, or on standard error if the engine does not accept it."""
    severity = engine_pb2.WARNING if remark.severity == "warning" else engine_pb2.INFO
    request = engine_pb2.LogRequest(severity=severity, message=remark.text, urn=remark.urn or "")
    try:
        # Opened for each remark, though that takes a millisecond: if the engine closes a channel that is kept open, gRPC
        # writes "Got goaway" to standard error, where the user sees it. Seen with grpcio 1.85.
        with grpc.insecure_channel(sys.argv[1]) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=_SECONDS)
    except (grpc.RpcError, IndexError, ValueError):
        sys.stderr.write(f"{remark.severity}: {remark.text}\n")
        sys.stderr.flush()
