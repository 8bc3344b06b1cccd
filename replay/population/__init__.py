"""Many creators at once, with the very same fold, compiled.

Here: `kernel` the fold over numpy records; `cache` where what is compiled is kept; `synthetic`
histories that never were.
In: histories as records.
Out: states; no rulings and no grounds.
Imports: `ledger.facts`, `projections.fold`, `projections.standing`.

This room is inside and may change; programs use `replay.library`.
"""
