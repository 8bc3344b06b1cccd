"""A replay as JSON and for people.

Here: `outcome` what stands and why, each a `headline`, `owed` what of it is money or waits,
`deciding` by which facts; `chances` what can still be done and what it would change; `windows` what
is open and what changes next; `glance` these as JSON, `objects` the standing and the audit;
`report` a standing as lines; `commands` standing; `wrapping` lines as wide as a terminal;
`described`, `glance_described` and `compared` the shape of each answer, `schema` the published
schemas made of them.
In: a `Replay`.
Out: JSON objects in the form of `docs/output.md`, lines of text.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.fold`, `projections.standing`,
`projections.explain`.

This room is inside and may change; programs use `replay.library`.
"""
