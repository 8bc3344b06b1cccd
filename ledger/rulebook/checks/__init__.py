"""Whether a rulebook is sound.

Here: `sense` all checks, one concept after the other; `pieces` what stands in several places;
`offences` categories, severities, ladders; `returns` what gives back; `conflicts` words against
figures; `warnings` and `doubts` what is worth another look.
In: a `Rulebook`.
Out: findings: key path, what was found, what would be right.
Imports: `ledger.facts`, `ledger.rulebook`.

This room is inside and may change; programs use `replay.library`.
"""
