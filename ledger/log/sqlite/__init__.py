"""The log in one SQLite file.

Here: `store` the log; `reads` its questions, and the quick reader; `recorder` the library's
recorder with what it lacks; `file` whose file it is, and what to tell when it can't be used.
In: pages of envelopes.
Out: what `ledger.log.port` promises.
Imports: `ledger`, `ledger.facts`, `ledger.log`.

This room is inside and may change; programs use `replay.library`.
"""
