"""No error, nor anything that hangs on one, gives a credential away."""

import copy
import gc
import logging
import pickle
import traceback

import httpx
import jwt
import pytest

from pulumi_snowplow_signals import errors
from pulumi_snowplow_signals.api.redaction import HIDDEN, Redaction
from pulumi_snowplow_signals.errors import WORDS_LIMIT, ApiError
from pulumi_snowplow_signals.kinds.intervention import Intervention

TOKEN = jwt.encode({"exp": 2_000_000_000, "iat": 1_900_000_000}, "k" * 32)
OTHER_TOKEN = jwt.encode({"sub": "somebody else's"}, "k" * 32)

ECHO = (
    f"Authorization: Bearer {TOKEN} X-API-Key: {{key}} {TOKEN.lower()} sandbox-token-of-tests {OTHER_TOKEN} "
)

TROUBLES = [
    pytest.param(httpx.Response(400, json={"detail": ECHO}), id="400 that echoes"),
    pytest.param(
        httpx.Response(422, json={"detail": [{"loc": ["body"], "msg": ECHO}]}), id="422 that echoes"
    ),
    pytest.param(httpx.Response(401, json={"detail": ECHO}), id="401 that echoes"),
    pytest.param(httpx.Response(404, json={"detail": ECHO}), id="404 that echoes"),
    pytest.param(httpx.Response(500, text=ECHO), id="500 that echoes"),
    pytest.param(httpx.Response(502, text=f"<html><title>{ECHO}</title>"), id="502 with HTML that echoes"),
    pytest.param(httpx.Response(200, text=ECHO), id="200 that echoes"),
    pytest.param(httpx.Response(200, json=[{"version": ECHO}]), id="another shape that echoes"),
    pytest.param(
        httpx.Response(307, headers={"location": f"https://{TOKEN}@evil.example.com/?{TOKEN}"}),
        id="a redirect",
    ),
    pytest.param(httpx.ReadTimeout(ECHO), id="no answer in time"),
    pytest.param(httpx.ConnectError(ECHO), id="no connection"),
    pytest.param(httpx.LocalProtocolError(ECHO), id="a header that cannot be sent"),
    pytest.param(httpx.DecodingError(ECHO), id="an answer that cannot be unpacked"),
]


def chain(error):
    """An exception and all that it hangs on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def everything_about(error):
    """All that a log, a terminal or a crash report could make of an error."""
    yield str(error)
    yield repr(error)
    yield "".join(traceback.format_exception(error))
    for linked in chain(error):
        yield repr(linked.args)
        yield repr(vars(linked))
        yield pickle.dumps(linked).decode("latin-1")


def echoing(answer, key):
    """Put the real key into what is echoed."""
    if isinstance(answer, Exception):
        return type(answer)(str(answer).replace("{key}", key))
    content = answer.content.replace(b"{key}", key.encode())
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return httpx.Response(answer.status_code, headers=headers, content=content)


ACTS = [
    pytest.param(lambda client: client.list_all(Intervention), id="list"),
    pytest.param(
        lambda client: client.create(Intervention, {"name": "cart", "version": 1, "is_published": False}),
        id="create",
    ),
    pytest.param(lambda client: client.delete(Intervention, "cart", 1), id="delete"),
]


@pytest.mark.parametrize("where", ["registry", "console"])
@pytest.mark.parametrize("answer", TROUBLES)
@pytest.mark.parametrize("act", ACTS)
def test_no_error_tells_a_secret(connect, console, caplog, where, answer, act):  # noqa: PLR0913, PLR0917  # fixtures
    """Whatever fails, and whatever echoes the request, no secret is in the text, the chain, the pickle or the log."""
    caplog.set_level(logging.DEBUG)
    key = console.credentials.api_key.get_secret_value()

    def network(request):
        at_console = request.url.path.endswith("/token")
        if at_console == (where == "console"):
            trouble = echoing(answer, key)
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        return httpx.Response(200, json={"accessToken": TOKEN} if at_console else [])

    with pytest.raises(ApiError) as raised:
        act(connect(network, console))
    told = "\n".join([*everything_about(raised.value), caplog.text])
    for secret in (key, TOKEN, OTHER_TOKEN):
        assert secret.lower() not in told.lower()
    assert "Bearer" not in told


def test_an_answer_about_a_secret(connect, service):
    """A name that an answer makes up is cleaned like the other words."""
    network = service(httpx.Response(200, json={"name": ECHO, "version": 1}))
    with pytest.raises(ApiError) as raised:
        connect(network).get(Intervention, "cart", 1)
    assert TOKEN not in str(raised.value)
    assert "sandbox-token-of-tests" not in str(raised.value)


def test_a_token_that_is_no_jwt(connect, console, service):
    """A token that does not look like one is known by its value."""
    token = "opaque-token-of-tests"
    network = service(
        httpx.Response(200, json={"accessToken": token}),
        httpx.Response(400, json={"detail": f"what is {token}?"}),
    )
    with pytest.raises(ApiError) as raised:
        connect(network, console).list_all(Intervention)
    assert raised.value.words == f"what is {HIDDEN}?"


@pytest.mark.parametrize("answer", TROUBLES)
def test_no_error_leads_to_the_request(connect, service, answer):
    """No chain of causes ends at an exception of the HTTP library, which holds the request and its token."""
    client = connect(service(echoing(answer, "key")))
    with pytest.raises(ApiError) as raised:
        client.create(Intervention, {"name": "cart", "version": 1, "is_published": False})
    assert all(isinstance(linked, ApiError) for linked in chain(raised.value))
    reachable = gc.get_referents(vars(raised.value), raised.value.args)
    assert not any(isinstance(held, httpx.Request | httpx.Response | Exception) for held in reachable)


@pytest.mark.parametrize(
    "error",
    [
        errors.NotFound("GET", "registry/interventions/a", 404, "gone", sent=True),
        errors.Unauthorized("GET", "p", 401, "no", advice="set it"),
        errors.Rejected("POST", "p", 422, "no", problems=(errors.Problem(("criteria", 0), "bad"),)),
        errors.Unavailable("PUT", "p", None, "lost", sent=True, retry_after=3.0, attempts=4),
        errors.UnexpectedResponse("GET", "p", 200, "HTML"),
        errors.ConfigurationError("one", "two"),
        errors.Refused("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_travel(error):
    """An error copied or sent to another process is the same error."""
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert vars(other) == vars(error)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("no secrets here", "no secrets here"),
        ("token=abcdefghijklmnop&x=1", f"token={HIDDEN}&x=1"),
        ("xABCDEFGHIJKLMNOPx", f"x{HIDDEN}x"),
        ("Bearer whatever-it-is", HIDDEN),
        ("bearer\twhatever", HIDDEN),
        ("the token eyJhbGciOi.eyJzdWIi.c2ln is", f"the token {HIDDEN} is"),
        ("nothing listens at http://localhost:1", "nothing listens at http://localhost:1"),
        ("the token local is not", f"the token {HIDDEN} is not"),
        ("a" * 2 * WORDS_LIMIT, "a" * (WORDS_LIMIT - 1) + "…"),
        (" " * WORDS_LIMIT + "abcdefghijklmnop" + "a" * WORDS_LIMIT, f"{HIDDEN}{'a' * (WORDS_LIMIT - 9)}…"),
    ],
)
def test_redaction(text, clean):
    """Known secrets and all that looks like a token are struck out before a text is cut; a short one only as a word."""
    redaction = Redaction(["local"])
    redaction.add("abcdefghijklmnop")
    assert redaction.clean(text) == clean
