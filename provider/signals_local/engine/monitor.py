"""The gRPC services that a program and its providers talk to: `ResourceMonitor` and `Engine`, both at one address.

Requests are decoded only here. The engine claims every feature, so the SDK sends requests that use it and the refusal can name the
feature. Otherwise the SDK would ask for a newer `pulumi` command.
"""

from __future__ import annotations

# ruff: noqa: N802, ARG002 -- names and parameters are those of the gRPC services
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from signals_local.engine.config import Project
from signals_local.engine.deployment import Answer, Deployment
from signals_local.engine.errors import EngineError, Refused, Stopped
from signals_local.engine.report import Report, Severity
from signals_local.engine.requests import goal_from, read_goal_from
from signals_local.engine.values import UNKNOWN, UNKNOWN_TEXT
from signals_local.engine.wire import from_struct, to_struct

_MESSAGE_LIMIT: Final = 400 * 1024 * 1024
_SEVERITIES: Final[dict[int, Severity]] = {1: "info", 2: "warning", 3: "error"}
_FEATURES: Final = (
    "SECRETS", "RESOURCE_REFERENCES", "ALIAS_SPECS", "DELETED_WITH",
    # Claimed, so that they can be refused by name:
    "REPLACE_WITH", "REPLACEMENT_TRIGGER", "TRANSFORMS", "INVOKE_TRANSFORMS", "PARAMETERIZATION", "RESOURCE_HOOKS",
    "ERROR_HOOKS", "STATE_MIGRATIONS",
)  # fmt: skip


class EngineServicer(engine_pb2_grpc.EngineServicer):
    """Receives log messages, and remembers the root resource."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._root = ""

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        severity = _SEVERITIES.get(request.severity)
        # There are ten debug messages per resource, and ephemeral ones are meant for a status line.
        if severity is not None and not request.ephemeral:
            self._report.log(severity, request.message, request.urn)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> engine_pb2.GetRootResourceResponse:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest, context: Any
    ) -> engine_pb2.SetRootResourceResponse:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, "`require_pulumi_version`")

    def StartDebugging(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, "attaching a debugger")


class _AtWork:
    """Counts the requests in progress, and admits no more once closed."""

    def __init__(self) -> None:
        self._count = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Admit one request. Raise Stopped once closed."""
        with self._changed:
            if self._closed:
                raise Stopped
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def close(self) -> int:
        with self._changed:
            self._closed = True
            return self._count

    def is_idle(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._count, seconds)


class MonitorServicer(resource_pb2_grpc.ResourceMonitorServicer):
    """Receives the resources that a program declares."""

    def __init__(self, project: Project, report: Report, parallel: int) -> None:
        self._project = project
        self._parallel = parallel
        self._report = report
        self._deployment: Deployment | None = None
        self._bound = threading.Event()
        self._at_work = _AtWork()

    def bind(self, deployment: Deployment) -> None:
        """Start to accept registrations."""
        self._deployment = deployment
        self._bound.set()

    def close(self) -> int:
        """Accept no more requests. Return how many are in progress."""
        return self._at_work.close()

    def is_idle(self, seconds: float) -> bool:
        """Wait up to this many seconds for the requests in progress. Return whether all have finished."""
        return self._at_work.is_idle(seconds)

    def GetDeploymentInfo(self, request: Any, context: Any) -> resource_pb2.DeploymentInfo:
        return resource_pb2.DeploymentInfo(
            project=self._project.name,
            stack=self._project.stack,
            organization="organization",
            config=dict(self._project.config),
            dryRun=self._report.dry_run,
            parallel=self._parallel,
            supportedFeatures=[
                number
                for name, number in resource_pb2.ResourceMonitorFeature.items()
                if name.removeprefix("RESOURCE_MONITOR_FEATURE_") in _FEATURES
            ],
        )

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: Any
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id != "outputValues")

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        answer = Answer("", failed=True)
        with self._wait_for_deployment(request.name) as deployment:
            answer = deployment.attempt(request, lambda: deployment.register(goal_from(request)))
        return _register_response(answer)

    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ReadResourceResponse:
        answer = Answer("", failed=True)
        with self._wait_for_deployment(request.name) as deployment:
            identifier = UNKNOWN if request.id == UNKNOWN_TEXT else request.id
            answer = deployment.attempt(request, lambda: deployment.read(read_goal_from(request), identifier))
        if answer.failed and not self._report.dry_run:
            # The protocol cannot report a failed read. If the engine seems to be gone, the SDK ends the program quietly.
            context.abort(grpc.StatusCode.UNAVAILABLE, "the run was stopped by a failed read")
        return resource_pb2.ReadResourceResponse(urn=answer.urn, properties=to_struct(answer.outputs or {}))

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: Any
    ) -> empty_pb2.Empty:
        with self._wait_for_deployment(request.urn) as deployment:
            deployment.register_outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> empty_pb2.Empty:
        # Only deletions remain, and those call nothing in the program.
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, f"functions of providers ({request.tok})")

    def Call(self, request: resource_pb2.ResourceCallRequest, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, f"methods of resources ({request.tok})")

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, "transforms")

    def RegisterStackInvokeTransform(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, "transforms of function calls")

    def RegisterResourceHook(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, "resource hooks")

    def RegisterErrorHook(self, request: Any, context: grpc.ServicerContext) -> NoReturn:
        _refuse(self._report, context, "error hooks")

    def RegisterPackage(
        self, request: resource_pb2.RegisterPackageRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        _refuse(self._report, context, f"packages with parameters ({request.name})")

    @contextmanager
    def _wait_for_deployment(self, what: str) -> Iterator[Deployment]:
        """Wait for the deployment. Report a fault of this engine instead of letting the program hang."""
        self._bound.wait()
        if self._deployment is None:
            raise RuntimeError("bound without a deployment")
        try:
            with self._at_work.one():
                yield self._deployment
        except EngineError as fault:
            self._report.blame(fault)
        except Exception:  # noqa: BLE001 -- whatever it is, the program waits for an answer
            self._report.say(
                "error",
                f"the local engine failed at {what!r}; this is a fault of the engine:\n{traceback.format_exc()}",
            )


def _register_response(answer: Answer) -> resource_pb2.RegisterResourceResponse:
    if answer.failed:
        return resource_pb2.RegisterResourceResponse(urn=answer.urn, result=resource_pb2.Result.FAIL)
    return resource_pb2.RegisterResourceResponse(
        urn=answer.urn, id=answer.id, object=to_struct(answer.outputs or {}), unknown=answer.unknown
    )


def _refuse(report: Report, context: grpc.ServicerContext, feature: str) -> NoReturn:
    text = str(Refused(feature))
    report.say("error", text)
    context.abort(grpc.StatusCode.UNIMPLEMENTED, text)
    raise AssertionError("abort raises")


class Server:
    """Both services, on a loopback port that the system chooses."""

    def __init__(self, monitor: MonitorServicer, engine: EngineServicer, *, threads: int) -> None:
        # With fewer threads than the program has, a registration could wait for another that is never accepted.
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=threads, thread_name_prefix="monitor"),
            options=[
                ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
                ("grpc.max_send_message_length", _MESSAGE_LIMIT),
                ("grpc.so_reuseport", 0),
            ],
        )
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(engine, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"
        self._server.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.stop(0)
