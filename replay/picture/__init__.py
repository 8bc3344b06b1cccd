"""Histories drawn: scores as steps, stops as bars, facts as marks, and no label on another.

Here: `model` what a picture shows; `scales` time and scores as pixels; `sheet` labels of which none
touches another; `thinning` what becomes of many things on few pixels; `symbols` the shapes;
`drawing` where all goes, `score` and `lanes` its parts, `whole` the picture; `elements` text that
can't become markup; `styles` the style sheets.
In: a `Chart`: instants, scores, and titles in the language of the picture.
Out: SVG.
Imports: `ledger`, `ledger.facts`, `projections.fold`, `projections.standing`,
`projections.explain`.

This room is inside and may change; programs use `replay.library`.
"""
