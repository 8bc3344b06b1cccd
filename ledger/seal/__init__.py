"""Seals: a signed root over all facts, and proofs that can be checked without this program.

Here: `tree` the tree of RFC 9162; `note` keys and signatures; `seals` a directory of seals;
`offline` the verifier, one file that stands alone.
In: a log as it lies; a key.
Out: signed checkpoints, and proofs of facts.
Imports: `ledger`, `ledger.log`.

This room is inside and may change; programs use `replay.library`.
"""
