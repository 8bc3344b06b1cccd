"""The log's columnar copy: Parquet, creator by creator, in the order of replay.

Here: `schema` the columns; `decode` and `decoded` stored bytes to numbers and spans, `order` rows
as replay has them, `tables` both as tables, with what facts give by `giving`, texts by `spelling`;
`segment` tables as files, `manifest` which there are;
`source` the log as it is copied, `build` all of it anew or what has come since, `merge` segments
into one, `runner` who leads and what is next; `plan` what is read at a time, `reading` its columns,
a `part`, with what came `late`, `envelopes` the facts again; `status` and `commands` for people who
keep it; `compiled` how functions are compiled.
In: stored bytes of facts.
Out: Parquet files; columns of creators. No rulebook is known here.
Imports: `ledger`, `ledger.facts`, `ledger.log`.

This room is inside and may change; the files are described in `docs/archive.md`.
"""
