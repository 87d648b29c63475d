"""Every refusal of the service, provoked once by plain HTTP. The table is in `cases/refusals.yaml`."""

from pathlib import Path

import pytest
import yaml

CASES = yaml.safe_load(
    Path(__file__).with_name("cases").joinpath("refusals.yaml").read_text(encoding="utf-8")
)
TEMPLATES = CASES["templates"]


def body_of(request):
    """A request's body: a template with what the case changes in it."""
    changes = request.get("with", {})
    if "template" in request:
        changes = {**TEMPLATES[request["template"]], **changes}
    return {field: value for field, value in changes.items() if value != "ABSENT"}


def send(api, request):
    method, path = request["send"].split(" ", 1)
    arguments = {}
    if "raw" in request:
        arguments = {"content": request["raw"], "headers": {"Content-Type": "application/json"}}
    elif method in ("POST", "PUT"):
        arguments = {"json": body_of(request)}
    return api.request(method, path, **arguments)


@pytest.mark.parametrize("case", CASES["refusals"], ids=lambda case: case["it"])
def test_refused_in_the_services_words(api, emulator, case):
    """What the service refuses is refused with its status and text, and leaves the registry as it was."""
    for request in case.get("after", []):
        answer = send(api, request)
        assert answer.is_success, (request, answer.text)
    before = emulator.mark(), emulator.history("attribute_group")["versions"], emulator.history()["versions"]

    answer = send(api, case)

    assert answer.status_code == case["status"], answer.text
    detail = answer.json()["detail"]
    if "at" in case:
        found = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in detail]
        assert len(found) == 1, found
        place, message = found[0]
        assert place == case["at"]
        assert case["says"] in message
        assert set(detail[0]) == {"loc", "msg", "type"}
    else:
        assert case["says"] in detail
    assert emulator.history("attribute_group")["versions"] == before[1]
    assert emulator.history()["versions"] == before[2]


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: case["it"])
def test_accepted(api, case):
    """What comes close to a refusal, and is none, is carried out."""
    for request in case.get("after", []):
        answer = send(api, request)
        assert answer.is_success, (request, answer.text)

    answer = send(api, case)

    assert answer.status_code == case["status"], answer.text
    for field, value in case.get("shows", {}).items():
        assert answer.json()[field] == value


@pytest.mark.parametrize(
    ("header", "says"),
    [
        pytest.param(None, "Not authenticated", id="no token"),
        pytest.param("Bearer", "Not authenticated", id="an empty token"),
        pytest.param("Basic bG9jYWw=", "Not authenticated", id="another scheme"),
        pytest.param("Bearer wrong", "Invalid authentication credentials", id="an unknown token"),
        pytest.param(
            "Bearer eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9.", "Invalid authentication credentials",
            id="a token that nobody signed",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/registry/interventions/", "/registry/attribute_keys/user_id", "/engines/publish"]
)
def test_a_bad_token_is_401(api, path, header, says):
    """Whoever brings no good token is answered 401 with FastAPI's body, whatever the path."""
    api.headers.pop("Authorization")
    headers = {} if header is None else {"Authorization": header}

    answer = api.request("POST" if "engines" in path else "GET", path, headers=headers)

    assert (answer.status_code, answer.json()["detail"]) == (401, says)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("collection", ["interventions", "attribute_groups", "attribute_keys", "services"])
def test_a_collection_without_its_slash_redirects(api, collection):
    """The slashless form of a collection is answered 307 with the slashed one, as FastAPI does."""
    answer = api.get(f"/registry/{collection}")

    assert answer.status_code == 307
    assert answer.headers["location"].endswith(f"/api/v1/registry/{collection}/")


def test_deep_nesting_is_accepted_and_absurd_nesting_refused(api, definition):
    """Criteria nest freely up to what any parser takes; beyond, the answer is a refusal and no crash."""
    deep = {"attribute": "shopping:cart_value", "operator": "is null"}
    for _ in range(100):
        deep = {"all": [deep]}
    assert api.post("/registry/interventions/", json=definition(criteria=deep)).status_code == 201

    absurd = '{"all": [' * 5000 + "]}" * 5000
    answer = api.post(
        "/registry/interventions/",
        content=f'{{"name": "absurd", "criteria": {absurd}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert api.get("/registry/interventions/absurd").status_code == 404
