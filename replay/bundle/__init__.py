"""One file that can be asked without the ledger: facts, the rules, and what was answered.

Here: `form` the lines of the file and the hashes over them; `pack` what goes in; `rerun` whether
the answers come out again; `report` that for people and machines; `commands` export, and the check.
In: a log, rulebooks and creators; or a file.
Out: a file; or the first ruling that differs.
Imports: `ledger`, `ledger.facts`, `ledger.exchange`, `ledger.log`, `ledger.rulebook`,
`projections.standing`, `projections.explain`, `projections.views`, `projections.readmodels`.

This room is inside and may change; programs use `replay.library`.
"""
