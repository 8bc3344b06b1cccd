"""Why: one ruling per fact, and what time did between them.

Here: `commands` audit; `selection` which rulings; `report` lines for people; `timeline` score and
stops over time; `compare` two times on one page, `then_and_now` that as JSON, `side_by_side` for
people.
In: a `Replay` with its rulings.
Out: text for a terminal; the JSON is that of `projections.views`.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `ledger.rulebook.prose`, `projections.fold`,
`projections.standing`, `projections.explain`, `projections.views`, `replay`, `replay.bundle`,
`replay.pages`, `replay.statement`, `replay.whatif`.

This room is inside and may change; programs use `replay.library`.
"""
