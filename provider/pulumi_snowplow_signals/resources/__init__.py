"""The resources that a program declares, one file for each."""

from pulumi_snowplow_signals.resources.attribute_group import (
    AttributeGroup,
    BatchAttributeGroup,
    ExternalBatchAttributeGroup,
    StreamAttributeGroup,
)
from pulumi_snowplow_signals.resources.attribute_key import AttributeKey
from pulumi_snowplow_signals.resources.interventions import DirectIntervention, RuleIntervention
from pulumi_snowplow_signals.resources.service import Service

__all__ = [
    "AttributeGroup",
    "AttributeKey",
    "BatchAttributeGroup",
    "DirectIntervention",
    "ExternalBatchAttributeGroup",
    "RuleIntervention",
    "Service",
    "StreamAttributeGroup",
]
