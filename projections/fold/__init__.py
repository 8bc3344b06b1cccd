"""The law as plain functions over scalars, rows and one state object; compiled it is the same.

Here: `step` the clock up to a fact, then the fact; `violations`, `ladders`, `consequences`,
`score`, `nodes`, `stops`, `waiting`, `moves`, `measures`, `exams`, `appeals`, `recovery`,
`courses`, `resets`, `features` one concept each; `state`, `rules`, `given` and `row` what they read
and write, `begin` how it starts; `calendar` days and months; `trace` what the law says of its own
steps.
In: a fact as integers, the tables of a rulebook, the state before.
Out: the state after; effects and grounds in the trace, which the compiled law does not have.
Imports: `ledger.facts`.

This room is inside and may change; programs use `replay.library`.
"""
