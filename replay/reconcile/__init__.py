"""Do the records agree with the rules: what is due and not recorded, recorded and not due, unlike.

Here: `walk` a creator's facts once more with all recoveries as due; `recoveries`, `appeals`,
`exams` and `violations` what does not fit; `overrides` like cases side by side; `assumed` what
rests on figures without a source, and `nearest` on how little; `findings` a row of the answer;
`creator` all of it for one, `tally` for many, `crowd` over the log in several processes; `summary`
and `report` the answer, `proposal` as facts to record; `described` and `schema` its shape;
`commands` reconcile.
In: a log and its rulebooks.
Out: rows, sums, and facts that are due.
Imports: `ledger`, `ledger.exchange`, `ledger.facts`, `ledger.rulebook`, `projections.fold`,
`projections.standing`, `projections.explain`, `projections.views`, `replay`, `replay.whatif`.

This room is inside and may change; programs use `replay.library`.
"""
