"""Read models: what the record means now, kept in Redis, SQL or a stream of lines.

Here: `rows` and `derive` a creator's row, `now` that of a replay alone; `lessons`, `feed` and
`changes` its way from one to the next; `target` what a store must promise, `contract` the tests of
it; `memory`, `lines`, `redis` and `sql` the targets; `described` the shapes of rows and changes,
`schema` the published schemas of them; `source`, `follower` and `runner` the log carried into one,
`shortfalls` why one can't go on; `watch` for people who run them.
In: pages of the log.
Out: rows, and a feed of their changes; rows and checkpoint change together or not at all.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `projections.fold`, `projections.standing`,
`projections.explain`, `projections.views`.

This room is inside and may change, but for `target` and `contract` (`docs/readmodels.md`).
"""
