"""A replay as JSON and for people.

Here: `objects` the standing and the audit; `windows` what is open and what changes next; `report` a
standing as lines; `commands` standing; `described` and `compared` the shape of each answer,
`schema` the published schemas made of them.
In: a `Replay`.
Out: JSON objects in the form of `docs/output.md`, lines of text.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.fold`, `projections.standing`,
`projections.explain`.

This room is inside and may change; programs use `replay.library`.
"""
