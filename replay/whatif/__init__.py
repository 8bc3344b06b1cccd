"""What if, for one creator: other facts or other rules, beside what was.

Here: `scenario` the steps that are to be different, `query` which facts they mean, `legal` what no
step may do, `document` the same as a file; `reform` other rules, `world` what is replayed under
them; `stated` what was asked; `outcome` what a replay comes to; `counterfactual` both replays, fact
by fact; `questions` what else may be asked. For people: `commands` what-if, `options` its options,
`asked` one question answered, `side_by_side` and `told` in lines, `answered` those of a question,
`words` its rows; `drawn` as a picture, `paper` as files.
In: a creator's facts, rulebooks and a scenario.
Out: answers, as JSON and as text; a scenario as a file. Never a fact.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.fold`, `projections.standing`,
`projections.explain`, `projections.views`, `replay`, `replay.pages`, `replay.picture`,
`replay.whatif.questions`.

This room is inside and may change; programs use `replay.library`.
"""
