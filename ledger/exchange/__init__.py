"""How facts come and go: files in, files out, and what is said of them.

Here: `commands` import and record; `intake` a file of lines into the log, page by page,
`ahead` with a second process;
`tally` the account of it, `rejects` what was not taken; `mapping`, `cells`, `csv_rows`, `tabular`
and `table_import` a table as facts; `dry_run` an import that writes nothing, `undo` one taken back;
`clock` whether time may be stamped; `import_report` what became of a file; `export` the way out.
In: JSONL, or CSV with a mapping file.
Out: facts in the log and refused lines beside it; JSONL again.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.rulebook`.

This room is inside and may change; programs use `replay.library`.
"""
