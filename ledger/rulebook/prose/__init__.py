"""What a rulebook says, as tables and as prose.

Here: `walk` the structs, field by field; `sentences` the sentence of each, in two languages;
`explained` the whole, with warnings; `quoted` its documents and their words; `tables` figures
beside their sources.
In: a `Rulebook`.
Out: lines, tables, JSON.
Imports: `ledger.rulebook`, `ledger.rulebook.checks`.

This room is inside and may change; programs use `replay.library`.
"""
