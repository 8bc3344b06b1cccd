"""A question about everybody: which rules, whom, and what all of them come to.

Here: `threads` answers it, `answer` folds group after group and adds up; `reforms` the rulebooks on
all sides, `sweep` those of figures at several values; `where` whom it is about, `people` they
themselves, out of the log, or of its `archive`, and `sample` what some of them say of all; `tally`
the sums; `view` all of it as JSON; `manifest` what it was made from; `check` both engines beside
each other; `shares` what one task comes to wherever it is worked on, `spark` the tasks over workers
of Apache Spark; `cases` what is asked of creators one by one.
In: a question to a log, a scenario of reforms, conditions.
Out: sums of each side, who moved, and one object of JSON.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.rulebook`, `projections.archive`,
`projections.explain`, `projections.fold`, `projections.standing`, `replay.population`,
`replay.whatif`, `replay.whatif.questions`.

This room is inside and may change; programs use `replay.library`.
"""
