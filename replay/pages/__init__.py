"""An audit as files for people: a page that needs nothing beside itself, a picture.

Drawing (`replay.picture`) knows nothing of replays: `adapter` reads them for it, and for the page.

Here: `adapter`; `case` one audit; `figures` and `footnotes` what its marks stand for; `prose` text
that breaks where it may; `answers` the first blocks of a page, `rows` its ledger table, `evidence`
the others, `page` their order; `files` what is written.
In: a `Replay` with its rulings, and what was executed.
Out: HTML and SVG.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `ledger.rulebook.prose`, `projections.fold`,
`projections.standing`, `projections.explain`, `projections.views`, `replay.picture`.

This room is inside and may change; programs use `replay.library`.
"""
