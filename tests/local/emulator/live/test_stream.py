"""The stream on the wire, as a plain HTTP client sees it."""

import shutil
import subprocess
from contextlib import ExitStack

import httpx
import pytest

USER = "218e8926-3858-431d-b2ed-66da03a1cbe5"


def test_the_stream_is_server_sent_events_for_any_origin(empty):
    """Anyone may listen without a token, from a page of any origin, and nothing in between may keep it."""
    url = f"{empty.url}/api/v1/interventions"
    headers = {"Origin": "https://shop.example", "Accept": "text/event-stream"}
    with httpx.stream(
        "GET", url, params={"domain_userid": USER}, headers=headers, trust_env=False
    ) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["cache-control"] == "no-store"


def test_a_message_is_one_line_and_a_blank_one(empty):
    """Whatever an attribute holds, an event is one `data: ` line that every reader takes whole."""
    awkward = "one\r\ntwo\n\ndata: three\u2028four\x85five\x0b\U0001f600"
    url = f"{empty.url}/api/v1/interventions"
    with httpx.stream("GET", url, params={"domain_userid": USER}, trust_env=False) as response:
        chunks = response.iter_bytes()
        assert next(chunks) == b": listening\n\n"
        empty.push(to={"domain_userid": USER}, attributes={"text": awkward})
        event = next(chunk for chunk in chunks if not chunk.startswith(b":"))
    assert event.startswith(b"data: {")
    assert event.endswith(b"}\n\n")
    assert len(event.decode().splitlines()) == 2


def test_a_quiet_stream_shows_signs_of_life(empty, until):
    """Where nothing happens a comment comes every few seconds, which readers of events drop."""
    with empty.listening(domain_userid=USER) as listener:
        until(lambda: ": still here" in listener.comments)
        assert listener.received.empty()


def test_the_emulator_tells_who_is_listening(empty):
    """The open streams are listed with their keys and ids, the oldest first."""
    with empty.listening(domain_userid=USER), empty.listening(domain_sessionid=USER, domain_userid=USER):
        assert empty.subscriptions() == [
            {"domain_userid": [USER]},
            {"domain_sessionid": [USER], "domain_userid": [USER]},
        ]


def test_a_subscriber_that_goes_away_is_forgotten(empty):
    """A closed connection is no subscriber any more: a push after it is undelivered."""
    with empty.listening(domain_userid=USER):
        empty.until_subscribed(1)
    empty.until_subscribed(0)
    assert empty.push(to={"domain_userid": USER}).json() == {"status": "undelivered"}


def test_open_streams_end_when_the_emulator_stops(start):
    """A server that stops ends its streams as streams end, with a last chunk, and does not wait to be left."""
    with ExitStack() as readers:
        with start() as api:
            lines = []
            for path in (f"/api/v1/interventions?domain_userid={USER}", "/local/watch"):
                stream = httpx.stream("GET", f"{api.url}{path}", timeout=30, trust_env=False)
                lines.append(readers.enter_context(stream).iter_lines())
            assert [next(each) for each in lines] == [": listening", "event: picture"]
        for rest in lines:
            list(rest)  # raises where a connection was cut


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_can_listen(empty):
    """`curl -N` prints each event as it comes."""
    command = ["curl", "-sN", "--noproxy", "*", f"{empty.url}/api/v1/interventions?domain_userid={USER}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        try:
            assert curl.stdout.readline() == ": listening\n"
            empty.push(to={"domain_userid": USER})
            line = next(line for line in curl.stdout if line.startswith("data:"))
        finally:
            curl.terminate()
    assert line.startswith('data: {"intervention_id": "')
