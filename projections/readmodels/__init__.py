"""Read models: what the record means now, kept in Redis, SQL or a stream of lines.

A read model is a cache of a replay. `rows` says what a creator's row is, `feed` which rows a page
of the log changes and what it publishes, `target` what a store must promise; `runner` carries a
target after the log. Rows and checkpoint change together or not at all.
"""
