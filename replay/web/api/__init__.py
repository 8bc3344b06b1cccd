"""What `--json` prints, over HTTP: `/api/v1`.

Here: `answers` JSON with its ETag; `creators` what is asked of one creator; `events` the log as
it grows.
In: requests that have passed the gate.
Out: the objects of `replay.library` as JSON.
Imports: `ledger`, `projections.standing`, `replay.web`, `replay.web.access`.

This room is inside and may change; its paths and shapes stay.
"""
