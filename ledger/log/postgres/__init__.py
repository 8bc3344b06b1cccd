"""The log in PostgreSQL.

Here: `store` the log; `reads` its questions; `recorder` the database, how it is reached, what went
wrong.
In: pages of envelopes.
Out: what `ledger.log.port` promises.
Imports: `ledger`, `ledger.facts`, `ledger.log`.

This room is inside and may change; programs use `replay.library`.
"""
