"""Who may do what, and who read what.

Every route names the action that it is; whoever has no grant of it is refused. Until there are
tokens only this machine may ask, and does so as an administrator.

Here: `grants` the actions, the roles, and which has which; `principals` who asks; `tokens` the file
that keeps tokens, sessions and readings; `approvals` what two people have to want; `keys` requests
that are sent twice, each a `table` of its own; `gate` the check of one request; `guard` what every
request passes first: hosts, other sites, rates, times, headers; `problems` refusals as answers.
In: a request.
Out: who asks, or a refusal with its reason.
Imports: `ledger`, `replay.web`.

This room is inside and may change; programs use the API.
"""
