"""Rows and feed in SQLite or PostgreSQL.

Here: `target` the target; `schema` its tables and views; `layout` whose they are, and of which
version; `store` what is asked of a database, `sqlite` and `postgres` the
two; `frozen` who ends a leader that is in the way of all others.
In: steps: rows, changes, checkpoint.
Out: what `projections.readmodels.target` promises.
Imports: `ledger`, `ledger.facts`, `projections.readmodels`.

This room is inside and may change; programs use `replay.library`.
"""
