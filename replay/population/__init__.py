"""Many creators at once, with the very same fold, compiled.

Here: `engine` folds everybody under several rulebooks; `columns` what it reads, `archived` the same
of an archive, by `unpack`, of what its facts give (`gives`); `driver` the way through the law;
`summary` what a creator comes to, `layout` where in it what stands, and `told` all that came about
on the way, as one number; `workers` who folds, compiled or not; `device` who does on a device, by
way of its `card`, and `grid` how its threads share the work; `kernels` the law compiled, for what
`constants` of the books hold; `cache` where that is kept; `compiler` how; `needs` what must be
installed; `synthetic` histories that never were; `study` the question about everybody, and `report`
its answer.
In: histories as records.
Out: a row of integers for each creator and book; no rulings and no grounds.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.archive`, `projections.fold`,
`projections.standing`, `replay.population.compiler`.

This room is inside and may change; programs use `replay.library`.
"""
