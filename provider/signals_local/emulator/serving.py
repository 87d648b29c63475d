"""An emulator on a real socket, in a thread of this process: for tests, for notebooks, and for the command.

`serve` starts one, `Emulator` is a handle to it. The handle speaks HTTP like everybody else, so the same class also drives
an emulator that another process runs.
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
    """uvicorn's HTTP, with two things more.

    A connection can be closed without an answer (for a fault that a test ordered), and one on which no request arrives is
    closed: uvicorn by itself waits for the head of a request for ever, and counts the connection.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        self.app_state = {**self.app_state, "abort": transport.abort}
        super().connection_made(transport)
        self._expect_a_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._expect_a_head()

    def _expect_a_head(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


class _Server(uvicorn.Server):
    """uvicorn, which says when it answers, and first ends the open streams when it stops."""

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
        url: where it answers, such as `http://127.0.0.1:8642`: the `api_url` of a client.
        token: the bearer token that it accepts.
        console: the credentials that it exchanges for a token, at the same address.
    """

    def __init__(
        self, url: str, *, token: str = DEFAULT_TOKEN, console: ConsoleCredentials | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.console = console or ConsoleCredentials()
        # Plain HTTP only: an empty TLS context, since reading the certificates of all authorities takes longer than our start.
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
        """What was ever registered, by version and by name: `sequence`, `versions`, `names`. See `/local/history`."""
        return cast("dict[str, Any]", self._json("GET", "history", params={"kind": kind}))

    def mark(self) -> int:
        """The number of the last request; `since` arguments take it."""
        return cast("int", self._json("GET", "promises")["sequence"])

    def broken_promises(self, *, since: int = 0, meant_down: Collection[str] = ()) -> list[str]:
        """What a deployment did wrong after request number `since`, a sentence each; empty if nothing.

        A released number changed its definition; a name was live, was not, and is again; two versions are live at rest.

        Args:
            since: the `mark` to begin at.
            meant_down: names that were meant to be without a live version for a while.
        """
        query = {"since": since, "meant_down": list(meant_down)}
        return cast("list[str]", self._json("GET", "promises", params=query)["broken"])

    def requests(self, *, since: int = 0) -> list[dict[str, Any]]:
        """The requests to the service after number `since`, oldest first.

        Each with `sequence`, `method`, `path`, `query`, `when` (ISO 8601), `status` (None: no answer), `milliseconds`
        and `body`. Headers are not kept.
        """
        return cast("list[dict[str, Any]]", self._json("GET", "requests", params={"since": since}))

    def fail(self, **fault: Any) -> None:
        """Order a fault for the next requests that it means; the arguments are the fields of `faults.Fault`.

        `fail(method="POST", drop=True, when="after")`: the next POST is carried out, and its answer lost.
        """
        self._json("POST", "faults", json=fault)

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force, each with its fields and `seen`: how many of the requests meant have come."""
        return cast("list[dict[str, Any]]", self._json("GET", "faults"))

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._json("DELETE", "faults")

    def reset(self) -> int:
        """Empty everything but the built-in keys. Returns the number of the last request."""
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
            name: of the group.
            attributes: names to types (`{"cart_value": "double"}`), or to an attribute's fields.
            version: of the group.
            key: the attribute key that the group is computed for.
            fields: other fields of the group.
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
        """Close the handle's own connections; the emulator runs on."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _json(self, method: str, path: str, **arguments: Any) -> Any:
        return _answer(self._client.request(method, f"/local/{path}", **arguments))

    def _post(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        return cast("dict[str, Any]", _answer(self._client.post(f"/api/v1/registry/{kind}/", json=body)))


def _answer(response: httpx.Response) -> Any:
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
    """Run an emulator in a thread of this process for the length of a `with` block.

    Args:
        db: path of its SQLite file, or `:memory:`.
        port: on 127.0.0.1; 0 picks a free one.
        token: the bearer token that it accepts.
        console: the credentials that it exchanges for a token; by default those of `ConsoleCredentials`.
        token_lifetime: seconds until an exchanged token expires.
        assume: names and values of assumptions, such as `{"publishing": "two-steps"}`.
        seed: a YAML file of attribute keys and groups to register at start; see `seed.py`.

    Raises:
        StartError: what was asked for can't be; the text says what and why.
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
        with _listening(settings.port) as listener, _running(state, listener):
            url = f"http://{_HOST}:{listener.getsockname()[1]}"
            with Emulator(url, token=token, console=settings.console) as emulator:
                yield emulator
    finally:
        state.database.close()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Naming the protocol matters: asyncio turns Nagle's algorithm off only where a socket says that it is TCP, and with it
    # on, every answer waits 40 ms for the client's delayed acknowledgement.
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
def _running(state: State, listener: socket.socket) -> Iterator[None]:
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
