"""A preview of new rules looks for several names at once, although Pulumi checks one resource after another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from harness import ENGINES, needs, settings_of
from plain_http import connect

from signals_local.emulator import Emulator, serve

RULES = 20
PROGRAM = f"""
for number in range({RULES}):
    RuleIntervention(f"rule_{{number}}", owner="m@example.com", criteria=attribute("shopping:cart_value") > number)
"""
_ALONE = 4  # rules may overtake the one that brings the names on the way to the engine
_PATIENCE = 30


class _Company:
    """Holds each look for a name but the first few until another is on its way, and counts those that waited in vain."""

    def __init__(self) -> None:
        self.alone = 0
        self._free = threading.BoundedSemaphore(_ALONE)
        self._pair = threading.Barrier(2)

    def wait(self, path: str) -> None:
        _, is_of_a_rule, name = path.rpartition("/interventions/")
        if not (is_of_a_rule and name) or self._free.acquire(blocking=False):
            return
        try:
            self._pair.wait(timeout=_PATIENCE)
        except threading.BrokenBarrierError:
            self.alone += 1


@contextmanager
def in_company(emulator: Emulator, company: _Company) -> Iterator[str]:
    """Serve an emulator under another address, whose requests for names wait for company."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            company.wait(self.path)
            with closing(connect(emulator.url, emulator.token)) as client:
                answer: httpx.Response = client.get(self.path)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("engine", [pytest.param(name, marks=needs(name)) for name in ENGINES])
def test_new_names_are_looked_for_side_by_side(engine: str, tmp_path: Path) -> None:
    """One of the first rules that are checked brings the names of all."""
    company = _Company()
    with serve() as emulator, in_company(emulator, company) as url:
        emulator.publish_group("shopping", {"cart_value": "double"})
        project = ENGINES[engine](tmp_path, {**settings_of(emulator), "SNOWPLOW_SIGNALS_API_URL": url})
        project.write(PROGRAM)
        outcome = project.run("preview", environment={})
    assert outcome.succeeded, outcome.text
    assert len(outcome.operations) >= RULES
    assert company.alone == 0
