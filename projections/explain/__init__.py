"""Why a ruling is as it is: what the law said of its steps, as sentences and clauses.

Here: `explanation` a ruling and what time did, each told; `sentences` what is said first, by kind
of fact, with `awards` of recoveries, `refusals` why nothing follows, `remarks` what is said beside
it; `consequences` and `effect_phrases` what follows; `effects` the same as objects; `grounds` the
figures asked, `places` where they stand, `assumptions` those that no source gives; `scene`,
`record` and `terms` values and names; `phrases` and `messages` sentences in two languages.
In: a `Replay` with its rulings.
Out: clauses, grounds, effects, and a text in English and Chinese.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `ledger.rulebook.prose`, `projections.fold`,
`projections.standing`.

This room is inside and may change; programs use `replay.library`.
"""
