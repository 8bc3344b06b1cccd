"""What the record means now: nothing here is stored but as a cache of a replay.

Here: `fold` the law; `standing` one creator's replay; `explain` why; `views` the answers;
`readmodels` rows for others to read; `archive` the log as columns.
In: envelopes and rulebooks.
Out: standings, rulings with their grounds, rows and changes.
Imports: nothing of ours.

This room is inside and may change; programs use `replay.library`.
"""
