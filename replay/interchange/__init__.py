"""The record as other programs take it: statements for the DSA Transparency Database, OCEL, XES.

Here: `commands` export-as; `dsa` a row for each decision that restricts something, `words` the
mapping file that gives our words theirs, `mappings` the one that comes with the package; `ocel`
facts and what they are about as object-centric events, `xes` a trace for each creator; `steps` what
both tell of an event.
In: the replays of creators with their rulings, one after the other.
Out: lines of text, as they are ready.
Imports: `ledger`, `ledger.facts`, `ledger.exchange`, `projections.fold`, `projections.standing`,
`projections.explain`, `projections.views`, `replay.statement`.

This room is inside and may change; programs use `replay.library`.
"""
