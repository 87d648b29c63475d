"""Who is greeted, for the program and for the subscriber beside it. The real ids of visitors are personal data."""

VISITOR = {"domain_userid": ["218e8926-3858-431d-b2ed-66da03a1cbe5"]}
