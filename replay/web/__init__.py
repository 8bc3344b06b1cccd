"""The record in a browser, and for programs over HTTP: `serve`.

Nothing is ruled, worded or counted here: what is shown is what `replay.library` answers.

Here: `settings` what is served, to whom, within which limits; `ledgers` open ledgers, lent to one
request at a time; `following` the log as it grows; `standings` out of the read model; `together`
what many ask for at once; `jobs` what takes longer than an answer may; `stream` answers that go on;
`steps` a scenario in a URL; `app` the application, put together; `openapi` its description,
`schema` the frozen one; `server` its run, from start to end; `connection` one connection, with an
end to patience; `commands` the command line; `access` who may do what; `api` JSON for programs;
`page` pages for people.
In: HTTP requests.
Out: JSON, pages, and facts for the log.
Imports: `ledger`, `projections.readmodels`, `projections.readmodels.redis`, `projections.standing`,
`replay.library`, `replay.web.access`, `replay.web.api`, `replay.web.page`.

This room is inside and may change; programs use the API, whose shapes stay.
"""
