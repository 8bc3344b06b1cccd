"""Drafts of rulebooks: beside the rules in force, and into force.

Here: `shadow` a draft run over the whole log; `subjects` of whom it must tell, and `sieve` of whom
the compiled law says that there is nothing to tell; `report` who disagrees; `adoption` its
recording as a fact; `history` what changed when; `commands` for all three.
In: a draft and a log; a name.
Out: who would stand where; the fact that it is adopted; its versions, one after the other.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.rulebook`, `ledger.rulebook.checks`,
`projections.archive`, `projections.fold`, `projections.standing`, `projections.explain`,
`projections.views`, `replay.population`, `replay.population.study`, `replay.whatif`,
`replay.casebook`.

This room is inside and may change; programs use `replay.library`.
"""
