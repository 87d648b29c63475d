"""The only place that speaks HTTP to Signals.

`settings` says where and as whom, `client` has one method for each endpoint, `models` what these give back. Under
them: `auth` (tokens), `retries`, `outage`, `answers` and `transport_failures` (what came back, as one of our errors) and
`redaction` (no credentials in any of it). What to do with an answer is not decided here.
"""
