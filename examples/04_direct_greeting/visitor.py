"""The visitor to greet, for the program and the subscriber. The ids of real visitors are personal data."""

VISITOR = {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}
