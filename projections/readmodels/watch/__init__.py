"""Read models for people who run them.

Here: `commands` project, status, rebuild and check; `places` which target an option means; `status`
how far one is, `drift` whether it holds what a replay says; `progress` a bar, `metrics` gauges.
In: a log, and a target.
Out: lines, JSON and gauges; a target that is carried on.
Imports: `ledger`, `projections.archive`, `projections.standing`, `projections.readmodels`,
`projections.readmodels.redis`, `projections.readmodels.sql`.

This room is inside and may change; programs use `replay.library`.
"""
