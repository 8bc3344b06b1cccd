"""An audit as files for people: a page that needs nothing beside itself, a picture.

Drawing knows nothing of pages, and neither knows replays: `adapter` reads them for both.

Here: `model` what a picture shows; `scales` time and scores as pixels; `sheet` labels of which none
touches another; `thinning` what becomes of many things on few pixels; `symbols` the shapes;
`drawing` where all goes, `score` and `lanes` its parts, `picture` the whole; `case` one audit;
`figures` and `footnotes` what its marks stand for; `elements` and `prose` text that can't become
markup; `answers` the first blocks of a page, `rows` its ledger table, `evidence` the others, `page`
their order; `adapter`; `styles` the style sheets; `files` what is written.
In: a `Replay` with its rulings, and what was executed.
Out: HTML and SVG.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.fold`, `projections.standing`,
`projections.explain`, `projections.views`.

This room is inside and may change; programs use `replay.library`.
"""
