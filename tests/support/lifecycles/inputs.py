"""What a program may write, and what of it is refused: spellings, unknowns, secrets, faults."""

import importlib.util

from harness import Code, Lifecycle, Stage, rule

_CART = {"attribute": "shopping:cart_value", "operator": ">", "value": 75}
_VISITS = {"attribute": "shopping:visits", "operator": ">=", "value": 3}
_COUNTRY = {"attribute": "shopping:country", "operator": "in", "value": ["NL", "BE", "DE"]}
_BY_CLASSES = Code(
    "InterventionCriteriaAll(all=["
    'InterventionCriterion(attribute="shopping:cart_value", operator=">", value=75), '
    'InterventionCriterion(attribute="shopping:visits", operator=">=", value=3)])'
)
_BY_EXPRESSION = Code('(attribute("shopping:cart_value") > 75) & (attribute("shopping:visits") >= 3)')

SPELLINGS = Lifecycle(
    "an equal spelling is no change: classes, dicts and expressions, orders, 75 for 75.0, an address in capitals",
    [
        Stage(
            rule("spelt", criteria=_BY_CLASSES)
            + rule("nested", criteria={"all": [_CART, {"any": [_VISITS, _COUNTRY]}]})
            + rule("single", criteria={"all": [_CART]})
            + rule(
                "addressed",
                description="",
                target_attribute_keys=["domain_userid", "account_id"],
                payload_attribute_groups=[{"name": "reading", "version": 1}, {"name": "shopping"}],
            ),
            steps=dict.fromkeys(("spelt", "nested", "single", "addressed"), "create"),
        ),
        Stage(
            rule("spelt", criteria=_BY_EXPRESSION)
            + rule(
                "nested",
                criteria={
                    "all": [
                        {"any": [{**_COUNTRY, "value": ["DE", "BE", "NL"]}, _VISITS]},
                        {"all": [{**_CART, "value": 75.0}]},
                    ]
                },
            )
            + rule("single", criteria=_CART, owner="team@EXAMPLE.com")
            + rule(
                "addressed",
                target_attribute_keys=Code(
                    '[LinkAttributeKey(name="account_id"), LinkAttributeKey(name="domain_userid")]'
                ),
                payload_attribute_groups=Code(
                    '[VersionedLinkAttributeGroup(name="shopping", version=1), '
                    'VersionedLinkAttributeGroup(name="reading", version=1)]'
                ),
            ),
            "preview",
            requests={},
        ),
        Stage(
            rule("spelt", criteria={"all": [_COUNTRY, _CART, _VISITS]})
            + rule("nested", criteria={"all": [{"any": [_VISITS, _COUNTRY]}, _CART]})
            + rule("single", criteria={**_CART, "value": 80})
            + rule(
                "addressed",
                target_attribute_keys=["account_id", "domain_userid"],
                payload_attribute_groups=[{"name": "reading", "version": 2}, {"name": "shopping"}],
            ),
            "preview",
            steps={"spelt": "update", "single": "update", "addressed": "update"},
            inputs={
                "spelt": {
                    "criteria": ({"all": [_CART, _VISITS]}, {"all": [_CART, _VISITS, _COUNTRY]}),
                    "rule": (
                        "shopping:cart_value > 75 and shopping:visits >= 3",
                        'shopping:cart_value > 75 and shopping:country in ("BE", "DE", "NL") and shopping:visits >= 3',
                    ),
                    "version": (1, 2),
                },
                "addressed": {
                    "payload_attribute_groups": (
                        [{"name": "reading", "version": 1}, {"name": "shopping", "version": 1}],
                        [{"name": "shopping", "version": 1}, {"name": "reading", "version": 2}],
                    ),
                    "version": (1, 2),
                },
            },
        ),
    ],
)

_INSERTED = rule("cart", criteria={"all": [_COUNTRY, _CART, _VISITS]}, version=2)
_IN_A_LINE = (
    'cart v1 → v2 goes live, v1 is withdrawn: shopping:country in ("BE", "DE", "NL") added; '
    "sent to domain_userid; reaches fewer visitors\n"
)

SHOWN = Lifecycle(
    "what a person sees of a criterion inserted first is that one criterion, the rule in words and the number",
    [
        Stage(rule("cart", criteria={"all": [_CART, _VISITS]}), steps={"cart": "create"}),
        Stage(
            _INSERTED,
            "preview",
            options=("--diff",),
            shows=(
                """\
      ~ criteria  : {
          ~ all: [
                [0]: {
                        attribute: "shopping:cart_value"
                        operator : ">"
                        value    : 75
                    }
                [1]: {
                        attribute: "shopping:visits"
                        operator : ">="
                        value    : 3
                    }
              + [2]: {
                      + attribute: "shopping:country"
                      + operator : "in"
                      + value    : [
                      +     [0]: "NL"
                      +     [1]: "BE"
                      +     [2]: "DE"
                        ]
                    }
            ]
        }
        name      : "cart"
        on_destroy: "unpublish"
        owner     : "team@example.com"
        published : true
      ~ rule      : "shopping:cart_value > 75 and shopping:visits >= 3" => \
"shopping:cart_value > 75 and shopping:country in (\\"BE\\", \\"DE\\", \\"NL\\") and shopping:visits >= 3"
      ~ version   : 1 => 2
Resources:
""",
                _IN_A_LINE,
            ),
            engines=("pulumi",),
        ),
        Stage(
            _INSERTED,
            "preview",
            shows=(
                """\
 ~ signals:RuleIntervention cart  update
      + criteria.all[2].attribute: "shopping:country"
      + criteria.all[2].operator: "in"
      + criteria.all[2].value[0]: "NL"
      + criteria.all[2].value[1]: "BE"
      + criteria.all[2].value[2]: "DE"
      ~ rule:
          "shopping:cart_value > 75 and shopping:visits >= 3"
       => "shopping:cart_value > 75 and shopping:country in (\\"BE\\", \\"DE\\", \\"NL\\") and shopping:visits >= 3"
      ~ version: 1 => 2

""",
                _IN_A_LINE,
            ),
            engines=("local",),
        ),
    ],
)

CLIENT_OBJECTS = Lifecycle(
    "the official client's own objects are taken as they are",
    [
        Stage(
            "from snowplow_signals import InterventionCriterion as Criterion, LinkAttributeKey as Key\n"
            + rule(
                "cart",
                criteria=Code('Criterion(attribute="shopping:cart_value", operator=">", value=75.0)'),
                target_attribute_keys=Code('[Key(name="domain_userid")]'),
            ),
            steps={"cart": "create"},
            says=("cart v1 goes live: shopping:cart_value > 75; sent to domain_userid",),
            registry={"cart": {1: True}},
        ),
    ],
)

UNKNOWNS = Lifecycle(
    "what another resource gives is not guessed in preview, wherever it stands, and the rest is still checked",
    [
        Stage(
            'source = Other("source", {"owner": "team@example.com", "value": 75, "number": 4, "whole": '
            f"{_CART!r}}})\n"
            + rule("owned", owner=Code('source.given["owner"]'))
            + rule("compared", criteria={**_CART, "value": Code('source.given["value"]')})
            + rule("whole", criteria=Code('source.given["whole"]'))
            + rule("numbered", version=Code('source.given["number"].apply(int)'))
            + rule("wrong", owner="nobody", criteria=Code('source.given["whole"]')),
            "preview",
            refused={
                "": [
                    'RuleIntervention "wrong": owner: is "nobody"; expected the e-mail address of a person or team'
                ]
            },
        ),
        Stage(
            'source = Other("source", {"owner": "team@example.com", "value": 75, "number": 4, "whole": '
            f"{_CART!r}}})\n"
            + rule("owned", owner=Code('source.given["owner"]'))
            + rule("compared", criteria={**_CART, "value": Code('source.given["value"]')})
            + rule("whole", criteria=Code('source.given["whole"]'))
            + rule("numbered", version=Code('source.given["number"].apply(int)')),
            "preview",
            steps=dict.fromkeys(("source", "owned", "compared", "whole", "numbered"), "create"),
        ),
        Stage(
            steps=dict.fromkeys(("source", "owned", "compared", "whole", "numbered"), "create"),
            registry={"owned": {1: True}, "compared": {1: True}, "whole": {1: True}, "numbered": {4: True}},
        ),
        Stage(command="preview"),
        Stage(
            'source = Other("source", {"owner": "else@example.com", "value": 80, "number": 4, "whole": '
            f"{ {**_CART, 'value': 80}!r}}})\n"
            + rule("owned", owner=Code('source.given["owner"]'))
            + rule("compared", criteria={**_CART, "value": Code('source.given["value"]')})
            + rule("whole", criteria=Code('source.given["whole"]'))
            + rule("numbered", version=Code('source.given["number"].apply(int)')),
            steps=dict.fromkeys(("source", "owned", "compared", "whole"), "update"),
            warns=("owned: only owner changed, which still makes a new version",),
            registry={
                "owned": {1: False, 2: True},
                "compared": {1: False, 2: True},
                "whole": {1: False, 2: True},
                "numbered": {4: True},
            },
        ),
    ],
)


def _secretly(value: float, operator: str = ">") -> Code:
    return Code(f"pulumi.Output.secret({ {**_CART, 'value': value, 'operator': operator}!r})")


SECRETS = Lifecycle(
    "secret criteria are in no message, no preview and no file, from the first preview to the destroy",
    [
        Stage(
            rule("cart", criteria=_secretly(47114711), version=1),
            "preview",
            steps={"cart": "create"},
            says=("cart v1 goes live: criteria hidden (secret)",),
            hides=("47114711",),
        ),
        Stage(
            command="preview",
            options=("--diff", "-v=7", "--logtostderr"),
            shows=(
                "criteria  : [secret]",
                "rule      : [secret]",
                "cart v1 goes live: criteria hidden (secret)",
            ),
            hides=("47114711",),
            engines=("pulumi",),
        ),
        Stage(
            steps={"cart": "create"},
            hides=("47114711",),
            registry={"cart": {1: True}},
        ),
        Stage(
            rule("cart", criteria=_secretly(47124712), version=1),
            "preview",
            refused={"cart": ["version: criteria changed (secret), but version is still 1"]},
            hides=("47114711", "47124712"),
        ),
        Stage(
            rule("cart", criteria=_secretly(47124712)),
            steps={"cart": "update"},
            says=("cart v1 → v2 goes live, v1 is withdrawn",),
            hides=("47114711", "47124712"),
            registry={"cart": {1: False, 2: True}},
        ),
        Stage(
            rule("cart", criteria=_secretly(47124712, operator="==")),
            "preview",
            refused={"cart": ["criteria.operator: is a secret"]},
            hides=("47114711", "47124712"),
        ),
        Stage(command="refresh", hides=("47114711", "47124712")),
        Stage(command="destroy", steps={"cart": "delete"}, hides=("47114711", "47124712")),
    ],
)

FAULTS = Lifecycle(
    "every fault of a resource is told at once, with its path, what was found and what is allowed",
    [
        Stage(
            rule(
                "bad name",
                name="bad name",
                owner="nobody",
                version=0,
                on_destroy="remove",
                criteria={
                    "all": [
                        {"attribute": "cart_value", "operator": "==", "value": 75},
                        {"attribute": "shopping:visits", "operator": ">"},
                        {"attribute": "shopping:country", "operator": "in", "value": []},
                        {"any": []},
                        {"none": [{"attribute": "shopping:visits", "operator": "changed"}]},
                    ]
                },
            ),
            "preview",
            refused={
                "": [
                    (
                        'name: is "bad name"; ',
                        'owner: is "nobody"; expected the e-mail address of a person or team',
                        "version: is 0; expected a whole number of 1 or more",
                        'on_destroy: is "remove"; allowed are "unpublish", "delete", "retain"',
                        'criteria.all[0].attribute: is "cart_value"',
                        'criteria.all[0].operator: is "=="',
                        'criteria.all[1].value: is missing: ">" needs a number or a string',
                        'criteria.all[2].value: is []; "in" takes a non-empty list',
                        'criteria.all[3]: has an empty "any"; add at least one criterion',
                        'criteria.all[4].none[0].operator: "changed"',
                    )
                ]
            },
            requests={},
        ),
    ],
)

MISSPELT = Lifecycle(
    "what the registry does not have is refused in preview with the near spelling, or by the service where nobody looked",
    [
        Stage(
            rule("attribute", criteria={**_CART, "attribute": "shopping:cart_vlaue"})
            + rule("group", criteria={**_CART, "attribute": "shoping:cart_value"})
            + rule("key", target_attribute_keys=["domain_userld"])
            + rule("payload", payload_attribute_groups=[{"name": "reading", "version": 3}])
            + rule("unpublished", criteria={**_CART, "attribute": "upcoming:score"}),
            "preview",
            refused={
                "attribute": [
                    'criteria.attribute: the attribute group "shopping" has no attribute "cart_vlaue". Did you mean "cart_value"?'
                ],
                "group": [
                    'criteria.attribute: there is no attribute group "shoping". Did you mean "shopping"?'
                ],
                "key": [
                    'target_attribute_keys[0]: there is no attribute key "domain_userld". Did you mean "domain_userid"?'
                ],
                "payload": [
                    'payload_attribute_groups[0]: there is no version 3 of the attribute group "reading": it has 1, 2'
                ],
                "unpublished": [
                    'criteria.attribute: no version of the attribute group "upcoming" that has "score" is published'
                ],
            },
        ),
        Stage(
            rule("attribute", criteria={**_CART, "attribute": "shopping:cart_vlaue"}),
            config={"review": "local"},
            refused={"attribute": ["refused by Signals (422: "]},
            registry={},
        ),
        Stage(
            rule("attribute", criteria={**_CART, "attribute": "shopping:cart_vlaue"}, published=False)
            + rule("doubtful", criteria={**_CART, "value": "75"}),
            config={},
            steps={"attribute": "create", "doubtful": "create"},
            warns=(
                'attribute: criteria.attribute: the attribute group "shopping" has no attribute "cart_vlaue"',
                "doubtful: criteria: shopping:cart_value is of type double",
            ),
            registry={"attribute": {1: False}, "doubtful": {1: True}},
        ),
    ],
)

LIFECYCLES = [SPELLINGS, SHOWN, UNKNOWNS, SECRETS, FAULTS, MISSPELT]
if importlib.util.find_spec("snowplow_signals"):
    LIFECYCLES.append(CLIENT_OBJECTS)
