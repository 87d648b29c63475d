"""One method for each endpoint of Signals that the provider uses. What to do with a response is decided elsewhere.

Every method raises an `ApiError`, or `ValueError` for a name that no object can have. The client is safe to use from
several threads; the provider process has four.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import ConfigDict, TypeAdapter, ValidationError

from pulumi_snowplow_signals.api.auth import ConsoleAuth, SandboxAuth
from pulumi_snowplow_signals.api.connections import connect, stays_on_server
from pulumi_snowplow_signals.api.models import (
    Deletion,
    Push,
    Stored,
    StoredAttributeGroup,
    StoredAttributeKey,
    first_fault,
)
from pulumi_snowplow_signals.api.outage import Outage
from pulumi_snowplow_signals.api.redaction import Redaction
from pulumi_snowplow_signals.api.responses import NOT_JSON, PASSING, Call, Success, judge
from pulumi_snowplow_signals.api.retries import Outcome, Retries
from pulumi_snowplow_signals.api.settings import ConsoleCredentials, SignalsSettings
from pulumi_snowplow_signals.api.targets import PUSH_URL_LIMIT, batches
from pulumi_snowplow_signals.api.transport_failures import translate_failure
from pulumi_snowplow_signals.errors import ApiError, NotFound, Unavailable, UnexpectedResponse
from pulumi_snowplow_signals.fields.names import NAME_PATTERN
from pulumi_snowplow_signals.fields.values import is_sendable
from pulumi_snowplow_signals.kinds.definition import Definition, Numbered, Unnumbered

CONNECT_SECONDS: Final = 10.0
RESPONSE_SECONDS: Final = 30.0
"""How long the official client waits for a response."""
LEAST_SECONDS: Final = 5.0
"""The shortest timeout, even if less of the total time is left: a shorter one would itself cause the failure."""

if TYPE_CHECKING:
    from typing_extensions import Self

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
D = TypeVar("D", bound=Definition)

_GROUPS: Final = "registry/attribute_groups/"
_OBJECTS: Final = TypeAdapter(list[Any], config=ConfigDict(strict=True))


class SignalsClient:
    """The Signals API of one deployment, with one set of credentials.

    Args:
        settings: The address and the credentials.
        transport: Carries the requests instead of the network.
        clock: Returns seconds on a clock that never goes back.
        sleep: Waits between attempts.
        witness: Receives each response before it is judged. It must not keep the request, which holds credentials.
    """

    def __init__(
        self,
        settings: SignalsSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        witness: Callable[[httpx.Response], None] | None = None,
    ) -> None:
        credentials = settings.credentials
        self._root = f"{settings.api_url}/api/v1/"
        self._advice = credentials.advice
        self._auth: ConsoleAuth | SandboxAuth
        addresses = [settings.api_url]
        if isinstance(credentials, ConsoleCredentials):
            self._redaction = Redaction([credentials.api_key.get_secret_value()])
            self._auth = ConsoleAuth(credentials, self._redaction, clock)
            addresses.append(credentials.console_url)
        else:
            self._redaction = Redaction([credentials.token.get_secret_value()])
            self._auth = SandboxAuth(credentials)
        self._retries = Retries(settings.retry_seconds, clock, sleep)
        self._outage = Outage(settings.retry_seconds, clock)
        self._http = connect(addresses, transport, witness)
        self._is_registry = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # The registry

    def list_all(self, kind: type[D]) -> list[Stored[D]]:
        """Return every version of every object of a kind. A version that is missing here may still exist: get it to be sure.

        An item that has a name but cannot be read otherwise has a `fault` and no number.
        """
        return self.parse_objects(self.list_bodies(kind.path), kind)

    def list_bodies(self, path: str) -> list[Any]:
        """Return the items of a collection's list, unparsed."""
        return self._fetch_list(path, _OBJECTS.validate_python)

    def parse_objects(self, bodies: list[Any], kind: type[D]) -> list[Stored[D]]:
        """Parse the items of a list, as `list_all` does. Raise UnexpectedResponse if one has no name."""
        return self._parse_items(kind.path, bodies, partial(Stored.parse_item, kind))

    def parse_groups(self, bodies: list[Any]) -> list[StoredAttributeGroup]:
        """Parse the attribute groups of a list, as far as criteria need them. Raise UnexpectedResponse if one has no name."""
        return self._parse_items(_GROUPS, bodies, StoredAttributeGroup.parse_item)

    def parse_keys(self, bodies: list[Any]) -> list[StoredAttributeKey]:
        """Parse the attribute keys of a list. Raise UnexpectedResponse if one has no name."""
        return self._parse_items("registry/attribute_keys/", bodies, StoredAttributeKey.parse_item)

    def list_attribute_groups(self) -> list[StoredAttributeGroup]:
        """Return every version of every attribute group, as far as criteria need them."""
        return self.parse_groups(self.list_bodies(_GROUPS))

    def list_attribute_keys(self) -> list[StoredAttributeKey]:
        """Return every attribute key."""
        return self.parse_keys(self.list_bodies("registry/attribute_keys/"))

    def get(self, kind: type[D], name: str, version: int) -> Stored[D]:
        """Return one version.

        Raises:
            NotFound: The registry does not hold it.
        """
        return self._request_stored(
            Call("GET", _build_path(kind, name, version), one_object=True), kind, name, version
        )

    def get_latest(self, kind: type[D], name: str) -> Stored[D]:
        """Return the version that the service calls the latest. Whether that can be a draft is not documented.

        Raises:
            NotFound: The registry does not know the name.
        """
        return self._request_stored(
            Call("GET", f"{kind.path}{_check_name(name)}", one_object=True), kind, name
        )

    def create(self, kind: type[D], body: Mapping[str, Any]) -> Stored[D]:
        """Store a new version, and publish it at once if `is_published` is true (POST).

        Retried only if the request was certainly not carried out. After an error with `sent`, and after `Rejected` (the
        version exists, or it was stored but could not be published), get the version to know what is stored.

        Raises:
            Rejected: Among other reasons, the version exists, or what it refers to does not (also 404).
        """
        call = Call("POST", kind.path, body, repeatable=False, one_object=True)
        return self._request_stored(call, kind, body["name"], body.get("version"))

    def replace(self, kind: type[D], name: str, version: int, body: Mapping[str, Any]) -> Stored[D]:
        """Replace, publish or withdraw a version that exists (PUT).

        A retry after a lost response can meet the effect of the first attempt: the service refuses to publish a version that
        is published. Such a `Rejected` has `sent`.

        Raises:
            NotFound: The registry does not hold the version, or something that `body` refers to.
            Rejected: Among other reasons, the version is published and `body` is published too.
        """
        call = Call("PUT", _build_path(kind, name, version), body, one_object=True)
        return self._request_stored(call, kind, name, version)

    def unpublish(self, kind: type[Definition], name: str, version: int) -> None:
        """Withdraw a version without sending its body. The response confirms nothing: get the version to be sure.

        The official client 0.4.10 does so for event logs only, other public clients also for interventions.

        Raises:
            NotFound: The registry does not hold it.
            Rejected: It is used.
        """
        number = {"version": version} if issubclass(kind, Numbered) else {}
        members = kind.path.strip("/").rpartition("/")[2]
        self._request(Call("POST", "engines/unpublish", {members: [{"name": name, **number}]}))

    def delete(self, kind: type[Definition], name: str, version: int) -> bool:
        """Delete a version that is not published. Return whether the response confirms it as documented.

        Any other success, such as an empty response or one with more fields, confirms nothing: get the version to be sure.

        Raises:
            NotFound: The registry does not hold it; with `sent` if an earlier attempt may have deleted it.
            Rejected: It is published.
        """
        call = Call("DELETE", _build_path(kind, name, version), one_object=True, may_be_empty=True)
        success = self._request_one(call, kind)
        return (
            success.data is not NOT_JSON and self._read(call, Deletion.model_validate, success).is_documented
        )

    # Direct push

    def push_batches(self, targets: Mapping[str, Sequence[str]]) -> Iterator[dict[str, list[str]]]:
        """Split targets, each an attribute key with its ids, into as few pushes as URLs of a safe length allow."""
        return batches(targets, PUSH_URL_LIMIT - len(f"{self._root}interventions?"))

    def push_intervention(self, targets: Mapping[str, Sequence[str]], instance: Mapping[str, Any]) -> str:
        """Push an intervention to the subscribers of these ids at once.

        Retried only if the request was certainly not carried out: after an error with `sent`, it may have been delivered.

        Args:
            targets: Ids by attribute key, one batch of `push_batches`.
            instance: The intervention's name, version, id and attributes.

        Returns:
            The service's status: "success", "undelivered" (nobody is subscribed) or "failure". A response without a status
            counts as "failure", as in the official client.
        """
        query = [(key, one) for key, ids in targets.items() for one in ids]
        call = Call("POST", "interventions", instance, query, repeatable=False)
        return self._read(call, Push.model_validate, self._request(call)).status

    # Requests and their responses

    def _parse_items(self, path: str, bodies: list[Any], parse: Callable[[Any], T]) -> list[T]:
        return self._read(
            Call("GET", path), lambda listed: [parse(each) for each in listed], Success(200, bodies)
        )

    def _fetch_list(self, path: str, read: Callable[[Any], list[T]]) -> list[T]:
        call = Call("GET", path)
        found = self._read(call, read, self._request(call))
        self._is_registry = True
        return found

    def _request_stored(self, call: Call, kind: type[D], name: str, version: int | None = None) -> Stored[D]:
        success = self._request_one(call, kind)
        found = self._read(call, partial(Stored.parse, kind), success)
        if found.name != name or (version is not None and found.version != version):
            raise self._build_unexpected(call, success, f"it is about {found.name} version {found.version}")
        if found.is_published is None:
            raise self._build_unexpected(
                call, success, "is_published is missing, so whether the version is live is not known"
            )
        if not is_sendable(found.body):
            raise self._build_unexpected(
                call,
                success,
                "it contains a value that JSON cannot represent, so it cannot be sent back",
            )
        self._is_registry = True
        return found

    def _read(self, call: Call, read: Callable[[Any], T], success: Success) -> T:
        try:
            return read(success.data)
        except ValidationError as wrong:
            fault = first_fault(wrong)
        raise self._build_unexpected(call, success, fault)

    def _build_unexpected(self, call: Call, success: Success, words: str) -> UnexpectedResponse:
        words = self._redaction.clean(words, call.personal)
        return UnexpectedResponse(call.method, call.path, success.status, words, sent=call.method != "GET")

    def _request_one(self, call: Call, kind: type[Definition]) -> Success:
        """Send a request about one object. Accept a 404 only from a service that is known to be the registry.

        Any other FastAPI service responds with the same 404, on a port of this machine for example, and a whole stack would be
        forgotten. So until the registry has responded once in this process, a 404 is followed by a request for a list.
        """
        try:
            return self._request(call)
        except NotFound as denied:
            absent = denied
        if not self._is_registry:
            # Kinds without versions may have no list.
            self.list_bodies(_GROUPS if issubclass(kind, Unnumbered) else kind.path)
        raise absent

    def _request(self, call: Call) -> Success:
        outage = self._outage.get_failure(call)
        if outage is not None:
            raise outage
        try:
            return self._retries.run(lambda seconds: self._attempt(call, seconds), repeatable=call.repeatable)
        except Unavailable as failure:
            if failure.is_spent:
                self._outage.note(call, failure)
            raise

    def _attempt(self, call: Call, seconds_left: float) -> Outcome[Success]:
        request = self._http.build_request(
            call.method,
            f"{self._root}{call.path}" + (f"?{urlencode(call.query)}" if call.query else ""),
            json=None if call.body is None else dict(call.body),
            timeout=httpx.Timeout(
                min(RESPONSE_SECONDS, max(LEAST_SECONDS, seconds_left)), connect=CONNECT_SECONDS
            ),
        )
        started = time.perf_counter()
        outcome = self._send(call, request)
        _LOG.debug(
            "%s %s: %s in %.0f ms",
            call.method,
            call.path,
            "ok" if outcome.error is None else f"{type(outcome.error).__name__} {outcome.error.status}",
            1000 * (time.perf_counter() - started),
        )
        return outcome

    def _send(self, call: Call, request: httpx.Request) -> Outcome[Success]:
        # The HTTP library's exceptions hold the request and its Authorization header. Ours hold text only, and are returned
        # rather than raised here, so that no chain of causes leads back to the request.
        try:
            response = self._http.send(request, auth=self._auth)
            if call.method == "GET" and stays_on_server(response):
                assert response.next_request is not None  # noqa: S101  # tells the type checker
                response = self._http.send(response.next_request, auth=self._auth)
                call = replace(call, one_object=False)  # a 404 from another path is not about this object
        except httpx.RequestError as failure:
            exchange = self._auth.exchange
            in_exchange = exchange is not None and str(failure.request.url) == exchange.path
            error, patience = translate_failure(
                exchange if exchange is not None and in_exchange else call,
                failure,
                self._redaction,
                in_exchange=in_exchange,
            )
            return Outcome(error=error, patience=patience)
        except ApiError as failed_exchange:
            return Outcome(error=failed_exchange, patience=_get_patience(failed_exchange))
        except (httpx.InvalidURL, UnicodeError):
            # httpx parses the address of a redirect at once, even if nobody follows it.
            words, sent = "a redirect to an invalid URL", call.method != "GET"
            return Outcome(error=UnexpectedResponse(call.method, call.path, None, words, sent=sent))
        judged = judge(call, response, self._redaction, self._advice)
        if isinstance(judged, Success):
            return Outcome(value=judged)
        return Outcome(error=judged, patience=_get_patience(judged))


def _get_patience(error: ApiError) -> float:
    return math.inf if error.status in PASSING else 0.0


def _check_name(name: str) -> str:
    if not NAME_PATTERN.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of an object")
    return name


def _build_path(kind: type[Definition], name: str, version: int) -> str:
    return f"{kind.path}{kind.address(_check_name(name), version)}"
