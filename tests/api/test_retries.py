"""What is tried again, how long, and what an error says about all the attempts."""

import httpx
import pytest

from pulumi_snowplow_signals.api.settings import DEFAULT_RETRY_SECONDS, resolve
from pulumi_snowplow_signals.api.transport_failures import UNREACHED_SECONDS
from pulumi_snowplow_signals.errors import ApiError, NotFound, Rejected, Unavailable
from pulumi_snowplow_signals.kinds.intervention import Intervention

STORED = {"name": "cart", "version": 3, "is_published": True}
GOOD = httpx.Response(200, json={**STORED, "ok": True})  # good for a deletion, too

ACTS = {
    "GET": lambda client: client.get(Intervention, "cart", 3),
    "PUT": lambda client: client.replace(Intervention, "cart", 3, STORED),
    "DELETE": lambda client: client.delete(Intervention, "cart", 3),
    "POST": lambda client: client.create(Intervention, STORED),
    "push": lambda client: client.push_intervention({"k": ["id"]}, STORED),
}
REPEATABLE = ["GET", "PUT", "DELETE"]
ONCE = ["POST", "push"]

PASSING = [
    pytest.param(httpx.Response(429), id="429"),
    pytest.param(httpx.Response(502), id="502"),
    pytest.param(httpx.Response(503), id="503"),
    pytest.param(httpx.Response(504), id="504"),
    pytest.param(httpx.ConnectError("no"), id="no connection"),
    pytest.param(httpx.ConnectTimeout("no"), id="no connection in time"),
    pytest.param(httpx.ReadTimeout("no"), id="no answer in time"),
    pytest.param(httpx.ReadError("no"), id="a connection that broke"),
    pytest.param(httpx.WriteError("no"), id="a request that was cut"),
    pytest.param(httpx.RemoteProtocolError("no"), id="a connection closed without an answer"),
]
UNSENT = [
    pytest.param(httpx.Response(429), id="429"),
    pytest.param(httpx.Response(408), id="408"),
    pytest.param(httpx.Response(503, headers={"retry-after": "1"}), id="503 that plans its return"),
    pytest.param(httpx.ConnectError("no"), id="no connection"),
    pytest.param(httpx.ConnectTimeout("no"), id="no connection in time"),
    pytest.param(httpx.PoolTimeout("no"), id="no free connection"),
    pytest.param(httpx.ProxyError("no"), id="a proxy that refuses"),
]
AMBIGUOUS = [
    pytest.param(httpx.Response(500), id="500"),
    pytest.param(httpx.Response(502), id="502"),
    pytest.param(httpx.Response(503), id="503"),
    pytest.param(httpx.Response(504), id="504"),
    pytest.param(httpx.ReadTimeout("no"), id="no answer in time"),
    pytest.param(httpx.WriteTimeout("no"), id="not written in time"),
    pytest.param(httpx.ReadError("no"), id="a connection that broke"),
    pytest.param(httpx.WriteError("no"), id="a request that was cut"),
    pytest.param(httpx.RemoteProtocolError("no"), id="a connection closed without an answer"),
]
FINAL = [
    pytest.param(httpx.Response(status, json={"detail": "no"}), id=str(status))
    for status in (400, 401, 403, 409, 422, 500)
]


def failed(act, client):
    with pytest.raises(ApiError) as raised:
        act(client)
    return raised.value


@pytest.mark.parametrize("trouble", PASSING)
@pytest.mark.parametrize("method", REPEATABLE)
def test_trouble_passes(connect, service, time, method, trouble):
    """What ends the same when it is done twice is tried again until it succeeds."""
    network = service(trouble, trouble, GOOD)
    ACTS[method](connect(network))
    assert len(network.requests) == 3
    assert len(time.slept) == 2


@pytest.mark.parametrize("trouble", UNSENT)
@pytest.mark.parametrize("method", ONCE)
def test_a_post_that_did_not_arrive(connect, service, method, trouble):
    """A POST is tried again where surely nothing was done."""
    network = service(trouble, GOOD)
    ACTS[method](connect(network))
    assert len(network.requests) == 2


@pytest.mark.parametrize("trouble", AMBIGUOUS)
@pytest.mark.parametrize("method", ONCE)
def test_a_post_that_may_have_arrived(connect, service, method, trouble):
    """A POST whose answer was lost is not sent again: the error says that it may have been carried out."""
    network = service(trouble, GOOD)
    error = failed(ACTS[method], connect(network))
    assert isinstance(error, Unavailable)
    assert error.sent is True
    assert len(network.requests) == 1


@pytest.mark.parametrize("answer", FINAL)
@pytest.mark.parametrize("method", ACTS)
def test_refusals_are_final(connect, service, method, answer):
    """What the service has decided is not asked again."""
    network = service(answer)
    failed(ACTS[method], connect(network))
    assert len(network.requests) == 1


def test_within_the_total_time(connect, service, time):
    """Attempts end within the stated time, with growing and jittered pauses, and the error says how many there were."""
    network = service(httpx.Response(502))
    error = failed(ACTS["GET"], connect(network))
    assert sum(time.slept) <= DEFAULT_RETRY_SECONDS
    assert sum(time.slept) > DEFAULT_RETRY_SECONDS - 9
    assert 0.5 <= time.slept[0] <= 1.0
    assert all(8.0 <= pause <= 8.5 for pause in time.slept[4:])
    assert len({pause % 0.5 for pause in time.slept}) > 1
    assert isinstance(error, Unavailable)
    assert error.attempts == len(network.requests) == len(time.slept) + 1
    assert f"tried {error.attempts} times" in str(error)


def test_no_retries_at_all(connect, service):
    """A stack may say that nothing is tried again."""
    settings = resolve({"apiUrl": "https://a.example.com", "sandboxToken": "t", "retrySeconds": "0"}.get, {})
    network = service(httpx.Response(502))
    failed(ACTS["GET"], connect(network, settings))
    assert len(network.requests) == 1


@pytest.mark.parametrize("method", REPEATABLE)
def test_a_wrong_address_is_told_soon(connect, service, time, method):
    """Where nothing listens, the user is told after seconds and not after a minute."""
    failed(ACTS[method], connect(service(httpx.ConnectError("refused"))))
    assert 0 < sum(time.slept) <= UNREACHED_SECONDS


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7, id="seconds"),
        pytest.param({"retry-after": "0"}, 0, id="no wait"),
        pytest.param(
            {"retry-after": "Sat, 01 Jan 2000 00:00:09 GMT", "date": "Sat, 01 Jan 2000 00:00:00 GMT"},
            9,
            id="a date on a server whose clock is decades off",
        ),
        pytest.param(
            {"retry-after": "Sat, 01 Jan 2000 00:00:00 GMT", "date": "Sat, 01 Jan 2000 00:00:09 GMT"},
            0,
            id="a date that is over",
        ),
    ],
)
def test_retry_after(connect, service, time, headers, seconds):
    """A pause lasts at least as long as the service asks for."""
    too_many, unavailable = httpx.Response(429, headers=headers), httpx.Response(503, headers=headers)
    ACTS["GET"](connect(service(too_many, unavailable, GOOD)))
    assert len(time.slept) == 2
    assert all(seconds <= pause <= seconds + 0.5 for pause in time.slept)


@pytest.mark.parametrize("value", ["soon", "-5", "1.5", "²", "", "Sat, 01 Jan 2000 00:00:09 GMT"])
def test_retry_after_that_cannot_be_used(connect, service, time, value):
    """A value that is neither seconds nor a date that can be compared leaves the usual pause."""
    ACTS["GET"](connect(service(httpx.Response(429, headers={"retry-after": value.encode()}), GOOD)))
    assert 0.5 <= time.slept[0] <= 1.0


def test_asked_to_wait_too_long(connect, service, time):
    """Asked to wait for an hour, the run says so at once."""
    network = service(httpx.Response(429, headers={"retry-after": "3600"}))
    error = failed(ACTS["GET"], connect(network))
    assert time.slept == []
    assert "asks to wait 3600 s" in str(error)


def test_a_lost_answer_is_remembered(connect, service):
    """The error speaks for all attempts: a later one that did not arrive does not undo an earlier one that may have."""
    error = failed(ACTS["PUT"], connect(service(httpx.ReadTimeout("lost"), httpx.ConnectError("gone"))))
    assert isinstance(error, Unavailable)
    assert error.sent is True


@pytest.mark.parametrize(
    ("method", "answer", "kind"),
    [
        pytest.param(
            "PUT", httpx.Response(400, json={"detail": "Cannot update published"}), Rejected, id="publish"
        ),
        pytest.param("DELETE", httpx.Response(404, json={"detail": "unknown"}), NotFound, id="delete"),
    ],
)
def test_a_retry_meets_its_own_effect(connect, method, answer, kind):
    """A refusal of the second attempt tells that the first may have been carried out."""
    answers = [httpx.ReadTimeout("lost"), answer, httpx.Response(200, json=[])]

    def network(request):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    error = failed(ACTS[method], connect(network))
    assert type(error) is kind
    assert error.sent is True
