"""Where facts are kept: appended once and for ever, one order over all of them.

Here: `port` what a store promises, and how one is opened by its URL; `page` what of a page is new;
`bulk` many facts at once, as they
lie; `bond` what binds a stored fact to its place; `verify` whether all are;
`pins` the hashes of rulebooks that ruled; `sqlite` and `postgres` the stores.
In: pages of envelopes.
Out: receipts; envelopes by creator or by position.
Imports: `ledger`, `ledger.facts`, `ledger.log.sqlite`, `ledger.log.postgres`.

This room is inside and may change; programs use `replay.library`.
"""
