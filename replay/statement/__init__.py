"""A statement of reasons for one sanction, as Article 17 of Regulation (EU) 2022/2065 asks for it.

Here: `decisions` what was decided, and what each decision brought; `references` how a person names
one; `reasons` what is to be said of it, field by field, `cited` by which clause, `restrictions` of
its stops and measures, `redress` of its appeal; `template` the text, from a template that users may
replace; `templates` those that come with the package; `commands` `audit --statement`.
In: a `Replay` with its rulings.
Out: a text in English or Chinese; decisions, for other rooms.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `ledger.rulebook.prose`, `ledger.exchange`,
`projections.fold`, `projections.standing`, `projections.explain`.

This room is inside and may change; programs use `replay.library`.
"""
