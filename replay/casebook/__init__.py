"""Cases beside rulebooks: facts in rows, what they come to in the last columns.

Here: `cases` a table read; `wording` and `instants` its facts, `words` its outcomes; `run` a case,
`suites` all of them, `fill` a table filled in; `report` and `commands` for people.
In: text files beside rulebooks.
Out: which rows came to something else.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.fold`, `projections.standing`,
`projections.explain`, `replay`, `replay.whatif`.

This room is inside and may change; programs use `replay.library`.
"""
