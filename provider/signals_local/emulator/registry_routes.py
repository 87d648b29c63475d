"""The registry's own paths: attribute keys, attribute groups, services and interventions.

Paths, bodies and responses are those that `snowplow_signals.registry_client` and `.interventions_client` (0.4.10) use.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from signals_local.emulator.answers import Answers
from signals_local.emulator.attribute_models import AttributeGroup, AttributeKey, BatchSource
from signals_local.emulator.models import RuleIntervention, Service
from signals_local.emulator.registry import Identity
from signals_local.emulator.state import State
from signals_local.emulator.strict_json import StrictRoute
from signals_local.emulator.wire import MAX_INTEGER, Kind, Proposal

Number = Annotated[int, Path(ge=-MAX_INTEGER, le=MAX_INTEGER)]


class _Calls:
    """The common part of the routes: a request to the registry, and its response."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._registry = state.registry
        self._answers = Answers(state.registry, state.assumptions)

    def listed(self, kind: Kind) -> Response:
        return JSONResponse([self._answers.of(each) for each in self._registry.listed(kind)])

    def listed_groups(self, *, applied: bool, offline: bool | None) -> Response:
        """Return the groups. `applied` selects the published ones; `offline` selects those of the warehouse or of the stream.

        The browser extension `chrome-snowplow-inspector` 0.4.5 sends `applied`, and the client's dbt part (0.4.2) sends `offline`.
        Their meaning is inferred from their names.
        """
        return JSONResponse(
            [
                self._answers.of(each)
                for each in self._registry.listed("attribute_group")
                if (each.is_published or not applied)
                and (offline is None or bool(each.definition["offline"]) is offline)
            ]
        )

    def latest(self, kind: Kind, name: str) -> Response:
        return JSONResponse(self._answers.of(self._registry.latest(kind, name)))

    def one(self, identity: Identity) -> Response:
        return JSONResponse(self._answers.of(self._registry.get(identity)))

    def create(self, request: Request, proposal: Proposal) -> Response:
        stored = self._registry.create(proposal, self._state.cause(request))
        return JSONResponse(self._answers.of(stored), status_code=int(self._state.assumptions.post_status))

    def replace(self, request: Request, identity: Identity, proposal: Proposal) -> Response:
        stored = self._registry.replace(identity, proposal, self._state.cause(request))
        return JSONResponse(self._answers.of(stored))

    def delete(self, request: Request, identity: Identity) -> Response:
        self._registry.delete(identity, self._state.cause(request))
        return JSONResponse({"ok": True})

    def with_batch_source(self, identity: Identity, source: BatchSource) -> Proposal:
        """Return a stored group with a different warehouse table."""
        stored = self._registry.get(identity)
        definition = {**stored.definition, "batch_source": source.model_dump(mode="json")}
        try:
            group = AttributeGroup.model_validate({**definition, "is_published": stored.is_published})
        except ValidationError as error:
            raise RequestValidationError(
                [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
            ) from error
        return group.proposal()


def router(state: State) -> APIRouter:
    """Return the routes below `registry/`, which require a token.

    The handlers are coroutines that never wait: SQLite responds in some ten microseconds, so a thread for each request would cost more
    than it saves.
    """
    calls = _Calls(state)
    # Use one router, since each level of nesting builds every route again, and that dominates the start time.
    routes = APIRouter(
        prefix="/api/v1/registry",
        route_class=StrictRoute,
        dependencies=[Depends(state.authentication.require)],
    )
    _interventions(routes, calls)
    _attribute_groups(routes, calls)
    _attribute_keys(routes, calls)
    _services(routes, calls)
    return routes


def _interventions(routes: APIRouter, calls: _Calls) -> None:
    @routes.get("/interventions/")
    async def list_interventions() -> Response:
        return calls.listed("intervention")

    @routes.get("/interventions/{name}")
    async def get_latest_intervention(name: str) -> Response:
        return calls.latest("intervention", name)

    @routes.get("/interventions/{name}/versions/{version}")
    async def get_intervention(name: str, version: Number) -> Response:
        return calls.one(Identity("intervention", name, version))

    @routes.post("/interventions/")
    async def create_intervention(request: Request, body: RuleIntervention) -> Response:
        return calls.create(request, body.proposal())

    @routes.put("/interventions/{name}/versions/{version}")
    async def update_intervention(
        request: Request, name: str, version: Number, body: RuleIntervention
    ) -> Response:
        return calls.replace(request, Identity("intervention", name, version), body.proposal())

    @routes.delete("/interventions/{name}/versions/{version}")
    async def delete_intervention(request: Request, name: str, version: Number) -> Response:
        return calls.delete(request, Identity("intervention", name, version))


def _attribute_groups(routes: APIRouter, calls: _Calls) -> None:
    @routes.get("/attribute_groups/")
    async def list_attribute_groups(*, applied: bool = False, offline: bool | None = None) -> Response:
        return calls.listed_groups(applied=applied, offline=offline)

    @routes.get("/attribute_groups/{name}")
    async def get_latest_attribute_group(name: str) -> Response:
        return calls.latest("attribute_group", name)

    @routes.get("/attribute_groups/{name}/versions/{version}")
    async def get_attribute_group(name: str, version: Number) -> Response:
        return calls.one(Identity("attribute_group", name, version))

    @routes.post("/attribute_groups/")
    async def create_attribute_group(request: Request, body: AttributeGroup) -> Response:
        return calls.create(request, body.proposal())

    @routes.put("/attribute_groups/{name}/versions/{version}")
    async def update_attribute_group(
        request: Request, name: str, version: Number, body: AttributeGroup
    ) -> Response:
        return calls.replace(request, Identity("attribute_group", name, version), body.proposal())

    @routes.put("/attribute_groups/{name}/versions/{version}/batch_source")
    async def set_batch_source(request: Request, name: str, version: Number, body: BatchSource) -> Response:
        identity = Identity("attribute_group", name, version)
        return calls.replace(request, identity, calls.with_batch_source(identity, body))

    @routes.delete("/attribute_groups/{name}/versions/{version}")
    async def delete_attribute_group(request: Request, name: str, version: Number) -> Response:
        return calls.delete(request, Identity("attribute_group", name, version))


def _attribute_keys(routes: APIRouter, calls: _Calls) -> None:
    @routes.get("/attribute_keys/")
    async def list_attribute_keys() -> Response:
        return calls.listed("attribute_key")

    @routes.get("/attribute_keys/{name}")
    async def get_attribute_key(name: str) -> Response:
        return calls.one(Identity("attribute_key", name))

    @routes.post("/attribute_keys/")
    async def create_attribute_key(request: Request, body: AttributeKey) -> Response:
        return calls.create(request, body.proposal())

    @routes.put("/attribute_keys/{name}")
    async def update_attribute_key(request: Request, name: str, body: AttributeKey) -> Response:
        return calls.replace(request, Identity("attribute_key", name), body.proposal())

    @routes.delete("/attribute_keys/{name}")
    async def delete_attribute_key(request: Request, name: str) -> Response:
        return calls.delete(request, Identity("attribute_key", name))


def _services(routes: APIRouter, calls: _Calls) -> None:
    @routes.get("/services/")
    async def list_services() -> Response:
        return calls.listed("service")

    @routes.get("/services/{name}")
    async def get_service(name: str) -> Response:
        return calls.one(Identity("service", name))

    @routes.post("/services/")
    async def create_service(request: Request, body: Service) -> Response:
        return calls.create(request, body.proposal())

    @routes.put("/services/{name}")
    async def update_service(request: Request, name: str, body: Service) -> Response:
        return calls.replace(request, Identity("service", name), body.proposal())

    @routes.delete("/services/{name}")
    async def delete_service(request: Request, name: str) -> Response:
        return calls.delete(request, Identity("service", name))
