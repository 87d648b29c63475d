"""Every kind of answer, and the error or value it becomes."""

import gzip
import json
import socket

import httpx
import pytest

from pulumi_snowplow_signals.errors import (
    WORDS_LIMIT,
    ApiError,
    NotFound,
    Problem,
    Rejected,
    Unauthorized,
    Unavailable,
    UnexpectedResponse,
)
from pulumi_snowplow_signals.kinds.intervention import Intervention

CRITERIA = {"attribute": "shopping:cart_value", "operator": ">", "value": 75.5}
STORED = {"name": "cart", "version": 3, "is_published": True, "owner": "me@example.com", "criteria": CRITERIA}
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = "<html><head><title>502 Bad\n Gateway</title></head><body>nginx</body></html>"


def failed(act):
    with pytest.raises(ApiError) as raised:
        act()
    return raised.value


def get(client):
    return failed(lambda: client.get(Intervention, "cart", 3))


def create(client):
    return failed(lambda: client.create(Intervention, STORED))


JSON_404 = httpx.Response(404, json={"detail": "Not Found"})


def meaning(answer, kind, words, *, sent, id):  # noqa: A002  # pytest's own word for it
    """Pair an answer with the error that it means, its words, and whether the write may have been done."""
    return pytest.param(answer, (kind, words, sent), id=id)


ANSWERS = [
    meaning(
        httpx.Response(400, json={"detail": "exists"}), Rejected, "exists", sent=False, id="400 with a detail"
    ),
    meaning(httpx.Response(409, json={"detail": "exists"}), Rejected, "exists", sent=False, id="409"),
    meaning(
        httpx.Response(422, json={"error": "no such key"}),
        Rejected,
        "no such key",
        sent=False,
        id="422 with an error",
    ),
    meaning(
        httpx.Response(400, text="bad request"), Rejected, "bad request", sent=False, id="400 in plain words"
    ),
    meaning(httpx.Response(400, json=["odd"]), Rejected, '["odd"]', sent=False, id="400 with another JSON"),
    meaning(
        httpx.Response(413, json={"message": "too large"}),
        Rejected,
        "too large",
        sent=False,
        id="413 of a gateway",
    ),
    meaning(
        httpx.Response(400, json={"error": None}),
        Rejected,
        '{"error":null}',
        sent=False,
        id="400 with a null error",
    ),
    meaning(
        httpx.Response(413, text="<html>Too large</html>"),
        UnexpectedResponse,
        "an HTML page, Too large",
        sent=False,
        id="413 of a proxy",
    ),
    meaning(httpx.Response(401, json={"detail": "no"}), Unauthorized, "no", sent=False, id="401"),
    meaning(httpx.Response(403, json={"detail": "no scope"}), Unauthorized, "no scope", sent=False, id="403"),
    meaning(
        httpx.Response(403, text=PAGE, headers=HTML),
        Unauthorized,
        "an HTML page, 502 Bad Gateway",
        sent=False,
        id="403 of a firewall",
    ),
    meaning(httpx.Response(500, json={"detail": "oops"}), Unavailable, "oops", sent=True, id="500"),
    meaning(httpx.Response(501, text=""), Unavailable, "", sent=True, id="501 without a body"),
    meaning(
        httpx.Response(302, headers={"location": "https://login.example.com/?t=x"}),
        UnexpectedResponse,
        "a redirect to https://login.example.com, where",
        sent=False,
        id="a redirect to a login page",
    ),
    meaning(
        httpx.Response(307, headers={"location": "/elsewhere"}),
        UnexpectedResponse,
        "a redirect to another path",
        sent=False,
        id="a redirect of a write",
    ),
    meaning(
        httpx.Response(200, text=PAGE, headers=HTML),
        UnexpectedResponse,
        "an HTML page",
        sent=True,
        id="200 with HTML",
    ),
    meaning(
        httpx.Response(200, text='{"name": "ca'),
        UnexpectedResponse,
        '{"name": "ca',
        sent=True,
        id="200 with cut JSON",
    ),
    meaning(
        httpx.Response(201, content=b""),
        UnexpectedResponse,
        "an empty body",
        sent=True,
        id="201 without a body",
    ),
    meaning(
        httpx.Response(200, content=b'"\xff"'), UnexpectedResponse, "", sent=True, id="200 that is no UTF-8"
    ),
    meaning(
        httpx.Response(200, content=b"[" * 200_000),
        UnexpectedResponse,
        "[[",
        sent=True,
        id="200 nested without end",
    ),
    meaning(
        httpx.Response(200, json=[STORED]),
        UnexpectedResponse,
        "dictionary",
        sent=True,
        id="200 with a list for an object",
    ),
    meaning(
        httpx.Response(200, json={**STORED, "version": "3"}),
        UnexpectedResponse,
        "version: ",
        sent=True,
        id="200 with a version in quotes",
    ),
    meaning(
        httpx.Response(200, json={"version": 3}),
        UnexpectedResponse,
        "name: Field required",
        sent=True,
        id="200 without a name",
    ),
    meaning(
        httpx.Response(200, json={**STORED, "name": "other"}),
        UnexpectedResponse,
        "about other version 3",
        sent=True,
        id="200 about another name",
    ),
    meaning(
        httpx.Response(200, json={**STORED, "version": 2}),
        UnexpectedResponse,
        "about cart version 2",
        sent=True,
        id="200 about another version",
    ),
    meaning(
        httpx.Response(102, json=STORED), UnexpectedResponse, "", sent=True, id="102 as if it were the answer"
    ),
    meaning(
        httpx.Response(600, json=STORED), UnexpectedResponse, "", sent=True, id="600, which is no status"
    ),
    meaning(
        httpx.Response(404, json={"detail": "Schema for event 'cart' was not found or not in production"}),
        Rejected,
        "not in production",
        sent=False,
        id="404 for what it refers to",
    ),
    meaning(
        httpx.Response(404, json={"message": "no Route matched"}),
        UnexpectedResponse,
        "no Route matched; check the address",
        sent=False,
        id="404 of a gateway",
    ),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_a_write_that_fails(connect, service, answer, expected):
    """Each answer to a POST has one meaning, repeats the service's words, and says if the write may have been done."""
    kind, words, sent = expected
    network = service(answer)
    error = create(connect(network))
    assert type(error) is kind
    assert words in error.words
    assert (error.method, error.path, error.status) == ("POST", "registry/interventions/", answer.status_code)
    assert error.sent is sent
    assert len(network.requests) == 1


NO_404 = [
    pytest.param(httpx.Response(404, text=PAGE, headers=HTML), id="an HTML page"),
    pytest.param(httpx.Response(404, text="404 page not found"), id="plain words"),
    pytest.param(httpx.Response(404, content=b""), id="nothing"),
    pytest.param(httpx.Response(404, json={"message": "no Route matched"}), id="JSON of a gateway"),
    pytest.param(httpx.Response(404, json=[]), id="a list"),
    pytest.param(httpx.Response(404, json={"detail": {"code": 5}}), id="a detail of another shape"),
    pytest.param(httpx.Response(404, text='{"detail": "Not F'), id="cut JSON"),
]


@pytest.mark.parametrize("answer", NO_404)
def test_404_of_something_else(connect, answer):
    """A 404 that is not the registry's does not say that an object is gone, even where the registry was there before."""

    def network(request):
        return httpx.Response(200, json=[]) if request.url.path.endswith("s/") else answer

    client = connect(network)
    client.list_all(Intervention)
    error = get(client)
    assert type(error) is UnexpectedResponse
    assert error.status == 404


REAL_404 = [
    {"detail": "Intervention not found"},
    {"detail": [{"loc": ["path"], "msg": "gone"}]},
    {"error": "gone"},
]


@pytest.mark.parametrize("body", REAL_404, ids=["detail", "detail list", "error"])
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda client: client.get(Intervention, "cart", 3), id="get"),
        pytest.param(lambda client: client.get_latest(Intervention, "cart"), id="get the latest"),
        pytest.param(lambda client: client.replace(Intervention, "cart", 3, STORED), id="replace"),
        pytest.param(lambda client: client.delete(Intervention, "cart", 3), id="delete"),
    ],
)
def test_404_of_the_registry(connect, body, act):
    """A 404 in the registry's own shape says that the object does not exist."""

    def registry(request):
        if request.url.path.endswith("/interventions/"):
            return httpx.Response(200, json=[])
        return httpx.Response(404, json=body)

    error = failed(lambda: act(connect(registry)))
    assert type(error) is NotFound
    assert error.sent is False


def test_404_where_no_registry_is(connect, service):
    """Another service of the same making on that port, which knows neither the object nor the list, makes nobody forget."""
    network = service(JSON_404)
    error = get(connect(network))
    assert type(error) is UnexpectedResponse
    assert error.path == "registry/interventions/"


def test_404_is_doubted_once(connect):
    """Once the registry has answered, its 404s are believed without another request."""
    paths = []

    def registry(request):
        paths.append(request.url.path)
        return httpx.Response(200, json=[]) if request.url.path.endswith("s/") else JSON_404

    client = connect(registry)
    for _ in range(3):
        assert type(get(client)) is NotFound
    assert len(paths) == 4


def test_problems_are_located(connect, service):
    """A 422 gives each fault with its place in the body, for the caller to name it as the user wrote it."""
    detail = [
        {"loc": ["body", "criteria", "all", 1, "operator"], "msg": "not an operator", "type": "enum"},
        {"loc": ["query", "x"], "msg": "unknown", "type": "extra"},
        {"msg": "no place"},
        "just words",
    ]
    error = create(connect(service(httpx.Response(422, json={"detail": detail}))))
    assert isinstance(error, Rejected)
    assert error.problems == (
        Problem(("criteria", "all", 1, "operator"), "not an operator"),
        Problem(("query", "x"), "unknown"),
        Problem((), "no place"),
        Problem((), "just words"),
    )
    assert error.words == "criteria.all.1.operator: not an operator; query.x: unknown; no place; just words"


def test_many_problems_are_counted(connect, service):
    """Of a thousand faults a few are told and the others counted; places and texts are cut, and hold no escapes."""
    detail = [{"loc": ["body", "\x1b[31m", "x" * 10_000] * 10, "msg": "y" * 10_000} for _ in range(1_000)]
    error = create(connect(service(httpx.Response(422, json={"detail": detail}))))
    assert len(error.problems) == 11
    assert error.problems[-1] == Problem((), "and 990 more")
    assert len(error.problems[0].message) == 80
    assert error.problems[0].location == ("[31m",)


def test_words_that_take_long_to_search(connect, service):
    """Words made to keep a search for tokens busy are cut before they are searched."""
    error = create(connect(service(httpx.Response(400, json={"detail": "eyJ-" * 500_000}))))
    assert len(error.words) == WORDS_LIMIT


def test_words_are_cut_and_on_one_line(connect, service):
    """A page of words, or one with terminal escapes, does not drown or colour the line that says what happened."""
    error = create(connect(service(httpx.Response(400, json={"detail": "a\n\x1b[31mb\x00 " + "c" * 10_000}))))
    assert error.words.startswith("a [31mb c")
    assert len(error.words) == WORDS_LIMIT
    assert str(error).isprintable()


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_success(connect, service, status):
    """Every status of success is one: which of them a POST gets is not documented."""
    stored = connect(service(httpx.Response(status, json=STORED))).create(Intervention, STORED)
    assert (stored.name, stored.version, stored.is_published) == ("cart", 3, True)


@pytest.mark.parametrize(
    "answer",
    [
        (httpx.Response(200, json={"ok": True}), True),
        (httpx.Response(200, json={}), False),
        (httpx.Response(204), False),
    ],
    ids=["ok", "an empty object", "no content"],
)
def test_deleted(connect, service, answer):
    """A deletion needs no particular body to have succeeded; which one there was is told."""
    response, is_said = answer
    assert connect(service(response)).delete(Intervention, "cart", 3) is is_said


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text=PAGE),
        httpx.Response(200, json={"ok": False}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"status": "up"}),
    ],
    ids=["a login page", "not ok", "a list", "somebody else's"],
)
def test_not_deleted(connect, service, answer):
    """A success that is no word of a deletion is none."""
    error = failed(lambda: connect(service(answer)).delete(Intervention, "cart", 3))
    assert type(error) is UnexpectedResponse
    assert error.sent is True


def test_stored_object(connect, service):
    """Nulls count as absent, unknown fields are kept for the way back, and the definition can be read."""
    sent = {**STORED, "is_published": False, "version": None, "description": None, "created_at": "2026-01-01"}
    stored = connect(service(httpx.Response(200, json=sent))).get(Intervention, "cart", 1)
    assert (stored.version, stored.is_published) == (1, False)
    assert stored.body == sent
    assert stored.definition.owner == "me@example.com"


def test_a_strange_definition_hides_no_other(connect, service):
    """One intervention that this release cannot read fails when its definition is asked for, not the whole list."""
    strange = {"name": "new", "version": 1, "criteria": {"sequence": []}}
    first, second = connect(service(httpx.Response(200, json=[STORED, strange]))).list_all(Intervention)
    assert first.definition.name == "cart"
    assert second.definition is None
    assert second.body == strange


@pytest.mark.parametrize(
    "version",
    [1.5, "1", True, 0, -1, 2**63, [1]],
    ids=["half", "text", "true", "zero", "negative", "huge", "list"],
)
def test_a_version_without_a_number_hides_no_other(connect, service, version):
    """An item of a list that has a name and no number is kept as unreadable; the others are read."""
    strange = {**STORED, "name": "new", "version": version}
    first, second = connect(service(httpx.Response(200, json=[STORED, strange]))).list_all(Intervention)
    assert (first.name, first.fault) == ("cart", "")
    assert (second.name, second.version, second.definition) == ("new", 0, None)
    assert second.fault.startswith("version: ")


def test_a_group_that_cannot_be_read_hides_no_other(connect, service):
    """Of a group in a form of its own only the name is known, and what is wrong; the others are read."""
    strange = {"name": "new", "version": 1, "is_published": True, "attributes": [{"name": "a", "type": 5}]}
    stream = {"name": "shopping", "version": 2, "attributes": [{"name": "cart_value", "type": "double"}]}
    first, second = connect(service(httpx.Response(200, json=[strange, stream]))).list_attribute_groups()
    assert (first.name, first.fault) == ("new", "attributes.a: Input should be a valid string")
    assert (second.fault, second.attributes) == ("", {"cart_value": "double"})


@pytest.mark.parametrize("text", ["NaN", "1e999", '"\\ud800"'])
def test_what_cannot_be_sent_back(connect, service, text):
    """A stored version that Python can read and not write is refused when it is asked for, and unreadable in a list."""
    body = json.dumps({**STORED, "new": 1}).replace('"new": 1', f'"new": {text}')
    client = connect(service(httpx.Response(200, text=body), httpx.Response(200, text=f"[{body}]")))
    error = failed(lambda: client.get(Intervention, "cart", 3))
    assert type(error) is UnexpectedResponse
    assert error.words.startswith("it contains a value that JSON cannot represent")
    (listed,) = client.list_all(Intervention)
    assert (listed.version, listed.is_published, listed.definition) == (3, True, None)


def test_a_body_that_is_nested_deeply(connect, service):
    """A body that the functions which walk through it could not survive is no answer of Signals."""
    deep = "[" * 501 + "]" * 501
    error = create(connect(service(httpx.Response(400, text=f'{{"detail": {deep}}}'))))
    assert type(error) is Rejected
    assert error.words.startswith('{"detail": [[[')


@pytest.mark.parametrize("silent", [{}, {"is_published": None}])
def test_an_answer_that_does_not_say_whether_it_is_published(connect, service, silent):
    """Silence is not a no: the answer about one version is refused, and in a list the version is left undecided."""
    stored = {name: value for name, value in STORED.items() if name != "is_published"} | silent
    error = failed(lambda: connect(service(httpx.Response(200, json=stored))).get(Intervention, "cart", 3))
    assert type(error) is UnexpectedResponse
    assert error.words.startswith("is_published is missing")
    (listed,) = connect(service(httpx.Response(200, json=[stored]))).list_all(Intervention)
    assert listed.is_published is None


def test_a_404_of_another_place(connect, service):
    """A redirect within the server that ends in a 404 does not say that the object is gone."""
    answers = [
        httpx.Response(307, headers={"location": "/elsewhere"}),
        httpx.Response(404, json={"detail": "Not Found"}),
    ]
    error = failed(lambda: connect(service(*answers)).get(Intervention, "cart", 1))
    assert type(error) is UnexpectedResponse


@pytest.mark.parametrize(
    "body",
    [{"interventions": []}, [1], [{"version": 1}], None],
    ids=["object", "number", "nameless", "null"],
)
def test_a_list_that_is_none(connect, service, body):
    """What is not a list of interventions is not taken for an empty registry."""
    error = failed(lambda: connect(service(httpx.Response(200, json=body))).list_all(Intervention))
    assert type(error) is UnexpectedResponse


def test_attribute_groups(connect, service):
    """A group tells its key and its attributes' types, from stream attributes and from the fields of a table."""
    stream = {
        "name": "shopping",
        "version": 2,
        "is_published": True,
        "attribute_key": {"name": "domain_userid"},
        "attributes": [{"name": "cart_value", "type": "double", "events": []}],
        "fields": None,
    }
    table = {
        "name": "crm",
        "attribute_key": None,
        "attribute_key_or_name": "user_id",
        "is_published": None,
        "attributes": None,
        "fields": [{"name": "tier", "type": "string"}, {"name": "untyped"}],
    }
    first, second = connect(service(httpx.Response(200, json=[stream, table]))).list_attribute_groups()
    assert (first.name, first.version, first.is_published) == ("shopping", 2, True)
    assert (first.attribute_key, first.attributes) == ("domain_userid", {"cart_value": "double"})
    assert (second.version, second.is_published) == (1, None)
    assert (second.attribute_key, second.attributes) == ("user_id", {"tier": "string", "untyped": None})


def test_attribute_keys(connect, service):
    """A key tells its name and whether it is published."""
    keys = [{"name": "domain_userid", "is_published": True, "blobl_path": None}, {"name": "mine"}]
    found = connect(service(httpx.Response(200, json=keys))).list_attribute_keys()
    assert [(key.name, key.is_published) for key in found] == [("domain_userid", True), ("mine", None)]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"status": "success"}, "success"), ({"status": "undelivered"}, "undelivered"), ({}, "failure")],
    ids=["delivered", "nobody there", "no status"],
)
def test_push(connect, service, body, status):
    """A push sends the ids in the query and the instance in the body, and gives the service's status."""
    network = service(httpx.Response(200, json=body))
    targets = {"domain_sessionid": ["id-1", "id-2"], "domain_userid": ["id-3"]}
    assert connect(network).push_intervention(targets, {"name": "hi", "version": 1}) == status
    (request,) = network.requests
    assert request.url.path == "/api/v1/interventions"
    assert request.url.query == b"domain_sessionid=id-1&domain_sessionid=id-2&domain_userid=id-3"
    assert json.loads(request.content) == {"name": "hi", "version": 1}


def test_pushed_ids_are_in_no_error(connect, service):
    """Ids of persons are repeated by no error, even where the service repeats them in its own spelling."""
    answer = httpx.Response(400, json={"error": "only UUIDs allowed: 5F0C1B1E-aaaa, 5f0c1b1e-bbbb"})
    client = connect(service(answer))
    error = failed(
        lambda: client.push_intervention(
            {"k": ["5f0c1b1e-AAAA", "5f0c1b1e-bbbb"]}, {"name": "hi", "version": 1}
        )
    )
    assert error.words == "only UUIDs allowed: [hidden], [hidden]"
    assert "5f0c1b1e" not in f"{error} {error!r}".lower()


def test_what_is_sent(connect, service):
    """A request carries the token, the name of this client, and the body exactly as given."""
    network = service(httpx.Response(200, json=STORED))
    connect(network).replace(Intervention, "cart", 3, STORED)
    (request,) = network.requests
    assert (request.method, str(request.url)) == (
        "PUT",
        "https://demo.signals.example.com/api/v1/registry/interventions/cart/versions/3",
    )
    assert request.headers["authorization"] == "Bearer sandbox-token-of-tests"
    assert request.headers["x-signals-sdk-name"].startswith("pulumi-snowplow-signals ")
    assert json.loads(request.content) == STORED


@pytest.mark.parametrize("name", ["", "..", "a/b", "a?b", "a\n", "é", "a" * 129])
def test_names_that_are_none(connect, service, name):
    """A name that could change the path of a request is a bug of the caller, not a request."""
    network = service(httpx.Response(200, json=STORED))
    with pytest.raises(ValueError, match="cannot be the name"):
        connect(network).delete(Intervention, name, 1)
    assert network.requests == []


def test_compressed_answers(connect, service):
    """A compressed answer is read; one that claims to be compressed and is not, is an answer of something else."""

    def answer(request):
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(packed))

    packed = gzip.compress(json.dumps([STORED]).encode())
    assert len(connect(answer).list_all(Intervention)) == 1
    packed = b"not compressed"
    assert type(failed(lambda: connect(answer).list_all(Intervention))) is UnexpectedResponse


def test_no_such_host(connect):
    """A host name that does not exist is named, and nothing was sent."""

    def network(request):
        raise httpx.ConnectError("failed") from socket.gaierror(
            socket.EAI_NONAME, "Name or service not known"
        )

    error = create(connect(network))
    assert type(error) is Unavailable
    assert error.words.startswith("the host of https://demo.signals.example.com cannot be resolved (")
    assert error.sent is False
