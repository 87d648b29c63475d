"""Each switch, under each of its values, seen from outside."""

import pytest

from signals_local.emulator.assumptions import switches

RULES = "/registry/interventions/"
SWITCHES = {switch.name: switch for switch in switches()}


@pytest.fixture
def assuming(served):
    """Starts an emulator under one value of a switch, with the group `shopping` published."""
    opened = []

    def start(**assume):
        context = served(assume=assume)
        emulator, api = context.__enter__()
        opened.append(context)
        emulator.publish_group("shopping", {"cart_value": "double"}, key="domain_sessionid")
        return emulator, api

    yield start
    for context in opened:
        context.__exit__(None, None, None)


def live_of(api, name="cart"):
    answer = api.get(f"{RULES}{name}/versions/1"), api.get(f"{RULES}{name}/versions/2")
    return [each.json().get("is_published") for each in answer]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("all", [("cart", 1), ("cart", 2), ("hello", 1)]), ("newest", [("cart", 2), ("hello", 1)]), ("published", [("cart", 1)])],
)  # fmt: skip
def test_list(assuming, definition, value, expected):
    """The list holds every version, the newest of each name, or what is published."""
    _, api = assuming(list=value)
    api.post(RULES, json=definition())
    api.post(RULES, json=definition(version=2, is_published=False))
    api.post(RULES, json=definition("hello", is_published=False))
    assert [(each["name"], each["version"]) for each in api.get(RULES).json()] == expected


@pytest.mark.parametrize(("value", "expected"), [("all", [1, 2, 3]), ("newest", [3]), ("published", [1, 2])])
def test_list_of_groups(assuming, value, expected):
    """The list of attribute groups holds as much."""
    emulator, api = assuming(list=value)
    emulator.publish_group("shopping", {"cart_value": "double"}, key="domain_sessionid", version=2)
    group = api.get("/registry/attribute_groups/shopping/versions/2").json()
    draft = {
        name: group[name] for name in ("name", "owner", "online", "offline", "attribute_key", "attributes")
    }
    assert api.post("/registry/attribute_groups/", json={**draft, "version": 3}).status_code == 201
    assert [each["version"] for each in api.get("/registry/attribute_groups/").json()] == expected


@pytest.mark.parametrize(("value", "expected"), [("highest", 2), ("published", 1)])
def test_latest(assuming, definition, value, expected):
    """Without a version, the highest number is meant, or the highest that is published."""
    _, api = assuming(latest=value)
    api.post(RULES, json=definition())
    api.post(RULES, json=definition(version=2, is_published=False))
    assert api.get(f"{RULES}cart").json()["version"] == expected


MESSY = {
    "owner": "Marketing@Company.COM",
    "criteria": {
        "any": [
            {"attribute": "shopping:cart_value", "operator": "in", "value": [3, 1, 2]},
            {"all": []},
        ]
    },
}


def test_answers_as_sent(assuming, definition):
    """What was sent comes back, and nothing more."""
    _, api = assuming(answers="as-sent")
    sent = {**definition(), **MESSY}
    answer = api.post(RULES, json=sent).json()
    assert {field: answer[field] for field in sent} == sent
    assert answer["target_attribute_keys"] is None


def test_answers_normalised(assuming, definition):
    """Default targets are filled in, lists sorted, the e-mail in lower case; a withdrawal with what is shown, or with
    what was sent, is one."""
    _, api = assuming(answers="normalised")
    sent = {**definition(), **MESSY}
    answer = api.post(RULES, json=sent).json()
    assert answer["owner"] == "marketing@company.com"
    assert answer["target_attribute_keys"] == [{"name": "domain_sessionid"}]
    assert answer["criteria"]["any"] == [
        {"all": []},
        {"attribute": "shopping:cart_value", "operator": "in", "value": [1, 2, 3]},
    ]
    path = f"{RULES}cart/versions/1"
    assert api.put(path, json={**answer, "is_published": False}).json()["is_published"] is False
    assert api.put(path, json=answer).json() == answer
    assert api.put(path, json={**sent, "is_published": False}).status_code == 200


@pytest.mark.parametrize(("value", "left"), [("one-step", []), ("two-steps", [False])])
def test_publishing(assuming, definition, value, left):
    """A publication that is refused stores nothing, or leaves the draft."""
    _, api = assuming(publishing=value)
    wrong = definition(criteria={"attribute": "shopping:cart_valu", "operator": "is null"})
    assert api.post(RULES, json=wrong).status_code == 422
    assert [each["is_published"] for each in api.get(RULES).json()] == left


@pytest.mark.parametrize(
    ("value", "status", "live"),
    [("stays", 201, [True, True]), ("withdrawn", 201, [False, True]), ("blocks", 400, [True, None])],
)
def test_previous(assuming, definition, value, status, live):
    """Publishing 2 leaves 1 live, withdraws it in the same moment, or is refused while it is."""
    emulator, api = assuming(previous=value)
    api.post(RULES, json=definition())
    answer = api.post(RULES, json=definition(version=2, description="another"))
    assert answer.status_code == status
    assert live_of(api) == live
    assert bool(emulator.broken_promises()) is (value == "stays")


@pytest.mark.parametrize(("value", "status"), [("201", 201), ("200", 200)])
def test_post_status(assuming, definition, value, status):
    """A POST that registered something answers 201 or 200."""
    _, api = assuming(**{"post-status": value})
    assert api.post(RULES, json=definition()).status_code == status


@pytest.mark.parametrize(("value", "status"), [("401", 401), ("403", 403)])
def test_wrong_scope(assuming, definition, value, status):
    """A token that may only read may read, and is refused with 401 or 403 when it writes."""
    emulator, api = assuming(**{"wrong-scope": value})
    api.headers["Authorization"] = f"Bearer {emulator.read_only_token}"
    assert api.get(RULES).status_code == 200
    assert api.post(RULES, json=definition()).status_code == status


@pytest.mark.parametrize(("value", "there"), [("none", False), ("some", True)])
def test_extra_fields(assuming, definition, value, there):
    """Answers have the fields of the published models, or some more; sent back, those are ignored."""
    _, api = assuming(**{"extra-fields": value})
    answer = api.post(RULES, json=definition()).json()
    assert ("fields_hash" in answer, "updated_at" in api.get(RULES).json()[0]) == (there, there)
    withdrawn = api.put(f"{RULES}cart/versions/1", json={**answer, "is_published": False})
    assert withdrawn.status_code == 200


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        ("text", "Intervention 'cart' version 1 not found"),
        (
            "list",
            [{"loc": ["body"], "msg": "Intervention 'cart' version 1 not found", "type": "value_error"}],
        ),
    ],
)
def test_error_detail(assuming, value, detail):
    """A refusal that no schema gives has a text, or the form of a schema error."""
    _, api = assuming(**{"error-detail": value})
    assert api.get(f"{RULES}cart/versions/1").json() == {"detail": detail}


KEY = {"name": "basket_id", "description": "A basket", "is_published": True}
SERVICE = {
    "name": "web",
    "owner": "web@company.com",
    "attribute_groups": [{"name": "shopping", "version": 1}],
    "is_published": True,
}


@pytest.mark.parametrize(("value", "status"), [("refuses", 400), ("accepts", 200)])
def test_published_key(assuming, value, status):
    """A changed definition of a published key is refused, or is there from then on; the same one is accepted anyway."""
    _, api = assuming(**{"published-key": value})
    api.post("/registry/attribute_keys/", json=KEY)
    path = "/registry/attribute_keys/basket_id"
    assert api.put(path, json=KEY).status_code == 200
    assert api.put(path, json={**KEY, "description": "another"}).status_code == status
    assert api.get(path).json()["description"] == ("another" if status == 200 else "A basket")


@pytest.mark.parametrize(("value", "status"), [("accepts", 200), ("refuses", 400)])
def test_published_service(assuming, value, status):
    """A PUT over a published service changes it, or is refused even with what is there."""
    _, api = assuming(**{"published-service": value})
    api.post("/registry/services/", json=SERVICE)
    for body in (SERVICE, {**SERVICE, "description": "another"}):
        answer = api.put("/registry/services/web", json=body)
        assert answer.status_code == status
    assert (status == 200) or answer.json()["detail"] == "Cannot update published service"
    assert api.put("/registry/services/web", json={**answer.json(), "is_published": False}).is_success is (
        status == 200
    )


@pytest.mark.parametrize(("value", "status", "is_live"), [("stays", 400, True), ("goes", 200, False)])
def test_pinned_group(assuming, value, status, is_live):
    """A group version that a published service pins stays live, or goes; then the service's promise is broken."""
    emulator, api = assuming(**{"pinned-group": value})
    api.post("/registry/services/", json=SERVICE)
    answer = api.post("/engines/unpublish", json={"attribute_groups": [{"name": "shopping", "version": 1}]})
    assert answer.status_code == status
    assert api.get("/registry/attribute_groups/shopping/versions/1").json()["is_published"] is is_live
    assert any(
        "Service web was live without a version that it pins" in each for each in emulator.broken_promises()
    ) is (not is_live)


@pytest.mark.parametrize(("value", "status"), [("publishing", 201), ("saving", 422)])
def test_references_checked(assuming, definition, value, status):
    """A draft that refers to what is not there is stored until it is published, or refused at once, by PUT too."""
    _, api = assuming(**{"references-checked": value})
    wrong = {"criteria": {"attribute": "shopping:cart_valu", "operator": "is null"}, "is_published": False}
    assert api.post(RULES, json=definition("wrong", **wrong)).status_code == status
    assert api.post(RULES, json=definition(is_published=False)).status_code == 201
    assert api.put(f"{RULES}cart/versions/1", json=definition(**wrong)).is_success is (status == 201)


def test_every_switch_is_tested_under_every_value(request):
    """No switch without a test of its name that runs under each value; `fires` is the live part's."""
    here = request.node.parent
    ids = {item.name for item in request.session.items if item.parent is here}
    if len(ids) < 10:
        pytest.skip("only part of this file was chosen to run")
    for name, switch in SWITCHES.items():
        if name == "fires":
            continue
        function = f"test_{name.replace('-', '_')}"
        for value in switch.values:
            run = {f"{function}_{value.replace('-', '_')}"} | {
                each for each in ids if each.startswith(f"{function}[{value}")
            }
            assert run & ids, f"{name}={value} has no test"
