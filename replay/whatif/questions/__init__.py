"""What may be asked of one creator's record besides what a change would make of it.

Here: `orders` would another order have mattered, `legal_orders` which there are, `avoid` what would
have avoided it, `target` what that is, `afford` how much is left, `wrongful` what penalties cost
that were taken back, `figures` on which figures it hangs.
In: a `World`.
Out: answers as JSON. Never a fact.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook`, `projections.fold`, `projections.standing`,
`projections.explain`, `projections.views`, `replay.whatif`.

This room is inside and may change; programs use `replay.library`.
"""
