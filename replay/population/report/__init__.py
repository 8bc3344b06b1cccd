"""The answer about everybody, for people and for other programs.

Here: `commands` the command; `text` tables with bars; `page` the same on paper, with `plots`;
`listing` who moved, as a file; `words` what a language calls things.
In: an answer of `replay.population.study`.
Out: lines, and files.
Imports: `ledger`, `projections.explain`, `projections.standing`, `projections.views`, `replay`,
`replay.pages`, `replay.picture`, `replay.population`, `replay.population.study`, `replay.whatif`.

This room is inside and may change; programs use `replay.library`.
"""
