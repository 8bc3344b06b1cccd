"""Rows and feed in Redis or Valkey.

Here: `target` the target; `reading` rows for an event loop; `url` and `connection` the way to a
server; `keys` where everything lies; `step` what a step writes, grouped by key; `script` what runs
inside the server, in the files `*.lua`; `inspect` what is held otherwise; `overtaken` who lost
changes of the feed.
In: steps: rows, changes, checkpoint.
Out: what `projections.readmodels.target` promises.
Imports: `projections.readmodels`.

This room is inside and may change; programs use `replay.library`.
"""
