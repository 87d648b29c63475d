"""The second program."""

from pulumi import Output, ResourceOptions

from pulumi_snowplow_signals import DirectIntervention, RuleIntervention, attribute

OWNER = "team@example.com"
A = "218e8926-3858-431d-b2ed-66da03a1cbea"


def over(value):
    return attribute("shopping:cart_value") > value


class TeamRule(RuleIntervention):
    """A subclass without a type of its own."""


RuleIntervention("draft_edited", owner=OWNER, criteria=over(80), published=False)
RuleIntervention("draft_beside", owner=OWNER, criteria=over(75))
RuleIntervention("withdrawn", owner=OWNER, criteria=over(75), published=False)
RuleIntervention("withdrawn_later", owner=OWNER, criteria=over(80), on_destroy="delete")
RuleIntervention("several", owner=OWNER, criteria=over(80))
RuleIntervention("numbered", owner=OWNER, criteria=over(80), version=4)
RuleIntervention("rolled_back", owner=OWNER, criteria=over(80), version=2)
RuleIntervention("retired", owner=OWNER, criteria=over(80), published=False)
RuleIntervention("overtaken", owner=OWNER, criteria=over(75))
RuleIntervention("renamed", name="renamed_from", owner=OWNER, criteria=over(75))
RuleIntervention("equal_changed", owner=OWNER, criteria=over(75))
RuleIntervention("adopted_deleted", owner=OWNER, criteria=over(75), adopt=True, on_destroy="delete")
RuleIntervention("to_unpublish", owner=OWNER, criteria=over(80), on_destroy="unpublish")
RuleIntervention("to_delete", owner=OWNER, criteria=over(80), on_destroy="delete")
RuleIntervention("to_retain", owner=OWNER, criteria=over(80), on_destroy="retain")
RuleIntervention("left_out_by_now", owner=OWNER, criteria=over(75), on_destroy="retain")
RuleIntervention(
    "secret_criteria", owner=OWNER, criteria=Output.secret({"any": [over(70), over(80) & over(85)]})
)
RuleIntervention(
    "secret_description", owner=OWNER, description=Output.secret("for Ümläute only"), criteria=over(75)
)
TeamRule("team_rule", owner=OWNER, criteria=over(75))
RuleIntervention(
    "ignoring", owner=OWNER, criteria=over(75), opts=ResourceOptions(ignore_changes=["criteria"])
)
DirectIntervention("greeting", version=1, attributes={"text": "Hello"}, targets={"domain_sessionid": [A]})
DirectIntervention("unconfirmed", version=1, attributes={"text": "Hi"}, targets={"domain_userid": [A]})
