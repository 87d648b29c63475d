"""Run an emulator on a real socket, in a thread of this process: for tests, for notebooks, and for the command.

`serve` starts one, and `Emulator` is a handle to it. The handle uses HTTP like any client, so it also works for an emulator in another
process.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

import h11
import httpx
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from signals_local.emulator import seed as seeds
from signals_local.emulator.app import create_app
from signals_local.emulator.assumptions import Assumptions
from signals_local.emulator.defaults import DEFAULT_TOKEN, DEFAULT_TOKEN_LIFETIME
from signals_local.emulator.errors import StartError
from signals_local.emulator.guard import MOST_CONNECTIONS, MOST_HEAD
from signals_local.emulator.settings import ConsoleCredentials, Settings
from signals_local.emulator.state import State

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ConsoleCredentials", "Emulator", "serve"]

_HOST = "127.0.0.1"


class Protocol(H11Protocol):
    """uvicorn's HTTP protocol with two additions.

    A connection can be closed without a response, for a fault that a test ordered. And a connection on which no request arrives is
    closed: uvicorn itself would wait for the request head forever, and count the connection.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self.app_state = {**self.app_state, "abort": transport.abort}
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._expect_head()

    def _expect_head(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


class _Server(uvicorn.Server):
    """A uvicorn server that signals when it is ready, and ends open streams before it stops."""

    def __init__(self, config: uvicorn.Config, before_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self.answers = threading.Event()
        self._before_stop = before_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._before_stop()
        await super().shutdown(sockets)


class Emulator:
    """A handle to a running emulator, in this process or another.

    Args:
        url: Its URL, such as `http://127.0.0.1:8642`: the `api_url` of a client.
        token: The bearer token that it accepts.
        console: The credentials that it exchanges for a token, at the same address.
    """

    def __init__(
        self, url: str, *, token: str = DEFAULT_TOKEN, console: ConsoleCredentials | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.console = console or ConsoleCredentials()
        # Only plain HTTP: the TLS context is empty, since loading all CA certificates takes longer than starting the emulator.
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(
            base_url=self.url, headers=headers, timeout=30, trust_env=False, verify=plain
        )

    @property
    def read_only_token(self) -> str:
        """A token that may read but not write."""
        return f"{self.token}-read-only"

    def history(self, kind: str = "intervention") -> dict[str, Any]:
        """Return everything that was ever registered, by version and by name: `sequence`, `versions`, `names`. See `/local/history`."""
        return cast("dict[str, Any]", self._json("GET", "history", params={"kind": kind}))

    def mark(self) -> int:
        """Return the number of the last request, for use as a `since` argument."""
        return cast("int", self._json("GET", "promises")["sequence"])

    def broken_promises(self, *, since: int = 0, meant_down: Collection[str] = ()) -> list[str]:
        """Return one sentence for each promise that a deployment broke after request number `since`.

        A released version changed its definition; a name was live, then was not, and is live again; two versions are live at rest.

        Args:
            since: The `mark` to begin at.
            meant_down: Names that were meant to be without a live version for a while.
        """
        query = {"since": since, "meant_down": list(meant_down)}
        return cast("list[str]", self._json("GET", "promises", params=query)["broken"])

    def requests(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Return the requests to the service after number `since`, oldest first.

        Each has `sequence`, `method`, `path`, `query`, `when` (ISO 8601), `status` (None: no response), `milliseconds` and `body`.
        Headers are not stored.
        """
        return cast("list[dict[str, Any]]", self._json("GET", "requests", params={"since": since}))

    def fail(self, **fault: Any) -> None:
        """Order a fault for the next matching requests. The arguments are the fields of `faults.Fault`.

        `fail(method="POST", drop=True, when="after")`: the next POST is executed, and its response is lost.
        """
        self._json("POST", "faults", json=fault)

    def faults(self) -> list[dict[str, Any]]:
        """Return the active faults, each with its fields and `seen`, the number of matching requests so far."""
        return cast("list[dict[str, Any]]", self._json("GET", "faults"))

    def clear_faults(self) -> None:
        """Deactivate all faults."""
        self._json("DELETE", "faults")

    def reset(self) -> int:
        """Delete everything except the built-in keys. Return the number of the last request."""
        return cast("int", self._json("POST", "reset")["sequence"])

    def publish_key(self, name: str, **fields: Any) -> dict[str, Any]:
        """Register and publish an attribute key."""
        return self._post("attribute_keys", {"name": name, "is_published": True, **fields})

    def publish_group(
        self,
        name: str,
        attributes: Mapping[str, Any],
        *,
        version: int = 1,
        key: str = "domain_userid",
        **fields: Any,
    ) -> dict[str, Any]:
        """Register and publish a stream attribute group.

        Args:
            name: The name of the group.
            attributes: A mapping of names to types (`{"cart_value": "double"}`), or to an attribute's fields.
            version: The version of the group.
            key: The attribute key that the group is computed for.
            fields: Other fields of the group.
        """
        entry = {
            "name": name,
            "version": version,
            "attribute_key": key,
            "attributes": dict(attributes),
            **fields,
        }
        return self._post("attribute_groups", seeds.complete_group(entry))

    def close(self) -> None:
        """Close the handle's own connections. The emulator keeps running."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _json(self, method: str, path: str, **arguments: Any) -> Any:
        return _read_response(self._client.request(method, f"/local/{path}", **arguments))

    def _post(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        return cast(
            "dict[str, Any]", _read_response(self._client.post(f"/api/v1/registry/{kind}/", json=body))
        )


def _read_response(response: httpx.Response) -> Any:
    if response.is_error:
        raise RuntimeError(f"the emulator answered {response.status_code}: {response.text}")
    return response.json()


@contextmanager
def serve(  # noqa: PLR0913 - the emulator's options, each with a default
    *,
    db: str | Path = ":memory:",
    port: int = 0,
    token: str = DEFAULT_TOKEN,
    console: ConsoleCredentials | None = None,
    token_lifetime: int = DEFAULT_TOKEN_LIFETIME,
    assume: Mapping[str, str] | None = None,
    seed: str | Path | None = None,
) -> Iterator[Emulator]:
    """Run an emulator in a thread of this process for the duration of a `with` block.

    Args:
        db: The path of its SQLite file, or `:memory:`.
        port: The port on 127.0.0.1; 0 picks a free one.
        token: The bearer token that it accepts.
        console: The credentials that it exchanges for a token. Defaults to those of `ConsoleCredentials`.
        token_lifetime: Seconds until an exchanged token expires.
        assume: Names and values of assumptions, such as `{"publishing": "two-steps"}`.
        seed: A YAML file of attribute keys and groups to register at start; see `seed.py`.

    Raises:
        StartError: The emulator cannot start as requested. The text says why.
    """
    settings = Settings.parse(
        database=str(db) if isinstance(db, Path) else db,
        port=port,
        token=token,
        console=console or ConsoleCredentials(),
        token_lifetime=token_lifetime,
        assumptions=Assumptions.parse(assume or {}),
    )
    state = State(settings)
    try:
        if seed is not None:
            seeds.plant(state.registry, Path(seed))
        with _listen(settings.port) as listener, _run(state, listener):
            url = f"http://{_HOST}:{listener.getsockname()[1]}"
            with Emulator(url, token=token, console=settings.console) as emulator:
                yield emulator
    finally:
        state.database.close()


@contextmanager
def _listen(port: int) -> Iterator[socket.socket]:
    # Name the protocol: asyncio disables Nagle's algorithm only if a socket says that it is TCP. Otherwise every response
    # waits 40 ms for the client's delayed acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            raise StartError(
                f"cannot listen on {_HOST}:{port}: {error}. Give another --port, or 0 for a free one."
            ) from error
        yield listener


@contextmanager
def _run(state: State, listener: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        create_app(state),
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_HEAD,
    )
    server = _Server(config, state.stop)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="signals-emulator", daemon=True
    )
    thread.start()
    try:
        while not server.answers.wait(timeout=0.5):
            if not thread.is_alive():
                raise StartError("the server ended before it answered")
        yield
    finally:
        server.should_exit = True
        thread.join()
