"""Pages for people: the blocks of other rooms, and what moves them.

Here: `words` in which language, and what it says; `shell` what stands around every page; `assets`
what a browser loads, from the folder `static`; `door` in and out; `home` where a visit begins;
`creator` one creator's history, and what would be; `suppose` one more step of a scenario, from a
form; `overview` everybody at a glance, and facts that are looked for; `due` what falls due, and
everybody by their ids; `rulebooks` the rules as prose, and their versions; `everybody` other rules
for all creators.
In: requests that have passed the gate.
Out: HTML.
Imports: `ledger`, `ledger.facts`, `ledger.rulebook.prose`, `projections.explain`,
`projections.standing`, `replay.drafts`, `replay.library`, `replay.pages`, `replay.picture`,
`replay.population.report`, `replay.web`, `replay.web.access`, `replay.whatif`.

This room is inside and may change.
"""
