"""An emulator for each module, emptied for each test, and a plain HTTP client that knows its token."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from plain_http import connect

from signals_local.emulator import serve

CRITERIA = {"attribute": "shopping:cart_value", "operator": ">", "value": 75.0}


def intervention(name="cart", version=1, *, is_published=True, criteria=None, **fields):
    return {
        "name": name,
        "version": version,
        "owner": "marketing@company.com",
        "is_published": is_published,
        "criteria": criteria or CRITERIA,
        **fields,
    }


@pytest.fixture(scope="session")
def definition():
    """Build the body of an intervention."""
    return intervention


@pytest.fixture(scope="module")
def _running():
    with serve() as emulator:
        yield emulator


@pytest.fixture
def emulator(_running):
    """An empty emulator with the built-in keys and one published group, `shopping`."""
    _running.reset()
    _running.publish_group("shopping", {"cart_value": "double", "minutes_since_last_activity": "int32"})
    return _running


@contextmanager
def client_of(emulator, token=None):
    with connect(f"{emulator.url}/api/v1", token or emulator.token) as client:
        yield client


@pytest.fixture
def api(emulator):
    """A client of the emulated service."""
    with client_of(emulator) as client:
        yield client


@pytest.fixture
def served():
    """Starts an emulator with the options given; returns it with a client of its service. Both end with the test."""

    @contextmanager
    def start(**options):
        with serve(**options) as emulator, client_of(emulator) as client:
            yield emulator, client

    return start


READ_BACK = (
    "/local/requests",
    "/local/history",
    "/local/promises",
    "/local/faults",
    "/local/attributes",
    "/local/subscriptions",
    "/api/v1/registry/interventions/",
    "/api/v1/registry/attribute_groups/",
    "/api/v1/registry/attribute_keys/",
    "/api/v1/registry/services/",
)


@pytest.fixture
def http(emulator):
    """A client of all paths of the emulator, with its token."""
    with connect(emulator.url, emulator.token, seconds=60) as client:
        yield client


@pytest.fixture
def read_back(http):
    """Checks that everything that can be read still can, and is JSON."""

    def check():
        for path in READ_BACK:
            answer = http.get(path)
            assert answer.status_code == 200, (path, answer.text)
            json.loads(answer.text, parse_constant=pytest.fail)

    return check


@pytest.fixture
def unharmed(read_back):
    """Checks after a test that it left the emulator as able as before."""
    yield
    read_back()


def send_bytes(url, *parts, wait=10):
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=wait) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            head = connection.recv(65_536)
        except (ConnectionResetError, BrokenPipeError):
            return None
    return int(head.split(b" ", 2)[1]) if head else None


@pytest.fixture(scope="session")
def exchange():
    """Sends bytes as they are; returns the status of the answer, None if the connection was closed without one."""
    return send_bytes


class Process:
    """`signals-local api` in a process of its own."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "signals_local.cli", "api", "--port", "0", *map(str, options)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", self.line)
        self.url = found.group() if found else None

    def end(self, number=signal.SIGTERM):
        """Send a signal and wait; returns the exit code and what was written to stderr."""
        if self._process.poll() is None:
            os.kill(self._process.pid, number)
        _, complaint = self._process.communicate(timeout=30)
        return self._process.returncode, complaint


@pytest.fixture
def command():
    """Starts the command; whatever still runs at the end of the test is killed."""
    started = []

    def start(*options):
        started.append(Process(*options))
        return started[-1]

    yield start
    for process in started:
        if process._process.poll() is None:
            process.end(signal.SIGKILL)
