"""One creator's replay: facts in, standing and rulings out.

Here: `question` a log opened with its rulebooks and two times; `everybody` the same of all;
`live` a record that is gone on with as more is learned, on `borrowed` rows;
`adoptions` which versions were in force; `tables`, `returns`, `numbering` and `zones` a rulebook as
numbers; `history` facts as rows; `replay` the replay, `supposed` the same with facts that are not
there; `naming` and `writing` from numbers back to words; `held` what a creator has as of then;
`executed` what was stopped, as told at each moment, and `spans` of time; `moments` and `options`
times as people type them.
In: envelopes and rulebooks, as of one instant, as known at another.
Out: a `Replay`: the state, its rulings, what time did between them.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.rulebook`, `ledger.rulebook.checks`,
`projections.fold`.

This room is inside and may change; programs use `replay.library`.
"""
