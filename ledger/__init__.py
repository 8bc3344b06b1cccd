"""What happened, and the law: it knows nothing of what either comes to.

Here: `facts` what can happen; `log` where it is kept; `seal` how it is signed and proved;
`exchange` how it comes and goes; `rulebook` the law as data; `errors` what goes wrong, with exit
codes; `files` how files are made, `database_file` those of SQLite; `urls` how a URL is shown,
`text` how text is. The folders `rulebooks` and `templates` are data.
In: lines of JSON, tables, TOML.
Out: envelopes in the order of the log, and rulebooks.
Imports: nothing of ours.

This room is inside and may change; programs use `replay.library`.
"""
