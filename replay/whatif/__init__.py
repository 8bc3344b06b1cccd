"""What if, for one creator: other facts or other rules, beside what was.

Here: `commands` what-if; `scenario` what is to be different; `counterfactual` both replays, fact by
fact; `side_by_side` for people, `words` its rows in words.
In: a creator's facts and a scenario.
Out: a comparison, as JSON and as text.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.standing`, `projections.explain`,
`projections.views`, `replay`.

This room is inside and may change; programs use `replay.library`.
"""
