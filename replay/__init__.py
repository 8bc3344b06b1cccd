"""Questions to the record.

Here: `audit` why; `statement` reasons for one sanction; `pages` why, on paper, with a `picture`;
`whatif` what if; `reconcile` do the records agree with the rules; `drafts` rules that are not in
force yet; `casebook` cases beside rulebooks; `seals` what was signed, and proofs; `bundle` a file
that can be asked without the log; `interchange` the record for other programs; `population` many
creators at once; `library` the public face for Python; `web` the record
over HTTP; `cli`, `group` and `console` the command line, `errors` in the language asked for.
In: a log, rulebooks, and what is asked.
Out: answers for people and for machines.
Imports: `ledger`, `projections.views`.

This room is inside and may change; programs use `replay.library`.
"""
