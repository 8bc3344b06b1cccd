"""The law as data: a version of the rules, a citation beside each figure.

Here: `model` the structs, `concepts` the words of clauses; `file` from TOML to them, with
`citations`, `shapes` and `findings` for what is wrong; `shelf` where files are found, `pinning`
which are pinned with what is recorded; `figures` every value by its key path, `changes` other
values, `document` the JSON; `schema` the published schema; `review` files looked over, `new` one to
start from, `commands` for people; `checks` whether it is sound, `prose` what it says.
In: TOML files.
Out: a `Rulebook`, or an error that says what would be right.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.rulebook.checks`,
`ledger.rulebook.prose`.

This room is inside and may change; programs use `replay.library`.
"""
