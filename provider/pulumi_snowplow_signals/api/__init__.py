"""The only place that speaks HTTP to Signals.

`settings` holds the address and the credentials, `client` has one method for each endpoint, and `models` describes the
responses. They build on `auth` (tokens), `retries`, `outage`, `responses` and `transport_failures` (responses and failures as
our errors) and `redaction` (no credentials in any text). Nothing here decides what to do with a response.
"""
